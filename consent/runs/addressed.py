"""To whom the rows of a run are addressed, and who else may be meant by that: what a scrub and a recall ask about."""

import logging
from collections.abc import Iterable, Iterator, Sequence

from consent.addresses import Contact, contacts_of_many
from consent.near import NOBODY, Near, near_of
from consent.neighbours import form_keys, home_of
from consent.normalise.keys import Key
from consent.normalise.post_forms import asked_forms
from consent.runs.addressees import addresses_of
from consent.runs.columns import Places
from consent.runs.layout import Layout

logger = logging.getLogger(__name__)

Group = tuple[Contact, ...]  # all a row's addressees; empty where it has no address or cannot be read


def groups_of(rows: Sequence[Sequence[str]], layout: Layout, country: str) -> list[Group]:
    """The addressees of each row, given by its cells."""
    return groups_in(rows, layout.places, country)


def groups_in(rows: Sequence[Sequence[str]], places: Places, country: str) -> list[Group]:
    """The same, by the places of the columns."""
    written = [addresses_of(cells, places) if cells else [] for cells in rows]
    found = iter(_contacts([address for addresses in written for address in addresses], country))
    return [_whole([next(found) for _ in addresses]) for addresses in written]


def _whole(contacts: Sequence[Contact | None]) -> Group:
    known = tuple(contact for contact in contacts if contact)
    return known if len(known) == len(contacts) else ()


def _contacts(addresses: Sequence[dict[str, str]], country: str) -> list[Contact | None]:
    try:
        return contacts_of_many(addresses, country)
    except Exception as error:
        if len(addresses) == 1:
            logger.warning("an address could not be read: %s", type(error).__name__)
            return [None]
    # What one address does to the parser must not take its neighbours along.
    return [contact for address in addresses for contact in _contacts([address], country)]


def keys_of(group: Group) -> tuple[Key, ...]:
    """The keys that a check of a row looks up."""
    return tuple(dict.fromkeys(key for contact in group for key in contact.asked))


def forms_of(group: Group) -> list[Key]:
    """The loose forms by which a denial in another spelling finds a row later."""
    return form_keys(dict.fromkeys(form for contact in group for form in asked_forms(home_of(contact)[0])))


def near_of_groups(groups: Sequence[Group]) -> list[Near]:
    """Who else may be meant by each row."""
    found = iter(near_of([contact for group in groups for contact in group]))
    return [_together(found, len(group)) for group in groups]


def _together(found: Iterator[Near], count: int) -> Near:
    each = [next(found) for _ in range(count)]
    if all(one is NOBODY for one in each):
        return NOBODY
    return Near(_all(one.certain for one in each), _all(one.doubtful for one in each))


def _all(keys: Iterable[tuple[Key, ...]]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(key for group in keys for key in group))
