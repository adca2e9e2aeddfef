"""Prepared statements sent to libpq without a detour, for the hot paths: the check's look-up and the inbox's insert.

A cursor's `execute` costs more than the query it sends. Here each parameter is laid out in PostgreSQL's binary form by
a function of its type, the statement is prepared once a connection, and what comes back is read by the driver's own
loaders.

A thread may have its statements answered elsewhere for a while: by a replica (consent/replica/).
"""

import re
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult

from consent import db
from consent.normalise.keys import DIGEST_BYTES

_KEPT = "_sayso_prepared"  # on Django's connection, so that it goes with its thread
_PLACE = re.compile(r"%\((\w+)\)s")


class Parameter(NamedTuple):
    """A type of parameter: PostgreSQL's number for it, and how a value other than None is laid out."""

    oid: int
    pack: Callable[[Any], bytes]


_types = psycopg.adapters.types
_UUID, _INT8 = _types["uuid"].oid, _types["int8"].oid
_LENGTH = struct.Struct(">i")
_NUMBER = struct.Struct(">q")
_NULL = _LENGTH.pack(-1)
_ARRAY = struct.Struct(">iiiii")  # dimensions, whether an item is NULL, type, items, first index
_EMPTY_ARRAY = struct.Struct(">iii")
_KEY_HEAD = _LENGTH.pack(DIGEST_BYTES)
_NUMBER_HEAD = _LENGTH.pack(_NUMBER.size)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _keys(keys: Sequence[bytes]) -> bytes:
    if not keys:
        return _EMPTY_ARRAY.pack(0, 0, _UUID)
    return _ARRAY.pack(1, 0, _UUID, len(keys), 1) + _KEY_HEAD + _KEY_HEAD.join(keys)


def _numbers(numbers: Sequence[int | None]) -> bytes:
    if not numbers:
        return _EMPTY_ARRAY.pack(0, 0, _INT8)
    items = [_NULL if number is None else _NUMBER_HEAD + _NUMBER.pack(number) for number in numbers]
    return _ARRAY.pack(1, None in numbers, _INT8, len(numbers), 1) + b"".join(items)


def _microseconds(at: datetime) -> bytes:
    since = at - _EPOCH
    return _NUMBER.pack((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def _bytes_of(value: UUID) -> bytes:
    return value.bytes


KEYS = Parameter(_types["uuid"].array_oid, _keys)
NUMBERS = Parameter(_types["int8"].array_oid, _numbers)
NUMBER = Parameter(_INT8, _NUMBER.pack)
IDENTIFIER = Parameter(_UUID, _bytes_of)
TEXT = Parameter(_types["text"].oid, str.encode)
BYTES = Parameter(_types["bytea"].oid, bytes)
TRUTH = Parameter(_types["bool"].oid, lambda value: b"\1" if value else b"\0")
MOMENT = Parameter(_types["timestamptz"].oid, _microseconds)


class Prepared:
    """What one connection of the driver has prepared."""

    def __init__(self, raw: "psycopg.Connection[db.Row]") -> None:
        self.raw = raw
        self.names: set[bytes] = set()
        self.reader = Transformer(raw)


Prepare = Callable[[bytes, bytes, Sequence[int]], PGresult]
Execute = Callable[[bytes, Sequence[Any], Sequence[int], int], PGresult]


class Statement:
    """One statement that may safely run twice. Its parameters are written `%(name)s`, as for the driver."""

    def __init__(self, name: str, sql: str, parameters: Mapping[str, Parameter]) -> None:
        self._name = name.encode()
        self._sql = sql
        places = {name: f"${place}" for place, name in enumerate(parameters, start=1)}
        self._libpq_sql = _PLACE.sub(lambda found: places[found[1]], sql).encode()
        self._packs = [(name, parameter.pack) for name, parameter in parameters.items()]
        self._oids = [parameter.oid for parameter in parameters.values()]
        self._formats = [Format.BINARY] * len(parameters)

    def fetch(self, values: Mapping[str, Any]) -> list[db.Row]:
        """The rows. Raises Django's database errors; a connection found dead is replaced, as by `db.fetch_again`."""
        answer = elsewhere.answer
        if answer is not None and (rows := answer(self, values)) is not None:
            return rows
        return self.fetch_here(values)

    def fetch_here(self, values: Mapping[str, Any]) -> list[db.Row]:
        """The rows from the primary, whatever else this thread reads from."""
        database = connections[DEFAULT_DB_ALIAS]  # once: each look-up of the thread's connection costs
        if database.in_atomic_block or not db.may_prepare(database):
            return db.fetch_again(self._sql, values)
        try:
            return self._fetch(database, values)
        except DatabaseError:
            if not db.raw_connection().closed:
                raise
            database.close()
            return db.fetch_again(self._sql, values)

    def _fetch(self, database: BaseDatabaseWrapper, values: Mapping[str, Any]) -> list[db.Row]:
        with database.wrap_database_errors:
            database.ensure_connection()
            raw = database.connection
            kept: Prepared | None = getattr(database, _KEPT, None)
            if kept is None or kept.raw is not raw:
                kept = Prepared(raw)
                setattr(database, _KEPT, kept)
            return self.fetch_by(kept, raw.pgconn.prepare, raw.pgconn.exec_prepared, values)

    def fetch_by(
        self, prepared: Prepared, prepare: Prepare, execute: Execute, values: Mapping[str, Any]
    ) -> list[db.Row]:
        """The rows, by a connection's ways to prepare and to execute. Raises the driver's errors."""
        packed: list[Any] = [None if (value := values[name]) is None else pack(value) for name, pack in self._packs]
        if self._name not in prepared.names:
            result = prepare(self._name, self._libpq_sql, self._oids)
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result)
            prepared.names.add(self._name)
        result = execute(self._name, packed, self._formats, Format.BINARY)
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
        prepared.reader.set_pgresult(result, format=Format.BINARY)
        rows: list[db.Row] = prepared.reader.load_rows(0, result.ntuples, tuple)
        return rows


class _Elsewhere(threading.local):
    """Who answers this thread's statements before the primary is asked; None as an answer leaves it to the primary."""

    answer: Callable[[Statement, Mapping[str, Any]], list[db.Row] | None] | None = None


elsewhere = _Elsewhere()
