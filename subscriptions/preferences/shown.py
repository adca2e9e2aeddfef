"""What a page showed, signed into its form: so a save says only what changed, and its evidence tells what was seen.

The hidden field is for one link alone and no longer than a day. It holds keys, slugs and letters, packed.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from django.core.signing import BadSignature, Signer

from consent.choices import Shown
from consent.statement import NoticeSeen

LASTS = timedelta(days=1)
_MAX_CHARACTERS = 20_000
_MAX_UNPACKED = 200_000  # bytes
_LETTERS = {"on": "o", "off": "f", "paused": "p", "turning": "t"}
_STATES = {letter: state for state, letter in _LETTERS.items()}
_NOT_THERE = "-"


class StaleShown(ValueError):
    """The field is missing, too old, or of another page. What its form says cannot be told from what it showed."""


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """The field's contents. `rows`: each address's key, and a letter a topic."""

    at: int
    language: str
    topics: tuple[str, ...]
    rows: tuple[tuple[bytes, str], ...] = ()
    notices: Mapping[str, NoticeSeen] = {}

    @property
    def states(self) -> dict[str, dict[str, str]]:
        return {key.hex(): self._of(letters) for key, letters in self.rows}

    def _of(self, letters: str) -> dict[str, str]:
        known = zip(self.topics, letters, strict=True)
        return {topic: _STATES[letter] for topic, letter in known if letter != _NOT_THERE}

    def as_evidence(self) -> Shown:
        states = self.states or {"": dict.fromkeys(self.topics, "offered")}
        return Shown(datetime.fromtimestamp(self.at, UTC), self.language, states)


def seen(
    now: datetime,
    language: str,
    topics: Sequence[str],
    states: Mapping[bytes, Mapping[str, str]] = {},
    notices: Mapping[str, NoticeSeen] = {},
) -> Seen:
    """What a page shows. `states`: key → topic → state."""
    rows = tuple(
        (bytes(key), "".join(_LETTERS[of[topic]] if topic in of else _NOT_THERE for topic in topics))
        for key, of in states.items()
    )
    return Seen(int(now.timestamp()), language, tuple(topics), rows, dict(notices))


def sign(shown: Seen, link: str) -> str:
    """The hidden field."""
    packed = base64.urlsafe_b64encode(zlib.compress(msgspec.msgpack.encode(shown), 9)).rstrip(b"=").decode()
    return _signer(link).sign(packed)


def read(field: str, link: str, now: datetime) -> Seen:
    """What a form's page showed. Raise `StaleShown`."""
    if len(field) > _MAX_CHARACTERS:
        raise StaleShown
    try:
        packed = _signer(link).unsign(field)
    except BadSignature as error:
        raise StaleShown from error
    shown = msgspec.msgpack.decode(_unpack(packed), type=Seen)  # we signed it, so that it reads
    if now - datetime.fromtimestamp(shown.at, UTC) > LASTS:
        raise StaleShown
    return shown


def _unpack(packed: str) -> bytes:
    data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    return zlib.decompressobj().decompress(data, _MAX_UNPACKED)


def _signer(link: str) -> Signer:
    return Signer(salt=f"sayso.shown.{link}")
