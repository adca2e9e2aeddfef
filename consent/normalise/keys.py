"""Keys: 16 bytes that stand for an address wherever the address itself must not.

A key is a keyed BLAKE2b of the channel and the SHA-256 of the normal form. Whoever holds the database alone cannot try
addresses against it; whoever knows only the SHA-256 of a normal form (a sender who shares no addresses) can still ask.
"""

import hashlib
import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

DIGEST_BYTES = 16
_NONE = bytes(DIGEST_BYTES)


def _quickest_sha256() -> Callable[..., Any]:
    """CPython's own SHA-256 where there is one: for texts of a few bytes it takes half the time of OpenSSL's."""
    try:
        _sha256 = importlib.import_module("_sha256")
    except ImportError:
        return hashlib.sha256
    quickest: Callable[..., Any] = _sha256.sha256
    return quickest


_sha256_of = _quickest_sha256()


class Key(bytes):
    """A 16-byte key. A type of its own so that the database driver sends it as PostgreSQL's 16-byte `uuid`."""

    __slots__ = ()  # so that the garbage collector leaves the thousands of them alone


class KeyMaker:
    """Makes keys with one server secret (32 bytes or more)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the address secret must be at least 32 bytes")
        # The keyed state is prepared once a channel and copied: a third of the cost of starting anew.
        self._states = {
            channel: hashlib.blake2b(key=secret[:64], digest_size=DIGEST_BYTES, person=channel.encode())
            for channel in ("email", "sms", "post")
        }

    def of_digest(self, channel: str, digest: bytes) -> Key:
        """The key for the SHA-256 digest (32 bytes) of a normal form."""
        state = self._states[channel].copy()
        state.update(digest)
        return Key(state.digest())

    def of(self, channel: str, normal_form: str) -> Key:
        """The key for a normal form."""
        return self.of_digest(channel, hashlib.sha256(normal_form.encode()).digest())

    def of_many(self, channel: str, normal_forms: Iterable[str]) -> list[Key]:
        """The keys for many normal forms of one channel, in order."""
        return list(map(Key, self._of_forms(channel, map(str.encode, normal_forms))))

    def packed(self, channel: str, normal_forms: Sequence[bytes | None]) -> bytes:
        """The keys for many normal forms in UTF-8, one behind the other; zeros stand for None."""
        missing = None in normal_forms
        forms = [form or b"" for form in normal_forms] if missing else cast("Sequence[bytes]", normal_forms)
        return _packed(self._of_forms(channel, forms), normal_forms if missing else ())

    def packed_of_texts(self, channel: str, normal_forms: Sequence[str | None]) -> bytes:
        """The same for normal forms as texts."""
        missing = None in normal_forms
        forms = [form or "" for form in normal_forms] if missing else cast("Sequence[str]", normal_forms)
        return _packed(self._of_forms(channel, map(str.encode, forms)), normal_forms if missing else ())

    def packed_of_digests(self, channel: str, digests: Sequence[bytes | None]) -> bytes:
        """The same for the SHA-256 digests (32 bytes each) of normal forms."""
        copy = self._states[channel].copy
        keys = [(state := copy()).update(digest or b"") or state.digest() for digest in digests]  # type: ignore[func-returns-value]
        return _packed(keys, digests if None in digests else ())

    def _of_forms(self, channel: str, forms: Iterable[bytes]) -> list[bytes]:
        copy, sha256 = self._states[channel].copy, _sha256_of
        # `update` returns nothing: one expression, both digests in it, is a third quicker here than statements or maps.
        return [(state := copy()).update(sha256(form).digest()) or state.digest() for form in forms]  # type: ignore[func-returns-value]


def _packed(keys: list[bytes], given: Sequence[bytes | str | None]) -> bytes:
    """`given`: what the keys are of, where something is None."""
    for place, one in enumerate(given):
        if one is None:
            keys[place] = _NONE
    return b"".join(keys)
