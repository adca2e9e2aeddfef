"""The index by which a postal address is found again in another spelling: written with what holds or denies it.

In clear there are only keyed hashes: of the loose forms of each home (`post_forms`), and of its parts, these made anew
for each contact point, so that two rows never show that they have one in common. The parts are sealed.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from consent import db, vault
from consent.addresses import PERSON, Contact
from consent.keys import key_maker
from consent.normalise.keys import Key
from consent.normalise.post_forms import NOTHING, marks, written_forms
from consent.normalise.post_model import Home
from consent.normalise.post_normal import home_of_household

PARTS_PURPOSE = "home.parts"
_MARK_BYTES = 4


class Parts(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed of a postal contact point."""

    home: Home
    name: str


class _Row(NamedTuple):
    key: Key
    sealed_parts: bytes
    marks: bytes
    forms: list[Key]


_unpack = msgspec.msgpack.Decoder(Parts)

_KEEP = """
WITH kept AS (
    INSERT INTO consent_posthome (key, sealed_parts, marks)
    SELECT * FROM unnest(%b::uuid[], %b::bytea[], %b::bytea[])
    ON CONFLICT (key) DO UPDATE SET sealed_parts = EXCLUDED.sealed_parts WHERE consent_posthome.sealed_parts IS NULL
)
INSERT INTO consent_neighbour (form, key) SELECT * FROM unnest(%b::uuid[], %b::uuid[]) ON CONFLICT DO NOTHING
"""


def keep(contacts: Iterable[Contact]) -> None:
    """Write the index of postal contacts, in the caller's transaction; those of other channels have none."""
    rows = {found.said[0]: _row(found) for found in contacts if found.channel == "post"}
    if not rows:
        return
    # In one order, so that two writers cannot wait for each other.
    ordered = [rows[key] for key in sorted(rows)]
    pairs = sorted((form, row.key) for row in ordered for form in row.forms)
    homes = [[row.key for row in ordered], [row.sealed_parts for row in ordered], [row.marks for row in ordered]]
    db.fetch(_KEEP, [*homes, [form for form, _ in pairs], [key for _, key in pairs]])


def home_of(contact: Contact) -> tuple[Home, str]:
    """The parts of a postal contact and the name there; where its parts are not known, what its normal form tells."""
    household, _, name = contact.normal.partition(PERSON)
    return contact.home or home_of_household(household), name


def form_keys(forms: Iterable[str]) -> list[Key]:
    """The hashes of loose forms."""
    # No normal form begins so.
    return key_maker().of_many("post", [f"form {form}" for form in forms])


def marks_of(key: bytes, home: Home, name: str) -> dict[str, frozenset[bytes]]:
    """The hashes of a home's parts as they would be in the row of a key; that of nothing where a part is missing."""
    return {
        part: frozenset(_mark(key, part, value) for value in values or {NOTHING})
        for part, values in marks(home, name).items()
    }


def nothing_of(key: bytes, part: str) -> bytes:
    """The hash that says in the row of a key that it does not have the part."""
    return _mark(key, part, NOTHING)


def split_marks(packed: bytes) -> frozenset[bytes]:
    return frozenset(packed[at : at + _MARK_BYTES] for at in range(0, len(packed), _MARK_BYTES))


def unseal_parts(sealed: bytes) -> Parts:
    return _unpack.decode(vault.unseal(PARTS_PURPOSE, sealed))


def _row(contact: Contact) -> _Row:
    key, (home, name) = contact.said[0], home_of(contact)
    sealed = vault.seal(PARTS_PURPOSE, msgspec.msgpack.encode(Parts(home, name)))
    packed = b"".join(sorted(mark for values in marks_of(key, home, name).values() for mark in values))
    return _Row(key, sealed, packed, list(dict.fromkeys(form_keys(written_forms(home)))))


def _mark(key: bytes, part: str, value: str) -> bytes:
    digest = hashlib.sha256(key + f"{part}|{value}".encode()).digest()
    return key_maker().of_digest("post", digest)[:_MARK_BYTES]


_MISSING = """
SELECT uuid_send(c.key), c.sealed_value FROM consent_contactpoint c
WHERE c.channel = 'post' AND c.sealed_value IS NOT NULL AND c.key > %s
      AND NOT EXISTS (SELECT FROM consent_posthome h WHERE h.key = c.key)
ORDER BY c.key LIMIT %s
"""


def fill(value_purpose: str, page: int = 1_000) -> int:
    """Write the index of every postal contact point that lacks it, page by page. Return how many there were."""
    last, written = Key(bytes(16)), 0
    while rows := db.fetch(_MISSING, [last, page]):
        keep(_contact(Key(key), vault.unseal(value_purpose, sealed).decode()) for key, sealed in rows)
        last, written = Key(rows[-1][0]), written + len(rows)
    return written


def _contact(key: Key, normal: str) -> Contact:
    keys: Sequence[Key] = (key,)
    return Contact("post", normal, tuple(keys), tuple(keys))
