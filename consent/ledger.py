"""record(): the only writer of the ledger, and of the suppressions and permissions that follow from it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from consent import changing, db, following
from consent.configuration import Scope
from consent.models.fields import public_id
from consent.normalise.keys import Key
from consent.suppression import PERMISSION_COLUMNS, SUPPRESSION_COLUMNS, Line, State, as_rows, derive


class Entry(NamedTuple):
    """A word to be recorded. `notice` is (id, slug, version); `digest` the SHA-256 of the evidence."""

    inbound_id: UUID
    ordinal: int
    key: bytes
    channel: str
    scope: Scope
    action: str
    source: str
    digest: bytes
    occurred_at: datetime
    cause: str = ""
    basis: str = ""
    sender: str = ""
    actor: str = ""
    expires_at: datetime | None = None
    notice: tuple[int, str, int] | None = None
    undoes: UUID | None = None
    sender_only: bool = False
    stamped_at: datetime | None = None
    received_at: datetime | None = None
    carried_from: UUID | None = None
    confirms: UUID | None = None


_EVENT_COLUMNS = {
    "id": "uuid",
    "seq": "int8",
    "inbound_id": "uuid",
    "ordinal": "int2",
    "key": "uuid",
    "channel": "varchar",
    "controller_id": "int8",
    "topic_id": "int8",
    "action": "varchar",
    "cause": "varchar",
    "basis": "varchar",
    "sender": "varchar",
    "source": "varchar",
    "actor": "varchar",
    "digest": "bytea",
    "notice_id": "int8",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "expires_at": "timestamptz",
    "undoes": "uuid",
    "sender_only": "bool",
    "stamped_at": "timestamptz",
    "received_at": "timestamptz",
    "carried_from": "uuid",
    "confirms": "uuid",
}
_STATE_TYPES = ("uuid", "int8", "int8", "timestamptz", "timestamptz", "uuid", "text")
_SUPPRESSION_TYPES = (*_STATE_TYPES, "varchar", "varchar", "bool")
_PERMISSION_TYPES = (*_STATE_TYPES, "bool", "bool", "int4", "varchar")

LINES = """
    SELECT e.id, uuid_send(e.key), e.controller_id, e.topic_id, e.action, e.cause, e.basis, e.sender, e.source,
           e.occurred_at, e.expires_at, n.slug, n.version, e.inbound_id, e.undoes, e.sender_only, e.stamped_at,
           e.received_at, e.channel
    FROM consent_consentevent e LEFT JOIN consent_notice n ON n.id = e.notice_id
