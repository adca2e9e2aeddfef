"""Compare a gateway's opt-outs with ours, and take in what we lack. Nothing of ours is ever lifted by a list."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.utils import timezone

from consent import db, inbox
from consent.configuration import AccountEntry, Scope, Snapshot
from consent.inbox import Arrival, Envelope
from consent.lists.listed import Incomplete, Listed, Rows, Unreadable
from consent.lists.taken import evidence_of
from consent.models.vocabulary import Cause
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.numbers import our_number, person_contact
from consent.stopping import Reach, Told, reaches_of

SOURCE = "reconcile"
ACTOR = "command:reconcile_opt_outs"
BATCH = 1000
_PAGE = 20_000


class Outcome:
    """What came of reading one account's list."""

    def __init__(self) -> None:
        self.listed = 0
        self.known = 0
        self.taken = 0
        self.unreadable: list[Unreadable] = []
        self.incomplete = ""
        self.keys: set[Key] = set()


class _Read(NamedTuple):
    """A row whose numbers were read."""

    listed: Listed
    key: Key
    sender: str


def reconcile(
    rows: Rows,
    entry: AccountEntry,
    snapshot: Snapshot,
    *,
    dry_run: bool = False,
    progress: Callable[[Outcome], None] = lambda _: None,
) -> Outcome:
    """Go through a list in batches, each kept before the next one is read. With `dry_run` nothing is written.

    A list that breaks off is told by `incomplete`; what was read of it is taken in. Raises a database error.
    """
    outcome = Outcome()
    for batch in _batches(rows, outcome):
        _take(batch, entry, snapshot, outcome, dry_run)
        progress(outcome)
    return outcome


def _batches(rows: Rows, outcome: Outcome) -> Iterator[list[Listed | Unreadable]]:
    batch: list[Listed | Unreadable] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except Incomplete as error:
        outcome.incomplete = str(error)
    if batch:
        yield batch


def _take(
    batch: Sequence[Listed | Unreadable], entry: AccountEntry, snapshot: Snapshot, outcome: Outcome, dry_run: bool
) -> None:
    read = list(_readable(batch, entry, snapshot, outcome))
    outcome.listed += len(read)
    outcome.keys.update(row.key for row in read)
    known = _known(read, entry, snapshot)
    lacking = [row for row in read if not known(row)]
    if not dry_run:
        accepted = inbox.accept_many(_arrivals(lacking, entry)) if lacking else []
        taken = sum(not one.again for one in accepted)
    else:
        taken = len({(row.key, row.sender) for row in lacking})
    outcome.taken += taken
    outcome.known += len(read) - taken


def _readable(
    batch: Iterable[Listed | Unreadable], entry: AccountEntry, snapshot: Snapshot, outcome: Outcome
) -> Iterator[_Read]:
    for row in batch:
        if isinstance(row, Unreadable):
            outcome.unreadable.append(row)
            continue
        try:
            contact = person_contact(row.number, entry.region)
        except InvalidAddress as error:
            outcome.unreadable.append(Unreadable(row.place, f"the number: {error.detail}"))
            continue
        if ("sms", contact.normal) in snapshot.senders:
            why = "this is a number of our own: name the column of the persons' numbers with --column"
            outcome.unreadable.append(Unreadable(row.place, why))
            continue
        # A START lifts what was said to its own number: a list that names none may be of one number alone.
        sender = row.sender or entry.account.options.get("sender", "")
        whole = msgspec.structs.replace(row, sender=sender)
        yield _Read(whole, contact.said[0], our_number(sender) if sender else "")


_STOPS = """
SELECT uuid_send(key), controller_id, topic_id, sender, sender_only FROM consent_suppression
WHERE key = ANY(%s) AND cause = %s AND (controller_id IS NULL OR controller_id = %s)
"""


class _Stop(NamedTuple):
    """A STOP that stands."""

    scope: Scope
    sender: str
    sender_only: bool

    def covers(self, reach: Reach, sender: str) -> bool:
        """Whether it says all that a row would: to its number of ours, or to any where the list names none."""
        wide_enough = self.scope.contains(reach.scope) and (reach.sender_only or not self.sender_only)
        return wide_enough and sender in ("", self.sender)


def _known(read: Sequence[_Read], entry: AccountEntry, snapshot: Snapshot) -> Callable[[_Read], bool]:
    """Whether what a row says stands already, as far as the account lets a STOP reach."""
    standing: dict[bytes, list[_Stop]] = {}
    for key, controller_id, topic_id, *by in db.fetch(
        _STOPS, [[row.key for row in read], Cause.STOP.value, entry.controller_id]
    ):
        standing.setdefault(bytes(key), []).append(_Stop(Scope(controller_id, topic_id), *by))

    def known(row: _Read) -> bool:
        text = Told(entry.controller_id, entry.account.options, row.sender, timezone.now())
        stops = standing.get(row.key, ())
        return all(any(stop.covers(reach, row.sender) for stop in stops) for reach in reaches_of(snapshot, text))

    return known


_LAST_LINES = "SELECT uuid_send(key), max(seq) FROM consent_consentevent WHERE key = ANY(%s) GROUP BY key"


def _arrivals(lacking: Sequence[_Read], entry: AccountEntry) -> list[Arrival]:
    last = {bytes(key): seq for key, seq in db.fetch(_LAST_LINES, [[row.key for row in lacking]])}
    return [_arrival(row, entry, last.get(row.key, 0)) for row in lacking]


def _arrival(row: _Read, entry: AccountEntry, last: int) -> Arrival:
    account, at = entry.account, row.listed.occurred_at
    # Without a date the same row is a new word once the person said something since.
    when = at.isoformat() if at else f"after {last}"
    return Arrival(
        controller_id=entry.controller_id,
        source=f"{SOURCE}:{account.provider}",
        channel="sms",
        endpoint=account.endpoint,
        actor=ACTOR,
        envelope=Envelope(body=evidence_of(row.listed, entry.region)),
        holds=[(row.key, Scope(entry.controller_id, None))],
        same=(row.key.hex(), row.sender, when),
    )


_OURS = """
SELECT uuid_send(s.key), array_agg(e.source::text)
FROM consent_suppression s JOIN consent_consentevent e ON e.id = s.event_id
WHERE s.key > %s AND s.cause = %s AND s.since >= %s AND (s.controller_id IS NULL OR s.controller_id = %s)
GROUP BY s.key ORDER BY s.key LIMIT %s
"""


def ours_alone(provider: str, controller_id: int, listed: set[Key], since: datetime) -> int:
    """How many numbers we hold a STOP of, said since a moment and heard by that gateway, that its list has not."""
    sources, found, last = {f"sms:{provider}", f"{SOURCE}:{provider}"}, 0, Key(bytes(16))
    while True:
        rows = db.fetch(_OURS, [last, Cause.STOP.value, since, controller_id, _PAGE])
        found += sum(Key(key) not in listed and not sources.isdisjoint(heard) for key, heard in rows)
        if len(rows) < _PAGE:
            return found
        last = Key(rows[-1][0])
