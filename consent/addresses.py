"""Addresses as people and systems write them → normal forms and keys.

Post has three keys: the person at the address, the household, and «anyone there», which a denial of a person also
closes, so that a piece addressed to nobody by name is not sent to where somebody refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from consent.keys import key_maker
from consent.normalise.email import normalise_email, normalise_emails
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.normalise.phone import normalise_phone
from consent.normalise.post import parse_post
from consent.normalise.post_model import Home

Written = str | Mapping[str, str]
PERSON, _ANYONE = "|person|", "|anyone|"


class Contact(NamedTuple):
    """An address and its keys.

    `asked`: the keys to look up in a check. `said`: the keys that the person's own word is about. `normal` is the
    first key's normal form; for post it begins with the household's. `home` has the parts of a postal address.
    """

    channel: str
    normal: str
    asked: tuple[Key, ...]
    said: tuple[Key, ...]
    home: Home | None = None


def contact(channel: str, written: Written, region: str | None = None) -> Contact:
    """Read an address. Raise `InvalidAddress` where no key can be made of it."""
    if channel == "post":
        address = parse_post(_postal(written), region or "US")
        return contact_of_person(address.household, address.name, address.home)
    text = _text(written)
    return contact_of_normal(channel, normalise_email(text) if channel == "email" else normalise_phone(text, region))


def _postal(written: object) -> Written:
    if isinstance(written, str):
        return written
    if isinstance(written, Mapping) and all(isinstance(part, str) for part in written.values()):
        return written
    raise InvalidAddress("not_text", "a postal address is a string, or an object of strings")


def _text(written: object) -> str:
    if isinstance(written, str):
        return written
    raise InvalidAddress("not_text", "the address of this channel is a string")


def contact_of_normal(channel: str, normal: str) -> Contact:
    """The contact of an e-mail address or number already in normal form."""
    keys = (key_maker().of(channel, normal),)
    return Contact(channel, normal, keys, keys)


def contact_of_person(household: str, name: str, home: Home | None = None) -> Contact:
    """The keys of a postal address in normal form: of the person there if named, else of whoever lives there."""
    normal = f"{household}{PERSON}{name}" if name else household
    at_home, anyone, person = key_maker().of_many("post", (household, household + _ANYONE, normal))
    if not name:
        return Contact("post", normal, (at_home, anyone), (at_home,), home)
    return Contact("post", normal, (person, at_home), (person, anyone), home)


def contacts_of_many(written: Sequence[Any], region: str | None = None) -> list[Contact | None]:
    """Postal contacts, in order; None for what cannot be read, whatever it is."""
    return [_contact_or_none(one, region) for one in written]


def with_name(one: Contact, name: str) -> Contact:
    """The postal contact of somebody of that name in the same home; without a name of the home itself."""
    return contact_of_person(one.normal.partition(PERSON)[0], name, one.home)


def name_in(one: Contact) -> str:
    """The name of a contact's person in normal form; "" where it names none."""
    return one.normal.partition(PERSON)[2] if one.channel == "post" else ""


def keys_of_many(channel: str, written: Sequence[Any], region: str | None = None) -> list[tuple[Key, ...]]:
    """The keys to look up for many addresses, in order; an empty tuple for one that cannot be read, whatever it is."""
    if channel == "post":
        return [found.asked if found else () for found in contacts_of_many(written, region)]
    return keys_of_normals(channel, normals_of_many(channel, written))


def normals_of_many(channel: str, written: Sequence[Any]) -> list[str | None]:
    """The normal forms of many e-mail addresses or numbers, in order; None for one that cannot be read."""
    if channel == "email" and set(map(type, written)) <= {str}:
        plain = normalise_emails(written)
        if plain is not None:
            return [*plain]
    normalise = normalise_email if channel == "email" else normalise_phone
    normals: list[str | None] = []
    for one in written:
        try:
            normals.append(normalise(_text(one)))
        except InvalidAddress:
            normals.append(None)
    return normals


def keys_of_normals(channel: str, normals: Sequence[str | None]) -> list[tuple[Key, ...]]:
    """The keys of what `normals_of_many` gave; an empty tuple for None."""
    if None not in normals:
        return [(key,) for key in key_maker().of_many(channel, normals)]  # type: ignore[arg-type]  # none is None
    keys = iter(key_maker().of_many(channel, [normal for normal in normals if normal is not None]))
    return [() if normal is None else (next(keys),) for normal in normals]


def _contact_or_none(written: Written, region: str | None) -> Contact | None:
    try:
        return contact("post", written, region)
    except InvalidAddress:
        return None


def keys_of_digest(channel: str, digest: bytes) -> tuple[Key, ...]:
    """The key to look up for the SHA-256 (32 bytes) of a normal form."""
    return (key_maker().of_digest(channel, digest),)


def keys_of_hash(channel: str, written: Any) -> tuple[Key, ...]:
    """The key to look up for a digest in hex, as systems send it; an empty tuple for what is none, whatever it is."""
    digest = digest_of_hash(written)
    return keys_of_digest(channel, digest) if digest is not None else ()


def digest_of_hash(written: Any) -> bytes | None:
    """The SHA-256 (32 bytes) that somebody wrote in hex; None for what is none, whatever it is."""
    try:
        digest = bytes.fromhex(written)
    except (ValueError, TypeError):
        return None
    return digest if len(digest) == 32 else None
