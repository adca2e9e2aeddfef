"""Set-based SQL over Django's own connection: server-side binding, prepared statements, binary COPY."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction

Row = tuple[Any, ...]
Params = Sequence[Any] | Mapping[str, Any]


def raw_connection() -> "psycopg.Connection[Row]":
    """The driver's connection under Django's."""
    connection.ensure_connection()
    raw: psycopg.Connection[Row] = connection.connection
    return raw


def fetch(sql: str, params: Params = ()) -> list[Row]:
    """Run one statement (prepared after its third use) and fetch its rows, in binary form."""
    with connection.wrap_database_errors, psycopg.Cursor(raw_connection()) as cursor:
        cursor.execute(sql, params, binary=True)
        return cursor.fetchall() if cursor.description else []


def fetch_once_more(sql: str, params: Params = ()) -> list[Row]:
    """Like `fetch` for a statement that may safely run twice: a connection lost meanwhile is replaced once.

    After a restart of the server each pooled connection is dead; without this each would cost somebody a 503.
    """
    try:
        return fetch(sql, params)
    except OperationalError:
        if connection.in_atomic_block or not _is_lost():
            raise
        connection.close()
        return fetch(sql, params)


def _is_lost() -> bool:
    raw = connection.connection
    return raw is None or raw.closed or raw.broken


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
