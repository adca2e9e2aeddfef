"""People as a controller knows them: their addresses, by time, and where they moved."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from consent import vault
from consent.addresses import Contact
from consent.models import ContactPeriod, ContactPoint, Move, Person
from consent.normalise.keys import Key
from consent.resolve import NAME_PURPOSE
from consent.story import addresses_of, contact_of_point

MAX_ADDRESSES = 100
_MAX_MERGES = 50


class Address(NamedTuple):
    """An address of a person for a time. Of one that was erased only the key is known."""

    channel: str
    contact: Contact
    erased: bool
    since: datetime
    until: datetime | None

    @property
    def key(self) -> Key:
        return self.contact.said[0]


class Moved(NamedTuple):
    """A way that denials take, for people to read. Addresses are None where they were erased."""

    channel: str
    kind: str
    old: str | None
    new: str | None
    old_key: Key
    new_key: Key
    moved_on: date | None
    left_at: datetime
    inbound_id: UUID


def find_person(controller_id: int, external_id: str) -> Person | None:
    """The person of that id; of one that turned out to be another one, that other one."""
    if not external_id or "\0" in external_id:
        return None
    found = Person.objects.filter(controller_id=controller_id, external_id=external_id).first()
    for _ in range(_MAX_MERGES):
        if found is None or found.merged_into_id is None:
            break
        found = Person.objects.filter(pk=found.merged_into_id, controller_id=controller_id).first()
    return found


def name_of(person: Person) -> str:
    """The person's name; "" where none is kept."""
    return vault.unseal(NAME_PURPOSE, person.sealed_name).decode() if person.sealed_name else ""


def known_name(controller_id: int, external_id: str) -> str:
    """The name of a person, if we know them; else ""."""
    person = find_person(controller_id, external_id)
    return name_of(person) if person else ""


def addresses(person_id: UUID, channel: str = "", *, former: bool = True) -> list[Address]:
    """The addresses of a person, the present ones first, the newest of each first. At most `MAX_ADDRESSES`."""
    periods = ContactPeriod.objects.filter(person_id=person_id).select_related("contact_point")
    if channel:
        periods = periods.filter(contact_point__channel=channel)
    if not former:
        periods = periods.filter(until=None)
    ordered = periods.order_by("-until", "-since", "pk")  # NULL, the present, is the greatest
    return [_address(period.contact_point, period) for period in ordered[:MAX_ADDRESSES]]


def contact_points(controller_id: int, external_id: str, channel: str) -> list[Address]:
    """The present addresses of a person on a channel; none of one whom we do not know."""
    person = find_person(controller_id, external_id)
    return addresses(person.pk, channel, former=False) if person else []


def _address(point: ContactPoint, period: ContactPeriod) -> Address:
    key = Key(point.key)
    found = contact_of_point(point)
    erased = Contact(point.channel, "", (key,), (key,))
    return Address(point.channel, found or erased, found is None, period.since, period.until)


def moves_of(controller_id: int, keys: list[Key]) -> list[Moved]:
    """The ways between these keys and others, the newest first. The way back of a move is not named beside it."""
    ways = Move.objects.filter(controller_id=controller_id).exclude(kind="back")
    rows = list((ways.filter(old_key__in=keys) | ways.filter(new_key__in=keys)).order_by("-id")[:MAX_ADDRESSES])
    known = addresses_of([Key(key) for row in rows for key in (row.old_key, row.new_key)])
    return [
        Moved(
            row.channel,
            row.get_kind_display(),
            known.get(bytes(row.old_key)),
            known.get(bytes(row.new_key)),
            Key(row.old_key),
            Key(row.new_key),
            row.moved_on,
            row.left_at,
            row.inbound_id,
        )
        for row in rows
    ]
