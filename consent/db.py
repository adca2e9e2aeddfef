"""Set-based SQL over Django's own connection: server-side binding, prepared statements, binary COPY."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Row = tuple[Any, ...]
_KEPT = "_sayso_cursor"  # on Django's connection, so that it goes with its thread
_DEAD_AT_MOST = 10  # a little more than the pool holds
Params = Sequence[Any] | Mapping[str, Any]
Fetch = Callable[..., list[Row]]  # of a statement and its parameters


def raw_connection() -> "psycopg.Connection[Row]":
    """The driver's connection under Django's."""
    connection.ensure_connection()
    raw: psycopg.Connection[Row] = connection.connection
    return raw


def may_prepare(database: BaseDatabaseWrapper) -> bool:
    """Whether the connection is ours, so that what we prepare on it is there the next time."""
    return database.settings_dict["OPTIONS"].get("prepare_threshold") is not None


def fetch(sql: str, params: Params = ()) -> list[Row]:
    """Run one statement (prepared after its third use) and fetch its rows, in binary form."""
    with connection.wrap_database_errors:
        cursor = _cursor()
        cursor.execute(sql, params, binary=True)
        # Not `description`: it would build a description of every column, to be thrown away.
        return cursor.fetchall() if cursor.rownumber is not None else []


def _cursor() -> "psycopg.Cursor[Row]":
    """The connection's one cursor for `fetch`: a new one would learn anew how each type is written and read."""
    raw = raw_connection()
    kept: psycopg.Cursor[Row] | None = getattr(connection, _KEPT, None)
    if kept is None or kept.connection is not raw:
        kept = psycopg.Cursor(raw)
        setattr(connection, _KEPT, kept)
    return kept


def fetch_again(sql: str, params: Params = ()) -> list[Row]:
    """Like `fetch` for a statement that may safely run twice: a connection found dead is replaced by another.

    After a restart of the server every pooled connection is dead; without this each would cost somebody a 503. A server
    that is down raises at once, or when the pool has waited its time.
    """
    for _ in range(_DEAD_AT_MOST):
        raw = raw_connection()
        try:
            return fetch(sql, params)
        except OperationalError:
            if connection.in_atomic_block or not (raw.closed or raw.broken):
                raise
            connection.close()
    return fetch(sql, params)


def copy_rows(table: str, columns: Sequence[str], types: Sequence[str], rows: Iterable[Row]) -> None:
    """Append rows to a table by binary COPY. Names are ours, never a caller's."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    assert_in_transaction()
    with connection.wrap_database_errors, psycopg.Cursor(raw_connection()) as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def assert_in_transaction() -> None:
    """Raise unless a transaction is open: what belongs together must not be committed apart."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("this must run inside a transaction")
