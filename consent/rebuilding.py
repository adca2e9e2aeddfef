"""Derive every suppression and permission anew from the ledger, and compare or replace."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from consent import changing, db, ledger
from consent.normalise.keys import Key
from consent.suppression import PERMISSION_COLUMNS, SUPPRESSION_COLUMNS, Line, State, as_rows, derive

_PAGE = 10_000
Row = tuple[Any, ...]


class Difference(NamedTuple):
    """A row that the ledger demands and the table lacks, or the reverse, found by its key; no personal data."""

    table: str
    missing: bool
    key: bytes
    row: Row


def compare() -> Iterator[Difference]:
    """All differences between the ledger and the tables, in one snapshot of the database."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield from _differences("consent_suppression", SUPPRESSION_COLUMNS, 0)
        yield from _differences("consent_permission", PERMISSION_COLUMNS, 1)


def rebuild() -> int:
    """Replace both tables by what the ledger says, under the ledger's lock. Return the number of rows written."""
    with transaction.atomic():
        db.fetch("SELECT seq FROM consent_ledgerhead FOR UPDATE")
        _tell_of_differences()
        db.fetch("DELETE FROM consent_suppression")
        db.fetch("DELETE FROM consent_permission")
        written = 0
        for state in _states():
            ledger.write_state(state)
            written += len(state.denials) + len(state.grants)
        return written


def _tell_of_differences() -> None:
    """What a rebuild changes is a change like any other to who holds a copy (consent/changes.py)."""
    tables = (
        ("consent_suppression", SUPPRESSION_COLUMNS, 0, changing.of_denials),
        ("consent_permission", PERMISSION_COLUMNS, 1, changing.of_grants),
    )
    for table, columns, which, changes_of in tables:
        found = _differences(table, columns, which)
        while page := list(islice(found, _PAGE)):
            lost, made = ([one.row for one in page if one.missing is missing] for missing in (False, True))
            changing.write(list(changes_of(lost, made)), timezone.now())


def _differences(table: str, columns: tuple[str, ...], which: int) -> Iterator[Difference]:
    """Walk both sides key by key in the order of keys, as a merge: memory stays small however large the tables are."""
    demanded = _by_key(row for state in _states() for row in as_rows(state)[which])
    present = _by_key(_present(table, columns))
    for key, wanted, found in _merge(demanded, present):
        yield from (Difference(table, True, key, row) for row in (Counter(wanted) - Counter(found)).elements())
        yield from (Difference(table, False, key, row) for row in (Counter(found) - Counter(wanted)).elements())


def _by_key(rows: Iterable[Row]) -> Iterator[tuple[bytes, list[Row]]]:
    for key, group in groupby(rows, key=lambda row: bytes(row[0])):
        yield key, [(key, *row[1:]) for row in group]


def _merge(
    first: Iterator[tuple[bytes, list[Row]]], second: Iterator[tuple[bytes, list[Row]]]
) -> Iterator[tuple[bytes, list[Row], list[Row]]]:
    left, right = next(first, None), next(second, None)
    while left or right:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None  # noqa: S101  (one of the two is there)
            yield left[0], left[1], []
            left = next(first, None)
        elif left is None or right[0] < left[0]:
            yield right[0], [], right[1]
            right = next(second, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(first, None), next(second, None)


def _states() -> Iterator[State]:
    """The state of each key, in the order of keys."""
    for _, history in groupby(_lines(), key=lambda line: line.key):
        yield derive(history)


def _lines() -> Iterator[Line]:
    for page in _pages(
        ledger.LINES + " WHERE e.key > %s ORDER BY e.key LIMIT %s", ledger.LINES + " WHERE e.key = %s", 1
    ):
        yield from ledger.read_lines(page)


def _present(table: str, columns: tuple[str, ...]) -> Iterator[Row]:
    names = ", ".join("uuid_send(key)" if name == "key" else name for name in columns)
    select = f"SELECT {names} FROM {table}"  # noqa: S608  (names of ours)
    for page in _pages(select + " WHERE key > %s ORDER BY key LIMIT %s", select + " WHERE key = %s", 0):
        yield from page


def _pages(after: str, of_key: str, key_at: int) -> Iterator[list[Row]]:
    """Pages by key. A page's last key may be cut: it is read whole."""
    last = _first_page_key()
    while True:
        rows = db.fetch(after, [last, _PAGE])
        if not rows:
            return
        last = Key(rows[-1][key_at])
        yield [row for row in rows if bytes(row[key_at]) != last] + db.fetch(of_key, [last])


def _first_page_key() -> Key:
    return Key(bytes(16))
