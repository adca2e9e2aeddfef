"""Statements with one parameter, an array of keys: the check's look-up, sent to libpq without a detour.

A cursor's `execute` costs more than the query it sends. Here the array is laid out by hand and the statement prepared
once a connection; what comes back is read by the driver's own loaders.
"""

import struct
from collections.abc import Sequence

import psycopg
from django.db import DatabaseError, connection
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format

from consent import db
from consent.keys import UUID_OID
from consent.normalise.keys import DIGEST_BYTES

_UUID_ARRAY_OID = psycopg.adapters.types["uuid"].array_oid
_EMPTY_ARRAY = struct.pack(">iii", 0, 0, UUID_OID)
_ARRAY_HEAD = struct.Struct(">iiiii")
_ITEM_HEAD = struct.pack(">i", DIGEST_BYTES)
_KEPT = "_sayso_prepared"  # on Django's connection, so that it goes with its thread


def _array(keys: Sequence[bytes]) -> bytes:
    """PostgreSQL's binary form of a one-dimensional uuid[]."""
    if not keys:
        return _EMPTY_ARRAY
    return _ARRAY_HEAD.pack(1, 0, UUID_OID, len(keys), 1) + _ITEM_HEAD + _ITEM_HEAD.join(keys)


class _Prepared:
    """What one connection of the driver has prepared."""

    def __init__(self, raw: "psycopg.Connection[db.Row]") -> None:
        self.raw = raw
        self.names: set[bytes] = set()
        self.reader = Transformer(raw)


class KeyStatement:
    """A reading statement whose only parameter, written `%(keys)s`, is an array of keys."""

    def __init__(self, name: str, sql: str) -> None:
        self._name = name.encode()
        self._sql = sql
        self._libpq_sql = sql.replace("%(keys)s", "$1").encode()

    def fetch(self, keys: Sequence[bytes]) -> list[db.Row]:
        """The rows. Raises Django's database errors; a connection found dead is replaced, as by `db.fetch_again`."""
        if connection.in_atomic_block or not db.may_prepare():
            return db.fetch_again(self._sql, {"keys": keys})
        try:
            return self._fetch(keys)
        except DatabaseError:
            if not db.raw_connection().closed:
                raise
            connection.close()
            return db.fetch_again(self._sql, {"keys": keys})

    def _fetch(self, keys: Sequence[bytes]) -> list[db.Row]:
        with connection.wrap_database_errors:
            prepared = self._prepared()
            pgconn = prepared.raw.pgconn
            result = pgconn.exec_prepared(self._name, [_array(keys)], [Format.BINARY], Format.BINARY)
            if result.status != ExecStatus.TUPLES_OK:
                raise error_from_result(result)
            prepared.reader.set_pgresult(result, format=Format.BINARY)
            rows: list[db.Row] = prepared.reader.load_rows(0, result.ntuples, tuple)
            return rows

    def _prepared(self) -> _Prepared:
        raw = db.raw_connection()
        kept: _Prepared | None = getattr(connection, _KEPT, None)
        if kept is None or kept.raw is not raw:
            kept = _Prepared(raw)
            setattr(connection, _KEPT, kept)
        if self._name not in kept.names:
            result = raw.pgconn.prepare(self._name, self._libpq_sql, [_UUID_ARRAY_OID])
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result)
            kept.names.add(self._name)
        return kept
