"""The read door to changes: what became of suppressions and permissions since a place in their order.

A cursor is a change's number and a mark of what that change was. After an old backup was restored the same number comes
to stand for another change: such a cursor is refused, since what its holder has is not what we have.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from consent import db
from consent.prepared import NUMBER, TEXT, Statement

START = "0"
_WINDOW = 500_000  # numbers looked through at once for the few that a controller may have
_MARK_BYTES = 6
MOST_HELD = 5_000


class Lost(Exception):
    """A cursor that is none of ours, or that belongs to another history: its holder needs a new export."""


class Change(NamedTuple):
    """One change. A denial has a cause; a permission has none, and says whether it is confirmed."""

    seq: int
    kind: str
    key: bytes
    controller_id: int | None
    topic_id: int | None
    since: object
    until: object
    event_id: object
    channel: str
    cause: str
    sender: str
    sender_only: bool
    confirmed: bool | None
    notice_version: int | None
    notice_slug: str
    recorded_at: object


class Page(NamedTuple):
    """Changes in their order, as `Change`s in plain tuples; where to go on; whether there were no more."""

    changes: Sequence[db.Row]
    next: str
    is_end: bool


class Held(NamedTuple):
    """A denial by what is not yet worked off. Without a topic it is of all topics."""

    key: bytes
    topic_id: int | None


_COLUMNS = """seq, kind, uuid_send(key) AS key, controller_id, topic_id, since, until, event_id, channel, cause, sender,
       sender_only, confirmed, notice_version, notice_slug, recorded_at"""
_OURS = """(controller_id = %(controller)s OR controller_id IS NULL)
       AND (%(channel)s = '' OR channel = %(channel)s)"""
_SINCE = Statement(
    "sayso_changes",
    f"""
SELECT head.change_seq, change.* FROM consent_ledgerhead head LEFT JOIN LATERAL (
    SELECT {_OURS} AS is_ours, {_COLUMNS} FROM consent_change
    WHERE seq BETWEEN %(after)s AND LEAST(%(after)s + {_WINDOW}, head.change_seq)
          AND ({_OURS} OR seq = %(after)s OR seq = LEAST(%(after)s + {_WINDOW}, head.change_seq))
    ORDER BY seq LIMIT %(limit)s + 1
) change ON true
""",  # noqa: S608  (names of ours)
    {"controller": NUMBER, "channel": TEXT, "after": NUMBER, "limit": NUMBER},
)
_MARK = f"SELECT {_COLUMNS} FROM consent_change WHERE seq = %s"  # noqa: S608
_SIGNS = Statement(
    "sayso_signs",
    "SELECT change_seq, (SELECT max(id) FROM consent_hold), (SELECT count(*) FROM consent_hold) "
    "FROM consent_ledgerhead",
    {},
)
_HELD = f"""
SELECT uuid_send(key), topic_id FROM consent_hold
WHERE controller_id = %s OR controller_id IS NULL LIMIT {MOST_HELD + 1}
"""  # noqa: S608


def since(cursor: str, controller_id: int, channel: str = "", limit: int = 1_000) -> Page:
    """What changed after a cursor of what this controller may see. Raise `Lost`."""
    after, mark = _read(cursor)
    values = {"controller": controller_id, "channel": channel, "after": after, "limit": limit}
    rows = _SINCE.fetch(values)
    head, found = rows[0][0], [row[1:] for row in rows if row[1] is not None]
    if after > head or not (_is_from(after, mark, found) if after else not head or _is_complete()):
        raise Lost(cursor)
    later = found[1:] if after else found[:limit]
    if not later:
        return Page((), cursor, True)
    last = later[-1]
    ours = [row[1:] for row in later if row[0]]
    return Page(ours, cursor_of(last[1:]), last[1] == head)


def _is_from(after: int, mark: str, found: Sequence[db.Row]) -> bool:
    """Whether the first row is the very change that a cursor names."""
    return bool(found) and found[0][1] == after and _mark(found[0][1:]) == mark


def _is_complete() -> bool:
    """Whether nothing was removed from the beginning."""
    return bool(db.fetch("SELECT FROM consent_change WHERE seq = 1"))


def cursor_of(change: db.Row) -> str:
    """The cursor from which on everything after this change is read."""
    return f"{change[0]}-{_mark(change)}"


def position(fetch: db.Fetch = db.fetch) -> str:
    """The cursor of this very moment."""
    [[head]] = fetch("SELECT change_seq FROM consent_ledgerhead")
    if not head:
        return START
    [change] = fetch(_MARK, [head])
    return cursor_of(change)


def signs() -> db.Row:
    """What is another whenever there is something new to be read here: for somebody who waits for that."""
    [row] = _SIGNS.fetch({})
    return row


def held(controller_id: int, fetch: db.Fetch = db.fetch) -> list[Held] | None:
    """What is held for a controller now; None where it is too much to be told. Read it before the changes: what is
    settled meanwhile is then among these."""
    rows = fetch(_HELD, [controller_id])
    return None if len(rows) > MOST_HELD else [Held(bytes(key), topic_id) for key, topic_id in rows]


def _read(cursor: str) -> tuple[int, str]:
    number, _, mark = cursor.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Lost(cursor)
    return int(number), mark


def _mark(change: db.Row) -> str:
    said = repr((change[1], bytes(change[2]), change[3], change[4], str(change[7]), change[9], change[10]))
    return hashlib.blake2b(said.encode(), digest_size=_MARK_BYTES).hexdigest()
