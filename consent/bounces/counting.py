"""Counting failures towards the policy, in the transaction that settles what told of them.

What counts stands in a small table beside the ledger; when the policy is met a line of the ledger says so and the count
is forgotten. A sign of life forgets the failures before it, and a delivery lifts a hard bounce.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.utils import timezone

from consent import db
from consent.bounces.policy import Day, is_met, kept_for
from consent.configuration import Scope
from consent.decision import Alive, Arrived, Bounced, Decision
from consent.ledger import Entry
from consent.models.vocabulary import Action, Cause
from consent.normalise.keys import Key

Made = Sequence[tuple[Arrived, Decision]]
Address = tuple[bytes, int]  # key and controller


class _Sign(NamedTuple):
    arrived: Arrived
    decision: Decision
    told: Bounced | Alive

    @property
    def address(self) -> Address:
        return (self.told.key, self.arrived.controller_id)


def settle(made: Made) -> list[Entry]:
    """Count what failed and forget what lives. Return what is to be recorded: addresses now dead, bounces lifted."""
    failed = [_Sign(arrived, one, told) for arrived, one in made for told in one.bounced]
    alive = [_Sign(arrived, one, told) for arrived, one in made for told in one.alive]
    forgets = bool(alive) and (bool(failed) or _is_any_counted(alive))
    if failed or forgets:
        # The ledger's one writer counts: two that count one address at once would miss each other's, or wait for ever.
        db.fetch("SELECT seq FROM consent_ledgerhead FOR UPDATE")
    if failed:
        _count(failed)
        _drop_aged()
    if forgets:
        _forget(alive)
    return list(_numbered([*_dead(failed), *_lifted(alive, made)]))


def _is_any_counted(alive: list[_Sign]) -> bool:
    """Deliveries are many, and most of them forget nothing."""
    keys = list({sign.told.key for sign in alive})
    [[found]] = db.fetch("SELECT EXISTS (SELECT 1 FROM consent_countedbounce WHERE key = ANY(%s))", [keys])
    return bool(found)


def _numbered(told: Iterable[tuple[_Sign, dict[str, Any]]]) -> Iterable[Entry]:
    """Entries of an inbound beside those that its decision has already."""
    places: dict[Any, int] = {}
    for sign, said in told:
        place = places.get(sign.arrived.id, len(sign.decision.entries))
        places[sign.arrived.id] = place + 1
        said |= {"channel": "email", "cause": Cause.HARD_BOUNCE, "occurred_at": sign.told.at}
        yield sign.arrived.entry(place, sign.told.key, **said)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


_COUNT = """
INSERT INTO consent_countedbounce AS c (key, controller_id, day, proved, times, last_at)
SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::date[], %b::bool[], %b::bigint[], %b::timestamptz[])
ON CONFLICT (key, controller_id, day, proved)
DO UPDATE SET times = c.times + EXCLUDED.times, last_at = greatest(c.last_at, EXCLUDED.last_at)
"""


def _count(failed: list[_Sign]) -> None:
    rows: dict[tuple[bytes, int, date, bool], list[datetime]] = {}
    for sign in failed:
        told = sign.told
        if isinstance(told, Bounced):
            rows.setdefault((told.key, sign.arrived.controller_id, _day(told.at), told.proved), []).append(told.at)
    columns = zip(*((*row, len(times), max(times)) for row, times in sorted(rows.items())), strict=True)
    db.fetch(_COUNT, [list(column) for column in columns])


_DROP_AGED = """
DELETE FROM consent_countedbounce WHERE id IN (SELECT id FROM consent_countedbounce ORDER BY id LIMIT 500) AND day < %s
"""


def _drop_aged() -> None:
    """Drop what can no longer matter, a few of the oldest rows at a time: anybody can write reports of anybody."""
    today = _day(timezone.now())
    db.fetch(_DROP_AGED, [today - kept_for(today)])


_FORGET = """
DELETE FROM consent_countedbounce c USING unnest(%b::uuid[], %b::bigint[], %b::timestamptz[]) AS a (key, controller, at)
WHERE c.key = a.key AND c.controller_id = a.controller AND c.last_at < a.at
"""


def _forget(alive: list[_Sign]) -> None:
    latest: dict[Address, datetime] = {}
    for sign in alive:
        latest[sign.address] = max(sign.told.at, latest.get(sign.address, sign.told.at))
    columns = zip(*((*address, at) for address, at in sorted(latest.items())), strict=True)
    db.fetch(_FORGET, [list(column) for column in columns])


_COUNTED = """
SELECT uuid_send(key), controller_id, last_at, day, proved, times FROM consent_countedbounce WHERE key = ANY(%s)
ORDER BY day DESC LIMIT 100000
"""


def _dead(failed: list[_Sign]) -> Iterable[tuple[_Sign, dict[str, Any]]]:
    """The addresses for which the policy is now met, since the last of their failures: reports come out of order."""
    if not failed:
        return
    counted: dict[Address, list[tuple[datetime, Day]]] = {}
    for key, controller_id, last_at, *day in db.fetch(_COUNTED, [[sign.told.key for sign in failed]]):
        counted.setdefault((bytes(key), controller_id), []).append((last_at, Day(*day)))
    by_address = {(bytes(sign.told.key), sign.arrived.controller_id): sign for sign in failed}
    for address, days in counted.items():
        sign, last = by_address.get(address), max(last_at for last_at, _ in days)
        if sign is not None and is_met([day for _, day in days], _day(last)):
            _clear(address)
            told = sign._replace(told=sign.told._replace(at=last))
            yield told, {"action": Action.INVALIDATE, "scope": Scope(sign.arrived.controller_id, None)}


def _clear(address: Address) -> None:
    db.fetch("DELETE FROM consent_countedbounce WHERE key = %s AND controller_id = %s", [Key(address[0]), address[1]])


_SUPPRESSED = """
SELECT uuid_send(key), controller_id, topic_id, since FROM consent_suppression
WHERE key = ANY(%s) AND cause = 'hard_bounce' AND controller_id IS NOT NULL
"""


def _lifted(alive: list[_Sign], made: Made) -> Iterable[tuple[_Sign, dict[str, Any]]]:
    """The hard bounces that a later delivery to the same address lifts, within its controller alone."""
    delivered = {sign.address: sign for sign in sorted(alive, key=lambda one: one.told.at) if _delivers(sign)}
    if not delivered:
        return
    rows = db.fetch(_SUPPRESSED, [[Key(key) for key, _ in delivered]])
    standing = {(bytes(key), Scope(*scope)): since for key, *scope, since in rows}
    for entry in (entry for _, decision in made for entry in decision.entries):
        if (entry.cause, entry.action) == (Cause.HARD_BOUNCE, Action.INVALIDATE):
            standing.setdefault((bytes(entry.key), entry.scope), entry.occurred_at)
    for (key, scope), since in standing.items():
        sign = delivered.get((key, scope.controller_id or 0))
        if sign is not None and since < sign.told.at:
            yield sign, {"action": Action.LIFT, "scope": scope}


def _delivers(sign: _Sign) -> bool:
    return isinstance(sign.told, Alive) and sign.told.delivered
