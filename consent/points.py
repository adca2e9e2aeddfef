"""The addresses that are kept, opened: as contacts, and for people to read."""

from collections.abc import Sequence

from consent import vault
from consent.addresses import PERSON, Contact, contact_of_normal, contact_of_person
from consent.models import ContactPoint
from consent.normalise.keys import Key
from consent.resolve import VALUE_PURPOSE

_MOST = 200


def contact_of_point(point: ContactPoint | None) -> Contact | None:
    """The contact that a stored address is of; None once it was erased."""
    if point is None or point.sealed_value is None:
        return None
    normal = vault.unseal(VALUE_PURPOSE, point.sealed_value).decode()
    if point.channel != "post":
        return contact_of_normal(point.channel, normal)
    household, _, name = normal.partition(PERSON)
    return contact_of_person(household, name)


def addresses_of(keys: Sequence[Key]) -> dict[bytes, str]:
    """The addresses of those keys whose address is kept, for people."""
    points = ContactPoint.objects.filter(key__in=keys, sealed_value__isnull=False)[:_MOST]
    return {
        bytes(point.key): readable(vault.unseal(VALUE_PURPOSE, point.sealed_value or b"").decode()) for point in points
    }


def readable(normal: str) -> str:
    """A normal form for people. That of a postal address is one of parts, some of them empty."""
    return ", ".join(part for part in normal.split("|") if part and part != "person")
