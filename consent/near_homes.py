"""A letter about a home that we know only nearly: without its apartment, or with a slip of the pen.

What the letter says is recorded for the address that it gives. The homes that it may mean are held besides, until a
member of staff has looked.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from consent import db, neighbours
from consent.addresses import Contact, contact_of_person
from consent.near import Candidate, candidates_of
from consent.normalise.keys import Key
from consent.normalise.post import household_of
from consent.normalise.post_compare import same_home
from consent.normalise.post_model import Home
from consent.normalise.post_people import same_person

_HELD = 50  # homes at most; a house of more flats is for people to look up


class NearHomes(NamedTuple):
    """The keys of the homes that letters may mean, and whether each letter's person is known at just one of them, in
    the same house.
    """

    keys: tuple[Key, ...]
    is_likely: bool


def near_homes(contacts: Sequence[Contact]) -> NearHomes:
    """What known contact points these postal addresses may mean that match none of them."""
    found = [(contact, near) for contact in contacts if (near := _near(contact))]
    keys = dict.fromkeys(key for _, near in found for one in near[:_HELD] for key in _said(one))
    is_likely = all(len(near) == 1 and _is_but_for_unit(contact, near[0]) for contact, near in found)
    return NearHomes(tuple(keys), is_likely and bool(found))


def _near(contact: Contact) -> list[Candidate]:
    _, name = neighbours.home_of(contact)
    candidates = [pair for pair in candidates_of(contact) if same_person(pair[0].name, name) is not False]
    known = _known([one.key for one, _ in candidates])
    if any(verdict is True for one, verdict in candidates if one.key in known):
        return []
    return [one for one, _ in candidates if one.key in known]


def _known(keys: Sequence[Key]) -> set[bytes]:
    """Which of them are contact points: the letter itself is in the index already."""
    rows = db.fetch("SELECT uuid_send(key) FROM consent_contactpoint WHERE key = ANY(%s)", [list(keys)]) if keys else []
    return {bytes(key) for (key,) in rows}


def _said(one: Candidate) -> tuple[Key, ...]:
    return contact_of_person(household_of(one.home), one.name).said if one.home else (one.key,)


def _is_but_for_unit(contact: Contact, one: Candidate) -> bool:
    """Whether it is the same person in the same house, of which the letter does not name the apartment."""
    home, name = neighbours.home_of(contact)
    if one.home is None or home.street.units or not name or same_person(one.name, name) is not True or not one.name:
        return False
    return same_home(_in_unit(home, one.home.street.units), one.home) is True


def _in_unit(home: Home, units: tuple[str, ...]) -> Home:
    return msgspec.structs.replace(home, street=msgspec.structs.replace(home.street, units=units))
