"""Changes: what became of the suppressions and permissions, written with them, in one order without gaps.

Only the ledger and its rebuild write here, under the lock of the ledger's head: a number becomes visible after all
smaller ones, so that whoever reads on from a number misses nothing (adr/0013).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from consent import db
from consent.models.vocabulary import ChangeKind
from consent.suppression import PERMISSION_COLUMNS, SUPPRESSION_COLUMNS

_NO_GRANT = (None, None, "")  # a denial's confirmed, notice_version and notice_slug
_NO_DENIAL = ("", "", False)  # a permission's cause, sender and sender_only
_SHARED = 7  # columns that a suppression and a permission have in common, at the beginning

_COLUMNS = {
    "seq": "int8",
    "recorded_at": "timestamptz",
    "kind": "text",
    "key": "uuid",
    "controller_id": "int8",
    "topic_id": "int8",
    "since": "timestamptz",
    "until": "timestamptz",
    "event_id": "uuid",
    "channel": "text",
    "cause": "text",
    "sender": "text",
    "sender_only": "bool",
    "confirmed": "bool",
    "notice_version": "int8",
    "notice_slug": "text",
}


def deleting(table: str, columns: Iterable[str]) -> str:
    """The statement that deletes the rows of some keys and gives them back as `as_rows` makes them."""
    names = ", ".join("uuid_send(key)" if name == "key" else name for name in columns)
    return f"DELETE FROM {table} WHERE key = ANY(%s) RETURNING {names}"  # noqa: S608  (names of ours)


def of_denials(before: Iterable[db.Row], after: Iterable[db.Row]) -> Iterator[db.Row]:
    """What changed between the suppressions of some keys, given as `SUPPRESSION_COLUMNS`."""
    for row, is_there in _differences(before, after, _DENIAL_NAMES):
        kind = ChangeKind.SUPPRESSION_ADDED if is_there else ChangeKind.SUPPRESSION_LIFTED
        yield (kind.value, *row, *_NO_GRANT)


def of_grants(before: Iterable[db.Row], after: Iterable[db.Row]) -> Iterator[db.Row]:
    """The same between permissions, given as `PERMISSION_COLUMNS`. The wish for one is none yet."""
    for row, is_there in _differences(_given(before), _given(after), _GRANT_NAMES):
        kind = ChangeKind.CONSENT_GRANTED if is_there else ChangeKind.CONSENT_WITHDRAWN
        yield (kind.value, *row[:_SHARED], *_NO_DENIAL, *row[_SHARED:_REQUESTED], *row[_REQUESTED + 1 :])


def _given(permissions: Iterable[db.Row]) -> Iterator[db.Row]:
    return (row for row in permissions if not row[_REQUESTED])


_REQUESTED = PERMISSION_COLUMNS.index("requested")

# What names a row among those of its table: a row of the same name takes the place of the earlier one.
_DENIAL_NAMES = [SUPPRESSION_COLUMNS.index(name) for name in ("key", "controller_id", "topic_id", "cause", "sender")]
_GRANT_NAMES = [PERMISSION_COLUMNS.index(name) for name in ("key", "controller_id", "topic_id")]


def _differences(
    before: Iterable[db.Row], after: Iterable[db.Row], named_by: Sequence[int]
) -> Iterator[tuple[db.Row, bool]]:
    """The rows that went, and those that came or became others (True)."""
    old = {_name(row, named_by): row for row in before}
    for row in after:
        if old.pop(_name(row, named_by), None) != row:
            yield row, True
    for row in old.values():
        yield (bytes(row[0]), *row[1:]), False


def _name(row: db.Row, named_by: Sequence[int]) -> db.Row:
    return tuple(row[place] for place in named_by)


def write(changes: Sequence[db.Row], now: datetime) -> None:
    """Number and keep changes, in the caller's transaction, which holds the lock of the ledger's head."""
    if not changes:
        return
    [[last]] = db.fetch(
        "UPDATE consent_ledgerhead SET change_seq = change_seq + %s RETURNING change_seq", [len(changes)]
    )
    first = last - len(changes) + 1
    rows = [(seq, now, *change) for seq, change in enumerate(changes, start=first)]
    db.copy_rows("consent_change", tuple(_COLUMNS), tuple(_COLUMNS.values()), rows)
