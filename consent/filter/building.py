"""Building the filter: who builds notes the watermark first, then reads the keys.

Every transaction before the watermark had ended when the keys are read, so what it added is read; what later ones add
stands in `consent_fresh`, written by triggers, until no filter needs it (adr/0012).
"""

import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
import uuid_utils.compat
from django.db import connection, transaction

from consent import db
from consent.filter import file
from consent.filter.blocks import Blocks, fill, size_for
from consent.filter.file import Broken, Filter
from consent.filter.turns import Begun, turn
from consent.normalise.keys import DIGEST_BYTES

LEAST_ROWS = 20_000  # fewer are found as quickly without a filter
MOST_FRESH = 20_000  # rows since a build, from which on it is built anew
KEPT_DAYS = 7  # a build that nobody renewed for so long belongs to a machine that is gone
_COPY_HEAD = 19  # bytes before the first row of a binary COPY: signature, flags, length of the extension
_ROW = np.dtype([("fields", ">i2"), ("length", ">i4"), ("key", f"V{DIGEST_BYTES}")])

_BEGIN = """
INSERT INTO consent_filter (id, place, watermark, xid, built_at)
VALUES (%s, %s, pg_snapshot_xmin(pg_current_snapshot()), pg_current_xact_id(), now())
RETURNING watermark::text::bigint
"""
_ROWS = """
SELECT sum(greatest(reltuples, 0))::bigint FROM pg_class
WHERE oid IN ('consent_suppression'::regclass, 'consent_permission'::regclass)
"""
_FRESH = "SELECT count(*) FROM (SELECT FROM consent_fresh WHERE xid >= %s::text::xid8 LIMIT %s) AS fresh"
_FORGET = """
WITH gone AS (
    DELETE FROM consent_fresh
    WHERE xid < (SELECT coalesce(min(watermark), pg_snapshot_xmin(pg_current_snapshot())) FROM consent_filter)
    RETURNING 1
)
SELECT count(*) FROM gone
"""


def keep_current(folder: Path, place: str) -> bool:
    """Build the filter of a machine anew where that is due. Tell whether it was. Raises `OSError` for a full disk."""
    if is_due(_known(folder)):
        with turn(folder) as begun:
            if is_due(_known(folder)):  # still: nobody else has built it meanwhile
                _build(folder, place, begun)
                return True
    forget()
    return False


def _known(folder: Path) -> Filter | None:
    try:
        return file.read(folder)
    except (OSError, Broken, ValueError):
        return None


def build(folder: Path, place: str) -> Filter:
    """Build the filter of a machine, whose name for people is `place`, and put it into its folder."""
    with turn(folder) as begun:
        return _build(folder, place, begun)


def _build(folder: Path, place: str, begun: Begun) -> Filter:
    new_id = uuid_utils.compat.uuid4()
    begun.note(new_id)
    [[watermark]] = db.fetch(_BEGIN, [new_id, place])
    made = Filter(new_id, watermark, _blocks("consent_suppression"), _blocks("consent_permission"))
    before = _known(folder)
    file.write(folder, made)
    # Never the row of a filter that lies in its place: of the builds that were begun in this folder only this one does.
    gone = {*begun.all(), *([before.build] if before else [])} - {new_id}
    db.fetch("DELETE FROM consent_filter WHERE id = ANY(%s)", [list(gone)])
    begun.keep_only(new_id)
    forget()
    return made


def forget() -> None:
    """Drop what no filter needs any more: the fresh rows that all of them contain, and filters of machines gone."""
    db.fetch("DELETE FROM consent_filter WHERE built_at < now() - make_interval(days => %s)", [KEPT_DAYS])
    [[gone]] = db.fetch(_FORGET)
    if gone >= MOST_FRESH and not connection.in_atomic_block:
        # After an import: each check of many would read through what a million of them left, until autovacuum comes.
        db.fetch("VACUUM (ANALYZE) consent_fresh")


def is_due(known: Filter | None) -> bool:
    """Whether a filter would help, and there is none that is still good."""
    if known is None or not is_valid(known.build):
        [[rows]] = db.fetch(_ROWS)
        return rows >= LEAST_ROWS or _is_large()
    [[fresh]] = db.fetch(_FRESH, [known.watermark, MOST_FRESH])
    return bool(fresh >= MOST_FRESH) or _is_old(known.build)


def _is_old(build_id: UUID) -> bool:
    """Whether it is to be renewed before it is taken for that of a machine that is gone."""
    sql = "SELECT FROM consent_filter WHERE id = %s AND built_at < now() - make_interval(days => %s)"
    return bool(db.fetch(sql, [build_id, KEPT_DAYS // 2]))


def _is_large() -> bool:
    """Where the tables were never analysed, their first rows are counted."""
    [[rows]] = db.fetch("SELECT count(*) FROM (SELECT FROM consent_suppression LIMIT %s) AS some", [LEAST_ROWS])
    return bool(rows >= LEAST_ROWS)


def is_valid(build_id: UUID) -> bool:
    """Whether the database knows a build, as its own: a row that a dump brought along has another xmin."""
    return bool(db.fetch("SELECT FROM consent_filter WHERE id = %s AND xmin = xid::xid", [build_id]))


def place_of(folder: Path) -> str:
    """The name of this machine's folder, among those of all machines."""
    return f"{socket.gethostname()}:{folder}"


def _blocks(table: str) -> Blocks:
    return fill(size_for(_count(table)), _keys(table))


def _count(table: str) -> int:
    with transaction.atomic():
        db.fetch("SET LOCAL statement_timeout = 0")  # of a hundred million rows it takes a while
        [[count]] = db.fetch(f"SELECT count(*) FROM {table}")  # noqa: S608  (names of ours)
    return int(count)


def _keys(table: str) -> Iterator[bytes]:
    """The keys of a table, page by page, by binary COPY: rows of one length, which are cut as an array."""
    statement = f"COPY (SELECT key FROM {table}) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    with transaction.atomic(), connection.wrap_database_errors:
        db.fetch("SET LOCAL statement_timeout = 0")
        with psycopg.Cursor(db.raw_connection()) as cursor, cursor.copy(statement) as copy:
            yield from _pages(copy)


def _pages(chunks: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    rest = bytearray()
    skip = _COPY_HEAD
    for chunk in chunks:
        rest += chunk
        if skip and len(rest) >= skip:
            del rest[:skip]
            skip = 0
        whole = 0 if skip else len(rest) // _ROW.itemsize
        if whole * _ROW.itemsize >= 1 << 22:
            yield _cut(rest, whole)
            del rest[: whole * _ROW.itemsize]
    yield _cut(rest, len(rest) // _ROW.itemsize)


def _cut(rows: bytearray, count: int) -> bytes:
    keys: bytes = np.frombuffer(bytes(rows[: count * _ROW.itemsize]), dtype=_ROW)["key"].tobytes()
    return keys
