"""Keys: 16 bytes that stand for an address wherever the address itself must not.

A key is a keyed BLAKE2b of the channel and the SHA-256 of the normal form. Whoever holds the database alone cannot try
addresses against it; whoever knows only the SHA-256 of a normal form (a sender who shares no addresses) can still ask.
"""

import hashlib
import importlib
from collections.abc import Callable, Iterable
from typing import Any

DIGEST_BYTES = 16


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
        copy, sha256, keys = self._states[channel].copy, _sha256_of, []
        for normal_form in normal_forms:
            state = copy()
            state.update(sha256(normal_form.encode()).digest())
            keys.append(Key(state.digest()))
        return keys

    def packed(self, channel: str, normal_forms: Iterable[bytes | None]) -> bytes:
        """The keys for many normal forms in UTF-8, one behind the other; zeros stand for None."""
        copy, sha256, zeros = self._states[channel].copy, _sha256_of, bytes(DIGEST_BYTES)
        keys: list[bytes] = []
        add = keys.append
        for normal_form in normal_forms:
            if normal_form is None:
                add(zeros)
                continue
            state = copy()
            state.update(sha256(normal_form).digest())
            add(state.digest())
        return b"".join(keys)