"""


def record(entries: Sequence[Entry]) -> list[UUID]:
    """Append the entries and bring suppressions and permissions up to date, in the caller's transaction.

    Return the ids of the new lines. The row lock on the ledger's head makes the caller the one writer until it
    commits: lines are numbered without gaps in the order in which they become visible, and two writers never derive
    one key at once. What denies at an address that somebody left is recorded for where they went too
    (consent/following.py), under that same lock, so that no move and no word can miss each other.
    """
    db.assert_in_transaction()
    if not entries:
        return []
    [[last]] = db.fetch("UPDATE consent_ledgerhead SET seq = seq + %s RETURNING seq", [len(entries)])
    first, now = last - len(entries) + 1, timezone.now()
    ids = [public_id() for _ in entries]
    carried = following.copies(ids, entries)
    if carried:
        db.fetch("UPDATE consent_ledgerhead SET seq = seq + %s", [len(carried)])
        ids, entries = [*ids, *(public_id() for _ in carried)], [*entries, *carried]
    rows = [
        _row(new_id, first + place, now, entry) for place, (new_id, entry) in enumerate(zip(ids, entries, strict=True))
    ]
    db.copy_rows("consent_consentevent", tuple(_EVENT_COLUMNS), tuple(_EVENT_COLUMNS.values()), rows)
    _bring_up_to_date([_line(new_id, entry) for new_id, entry in zip(ids, entries, strict=True)], first, now)
    return ids


def _row(new_id: UUID, seq: int, now: datetime, entry: Entry) -> tuple[Any, ...]:
    notice_id = entry.notice[0] if entry.notice else None
    said = (entry.action, entry.cause, entry.basis, entry.sender, entry.source, entry.actor, entry.digest, notice_id)
    place = (entry.inbound_id, entry.ordinal, entry.key, entry.channel, *entry.scope)
    when = (entry.occurred_at, now, entry.expires_at)
    rest = (entry.undoes, entry.sender_only, entry.stamped_at, entry.received_at, entry.carried_from, entry.confirms)
    return (new_id, seq, *place, *said, *when, *rest)


def _line(new_id: UUID, entry: Entry) -> Line:
    said = (entry.action, entry.cause, entry.basis, entry.sender, entry.source, entry.occurred_at, entry.expires_at)
    notice = entry.notice[1:] if entry.notice else None
    rest = (entry.inbound_id, entry.undoes, entry.sender_only, entry.stamped_at, entry.received_at, entry.channel)
    return Line._make((new_id, entry.key, entry.scope, *said, notice, *rest))


def as_lines(entries: Sequence[Entry]) -> list[Line]:
    """The lines that these entries would become, for asking `derive` what they would change."""
    return [_line(public_id(), entry) for entry in entries]


def _bring_up_to_date(new: list[Line], before: int, now: datetime) -> None:
    keys = list({line.key for line in new})
    earlier = lines_of(keys, before=before)
    known = list({line.key for line in earlier})
    suppressions, permissions = as_rows(derive([*earlier, *new]))
    changes = [
        *changing.of_denials(_taken_away(_DENIALS_GONE, known), suppressions),
        *changing.of_grants(_taken_away(_GRANTS_GONE, known), permissions),
    ]
    _write(suppressions, permissions)
    changing.write(changes, now)


_DENIALS_GONE = changing.deleting("consent_suppression", SUPPRESSION_COLUMNS)
_GRANTS_GONE = changing.deleting("consent_permission", PERMISSION_COLUMNS)


def _taken_away(sql: str, keys: Sequence[bytes]) -> list[db.Row]:
    return db.fetch(sql, [keys]) if keys else []


def write_state(state: State) -> None:
    """Add the rows of a derived state."""
    _write(*as_rows(state))


def _write(suppressions: Sequence[db.Row], permissions: Sequence[db.Row]) -> None:
    if suppressions:
        db.copy_rows("consent_suppression", SUPPRESSION_COLUMNS, _SUPPRESSION_TYPES, suppressions)
    if permissions:
        db.copy_rows("consent_permission", PERMISSION_COLUMNS, _PERMISSION_TYPES, permissions)


def lines_of(keys: Sequence[bytes], *, before: int | None = None, at: datetime | None = None) -> list[Line]:
    """The lines of some keys: all, those before a sequence number, or those that had happened at a moment.

    What was carried to a key bears the time at which it was said elsewhere; here it had not happened before that the
    move was told.
    """
    sql, params = LINES + " WHERE e.key = ANY(%s)", [list(keys)]
    if before is not None:
        return read_lines(db.fetch(sql + " AND e.seq < %s", [*params, before]))
    if at is not None:
        return read_lines(db.fetch(sql + _HAD_HAPPENED, [*params, at, at]))
    return read_lines(db.fetch(sql, params))


_HAD_HAPPENED = """
    AND e.occurred_at <= %s AND (e.carried_from IS NULL OR EXISTS (
        SELECT FROM consent_inbound i WHERE i.id = e.inbound_id AND i.received_at <= %s
    ))
"""


def read_lines(rows: Iterable[tuple[Any, ...]]) -> list[Line]:
    """Lines from the columns of `LINES`."""
    return [_line_of(*row) for row in rows]


_SAID = 7  # columns of LINES from the action to the expiry; then the notice's two; then the others


def _line_of(new_id: UUID, key: bytes, controller_id: int | None, topic_id: int | None, *more: Any) -> Line:
    slug, version = more[_SAID : _SAID + 2]
    notice = (slug, version) if slug else None
    place = (new_id, Key(key), Scope(controller_id, topic_id))
    return Line._make((*place, *more[:_SAID], notice, *more[_SAID + 2 :]))
