"""Somebody moves: which denials go along, and from which key to which. Pure; docs/PEOPLE.md shows it as tables.

Suppression follows a person who moves (39 USC 3008: an order reaches the old address and the new one). Denials travel,
permissions never do: whatever is told here, and however wrong it is, it can only deny.
"""

from datetime import datetime
from typing import NamedTuple

from consent.addresses import Contact
from consent.models.move import MoveKind
from consent.models.vocabulary import Action, Cause
from consent.normalise.keys import Key

# What is true of an address and not of whoever used it. Every other cause, one that is not yet thought of too, travels.
STAYS = frozenset({Cause.HARD_BOUNCE.value})
# The most addresses to which the denials of one may go. Whoever moved so often is no person; it waits for staff.
MAX_LINKS = 200
# Of denials that say the same of one address, the first and the last of so many are carried.
MAX_ALIKE = 100

_DENIES = frozenset({Action.WITHDRAW.value, Action.OBJECT.value, Action.INVALIDATE.value})


class Link(NamedTuple):
    """A way from a key to a key. Words said after `until` do not take it."""

    channel: str
    old: Key
    new: Key
    kind: str
    until: datetime | None = None


def travels(action: str, cause: str) -> bool:
    """Whether a word goes along: it denies, and is about the person."""
    return action in _DENIES and bool(cause) and cause not in STAYS


def links_of(old: Contact, new: Contact, *, told_at: datetime, household: bool, both_ways: bool) -> list[Link]:
    """The ways from an old address to a new one of the same person, family or household.

    `household`: everybody moved. `both_ways`: both addresses are theirs now, whatever the channel.
    """
    if old.channel == "post":
        return _of_post(old, new, told_at, household)
    forth = Link(old.channel, old.said[0], new.said[0], MoveKind.MOVED)
    # A number that was given up is given to somebody else: what its former holder says later is not the new holder's.
    return [forth] if old.channel == "sms" and not both_ways else [forth, back(forth)]


def back(link: Link) -> Link:
    """The way back: mail to the old address is forwarded to the new one."""
    return link._replace(old=link.new, new=link.old, kind=MoveKind.BACK)


def _of_post(old: Contact, new: Contact, told_at: datetime, household: bool) -> list[Link]:
    """A person's own no goes with them and, as everywhere, closes the new home to mail that names nobody. What the old
    household refused before we heard of the move goes with the person; the new household did not move."""
    named = is_named(old) and is_named(new)
    links = []
    if named:
        forth = Link("post", old.said[0], new.said[0], MoveKind.MOVED)
        links = [forth, back(forth), *(forth._replace(new=key) for key in new.said[1:])]
        links.append(Link("post", home_of(old), new.said[0], MoveKind.HOUSEHOLD, told_at))
    if household or not named:
        links.append(Link("post", home_of(old), home_of(new), MoveKind.HOUSEHOLD, told_at))
    return links


def is_named(contact: Contact) -> bool:
    """Whether a postal contact is of a person rather than of a household."""
    return contact.asked[0] == contact.said[0] and len(contact.said) > 1


def home_of(contact: Contact) -> Key:
    """The household's key of a postal contact."""
    return contact.asked[1] if is_named(contact) else contact.asked[0]
