"""Whose an address is: the one person whom a controller knows behind it, and the other addresses of theirs."""

from typing import NamedTuple

from consent import db, vault
from consent.addresses import Contact, contact_of_normal, contact_of_person
from consent.normalise.keys import Key
from consent.resolve import VALUE_PURPOSE

MAX_ADDRESSES = 100
_PERSON = "|person|"  # as consent/addresses.py writes the normal form of a person at an address


class Owned(NamedTuple):
    """An address. `contact` is None where only its key is known. `language`: in which its holder is written to."""

    channel: str
    key: Key
    contact: Contact | None = None
    language: str = ""

    @property
    def said(self) -> tuple[Key, ...]:
        """The keys that its owner's no is about."""
        return self.contact.said if self.contact else (self.key,)

    @property
    def asked(self) -> tuple[Key, ...]:
        """The keys that a check of it looks up."""
        return self.contact.asked if self.contact else (self.key,)


_OWN = """
SELECT channel, uuid_send(key), sealed_value, language FROM consent_contactpoint WHERE key = %s
"""
# Whoever shares an address with somebody shows them nothing, and changes nothing of theirs, elsewhere.
_OTHERS = """
WITH holder AS (
    SELECT DISTINCT person.id FROM consent_contactperiod period
    JOIN consent_person person ON person.id = period.person_id AND person.controller_id = %s
    WHERE period.contact_point_id = %s AND period.until IS NULL
)
SELECT point.channel, uuid_send(point.key), point.sealed_value, point.language
FROM consent_contactperiod period JOIN consent_contactpoint point ON point.key = period.contact_point_id
WHERE period.until IS NULL AND point.key <> %s AND (SELECT count(*) FROM holder) = 1
      AND period.person_id = (SELECT id FROM holder LIMIT 1)
ORDER BY array_position(ARRAY['email', 'sms', 'post'], point.channel::text), period.since DESC, point.key
LIMIT %s
"""


def address_of(channel: str, key: Key) -> Owned:
    """One address as far as it is known."""
    rows = db.fetch(_OWN, [key])
    return _owned(*rows[0]) if rows else Owned(channel, key)


def others_of(controller_id: int, key: Key) -> list[Owned]:
    """The other addresses of the one person whose address this is at a controller, e-mail first, the newest of each
    channel first; none where it is nobody's, or several people's."""
    return [_owned(*row) for row in db.fetch(_OTHERS, [controller_id, key, key, MAX_ADDRESSES])]


def _owned(channel: str, key: bytes, sealed: bytes | None, language: str) -> Owned:
    return Owned(channel, Key(key), _contact(channel, sealed) if sealed else None, language)


def _contact(channel: str, sealed: bytes) -> Contact:
    normal = vault.unseal(VALUE_PURPOSE, sealed).decode()
    if channel != "post":
        return contact_of_normal(channel, normal)
    household, _, name = normal.partition(_PERSON)
    return contact_of_person(household, name)
