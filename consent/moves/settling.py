"""What a change of address comes to: whose address is whose, and what is denied where.

In the transaction that settles it: first the people's rows, as for any other inbound; then, under the ledger's lock,
the ways and what is carried on them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from consent import db, following, ledger
from consent.addresses import Contact, name_in, with_name
from consent.configuration import Scope
from consent.decision import Arrived, Merged, Moved
from consent.ledger import Entry
from consent.models.vocabulary import Action
from consent.moves.merge import merged_links
from consent.moves.people import addresses, find_person
from consent.moving import MAX_ALIKE, MAX_LINKS, Link, travels
from consent.normalise.keys import Key
from consent.resolve import Made, begin_period, person_id_of
from consent.suppression import Line, derive, living_denials


class TooManyMoves(Exception):
    """One address leads to more others than any person has. It is set aside, and what it names stays held."""


class Way(NamedTuple):
    """A link with the inbound that told of it. `left_at`: since when the old address is no longer used."""

    arrived: Arrived
    link: Link
    left_at: datetime
    moved_on: date | None


class Left(NamedTuple):
    """An address that somebody left for good."""

    arrived: Arrived
    channel: str
    key: Key
    at: datetime


class Settled(NamedTuple):
    """What the changes of one transaction open and end."""

    ways: list[Way]
    left: list[Left]


def move_people(made: Made) -> Settled:
    """Give people their new addresses, in the order in which the changes came."""
    settled = Settled([], [])
    for arrived, decision in made:
        for moved in decision.moves:
            _move(arrived, moved, settled)
        for merged in decision.merges:
            _merge(arrived, merged, settled)
    return settled


def _move(arrived: Arrived, moved: Moved, settled: Settled) -> None:
    move, read = moved.move, moved.read
    at = move.left_at(arrived.received_at)
    people = _movers(arrived.controller_id, moved)
    olds = [read.old] if read.old else _present(people, move.channel, read.new)
    for old in olds:
        whole = read if read.old else read._replace(new=_named_like(read.new, old))
        links = whole.links(move, arrived.received_at, old)
        settled.ways.extend(Way(arrived, link, at, move.moved_on) for link in links)
        if not move.temporary:
            settled.left.append(Left(arrived, move.channel, old.said[0], at))
            _end_periods(people, old.said[0], at, arrived.received_at, known=bool(move.external_id))
    if read.new:
        for person_id in people:
            begin_period(person_id, read.new.said[0], at)


def _named_like(new: Contact | None, old: Contact) -> Contact | None:
    if new is None or new.channel != "post" or name_in(new) or not name_in(old):
        return new
    return with_name(new, name_in(old))


def _movers(controller_id: int, moved: Moved) -> list[UUID]:
    """The person named, else whoever the controller says lives there."""
    move, old = moved.move, moved.read.old
    if move.external_id:
        return [person_id_of(controller_id, move.external_id, move.name)]
    sql = """
        SELECT DISTINCT person.id FROM consent_contactperiod period
        JOIN consent_person person ON person.id = period.person_id
        WHERE period.contact_point_id = %s AND period.until IS NULL AND person.controller_id = %s ORDER BY 1
    """
    return [row[0] for row in db.fetch(sql, [old.said[0], controller_id])] if old else []


def _present(people: Sequence[UUID], channel: str, new: Contact | None) -> list[Contact]:
    """Where they are until now, but for the new address itself."""
    here = new.said[0] if new else None
    found = [one.contact for person in people for one in addresses(person, channel, former=False)]
    return [one for one in found if one.said[0] != here]


def _end_periods(people: Sequence[UUID], key: Key, at: datetime, told_at: datetime, *, known: bool) -> None:
    ended = """
        UPDATE consent_contactperiod SET until = GREATEST(since, %s)
        WHERE person_id = ANY(%s) AND contact_point_id = %s AND until IS NULL AND since <= %s
    """
    db.fetch(ended, [at, list(people), key, told_at])
    if known:  # that it was theirs we may hear only now
        once = """
            INSERT INTO consent_contactperiod (person_id, contact_point_id, since, until)
            SELECT person_id, %s, %s, %s FROM unnest(%s::uuid[]) AS p (person_id)
            WHERE NOT EXISTS (SELECT FROM consent_contactperiod o
                              WHERE o.person_id = p.person_id AND o.contact_point_id = %s)
        """
        db.fetch(once, [key, at, at, list(people), key])


def _merge(arrived: Arrived, merged: Merged, settled: Settled) -> None:
    one = find_person(arrived.controller_id, merged.external_id)
    other = find_person(arrived.controller_id, merged.into)
    if one is None or other is None or one.pk == other.pk:
        return
    for link in merged_links(addresses(one.pk), addresses(other.pk)):
        settled.ways.append(Way(arrived, link, arrived.received_at, None))
    for sql in _JOIN:
        db.fetch(sql, {"one": one.pk, "other": other.pk})


_JOIN = (
    """
    UPDATE consent_contactperiod kept SET since = LEAST(kept.since, gone.since)
    FROM consent_contactperiod gone
    WHERE kept.person_id = %(other)s AND gone.person_id = %(one)s AND kept.contact_point_id = gone.contact_point_id
          AND kept.until IS NULL AND gone.until IS NULL
    """,
    """
    DELETE FROM consent_contactperiod gone USING consent_contactperiod kept
    WHERE kept.person_id = %(other)s AND gone.person_id = %(one)s AND kept.contact_point_id = gone.contact_point_id
          AND kept.until IS NULL AND gone.until IS NULL
    """,
    "UPDATE consent_contactperiod SET person_id = %(other)s WHERE person_id = %(one)s",
    """
    UPDATE consent_person other SET sealed_name = COALESCE(other.sealed_name, one.sealed_name)
    FROM consent_person one WHERE other.id = %(other)s AND one.id = %(one)s
    """,
    "UPDATE consent_person SET merged_into_id = %(other)s WHERE id = %(one)s",
)


def carry(settled: Settled, made: Made) -> None:
    """Open the ways, and record what is carried on them and what ends. To be called when all else was recorded."""
    doubted = [key for _, decision in made for doubt in decision.doubts for key in doubt.keys]
    gone = [one.key for _, decision in made for one in decision.disconnected]
    if not (settled.ways or settled.left or doubted or gone):
        return
    db.fetch("SELECT seq FROM consent_ledgerhead FOR UPDATE")
    _open(settled.ways)
    ledger.record(_entries(settled))
    olds = [way.link.old for way in settled.ways]
    following.end_with_numbers([*gone, *(way.link.old for way in settled.ways if way.link.channel == "sms")])
    following.hold_along([*olds, *doubted])


_OPEN = """
INSERT INTO consent_move (controller_id, channel, old_key, new_key, kind, left_at, moved_on, until, inbound_id)
SELECT DISTINCT ON (old_key, new_key, controller_id) *
FROM unnest(%s::bigint[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::date[],
            %s::timestamptz[], %s::uuid[])
     AS w (controller_id, channel, old_key, new_key, kind, left_at, moved_on, until, inbound_id)
ORDER BY old_key, new_key, controller_id, until DESC NULLS FIRST
ON CONFLICT (old_key, new_key, controller_id) DO UPDATE
SET until = CASE WHEN consent_move.until IS NULL OR EXCLUDED.until IS NULL THEN NULL
                 ELSE GREATEST(consent_move.until, EXCLUDED.until) END,
    left_at = LEAST(consent_move.left_at, EXCLUDED.left_at)
"""


def _open(ways: Sequence[Way]) -> None:
    """A way that is told of again stays the one it was, and never ends earlier."""
    if not ways:
        return
    rows = [
        (
            way.arrived.controller_id,
            way.link.channel,
            way.link.old,
            way.link.new,
            str(way.link.kind),
            way.left_at,
            way.moved_on,
            way.link.until,
            way.arrived.id,
        )
        for way in ways
    ]
    db.fetch(_OPEN, [list(column) for column in zip(*rows, strict=True)])
    counted = """
        SELECT FROM consent_move WHERE old_key = ANY(%s) GROUP BY old_key, controller_id HAVING count(*) > %s LIMIT 1
    """
    if db.fetch(counted, [list({way.link.old for way in ways}), MAX_LINKS]):
        raise TooManyMoves


def _entries(settled: Settled) -> list[Entry]:
    keys = list({*(way.link.old for way in settled.ways), *(left.key for left in settled.left)})
    lines: dict[bytes, list[Line]] = {}
    for line in ledger.lines_of(keys):
        lines.setdefault(bytes(line.key), []).append(line)
    numbered: dict[UUID, int] = {}
    return [*_carried(settled.ways, lines, numbered), *_ended(settled.left, lines, numbered)]


def _carried(ways: Sequence[Way], lines: dict[bytes, list[Line]], numbered: dict[UUID, int]) -> list[Entry]:
    """What is denied at the old addresses, as lines of the new ones: as first said, and with the move as evidence."""
    going = [(way, line) for way in ways for line in _going(way, lines.get(bytes(way.link.old), []))]
    if not going:
        return []
    origins = _origins({line.id for _, line in going})
    there = following.known([way.link.new for way, _ in going], list(origins.values()))
    entries = []
    for way, line in going:
        place = (bytes(way.link.new), origins[line.id])
        if place not in there:
            there.add(place)
            entries.append(_entry(way, line, origins[line.id], numbered))
    return entries


def _going(way: Way, lines: Iterable[Line]) -> list[Line]:
    """The denials at the old address that go this way. Of very many the first and the last say the same."""
    controller_id, until = way.arrived.controller_id, way.link.until
    going = [
        line
        for line in living_denials(lines)
        if travels(line.action, line.cause)
        and line.scope.controller_id in (None, controller_id)
        and (until is None or line.occurred_at <= until)
    ]
    going.sort(key=lambda line: (line.occurred_at, line.id))
    return going if len(going) <= MAX_ALIKE else _first_and_last(going)


def _first_and_last(lines: list[Line]) -> list[Line]:
    alike: dict[tuple[Scope, str, str, bool], list[Line]] = {}
    for line in lines:
        alike.setdefault((line.scope, line.cause, line.sender, line.sender_only), []).append(line)
    return [line for some in alike.values() for line in dict.fromkeys([*some[:1], *some[-MAX_ALIKE:]])]


def _origins(ids: set[UUID]) -> dict[UUID, UUID]:
    """Which line each one repeats, if it was carried itself."""
    sql = "SELECT id, COALESCE(carried_from, id) FROM consent_consentevent WHERE id = ANY(%s)"
    return dict(db.fetch(sql, [list(ids)]))


def _entry(way: Way, line: Line, origin: UUID, numbered: dict[UUID, int]) -> Entry:
    own = Scope(way.arrived.controller_id, None)
    return way.arrived.entry(
        _next(numbered, way.arrived),
        way.link.new,
        channel=way.link.channel,
        scope=line.scope if line.scope.controller_id else own,
        action=line.action,
        cause=line.cause,
        sender=line.sender,
        sender_only=line.sender_only,
        source=line.source,
        occurred_at=line.occurred_at,
        stamped_at=line.stamped_at,
        received_at=line.received_at,
        expires_at=line.expires_at,
        carried_from=origin,
    )


def _ended(left: Sequence[Left], lines: dict[bytes, list[Line]], numbered: dict[UUID, int]) -> list[Entry]:
    """What was allowed at an address that somebody left is not the next one's: a line without a cause ends it, and
    denies nothing."""
    entries = []
    for one in left:
        own = Scope(one.arrived.controller_id, None)
        grants = derive(lines.get(bytes(one.key), [])).grants
        if any(own.contains(grant.scope) and grant.since <= one.at for grant in grants):
            said = {"channel": one.channel, "scope": own, "action": Action.EXPIRE, "occurred_at": one.at}
            entries.append(one.arrived.entry(_next(numbered, one.arrived), one.key, **said))
    return entries


def _next(numbered: dict[UUID, int], arrived: Arrived) -> int:
    numbered[arrived.id] = numbered.get(arrived.id, -1) + 1
    return numbered[arrived.id]
