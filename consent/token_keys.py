"""The keys behind tokens: SAYSO_LINK_KEYS, the newest first, and after them SECRET_KEY and its fallbacks.

The first one signs. All of them verify, so that a link is read for as long as its key is kept, whichever setting held
it when the link was made. Of each of them a *link key* is derived for a controller whose own systems mint links
(docs/LINKS.md); it proves nothing for any other controller.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from django.conf import settings

Mac = Callable[[bytes], bytes]  # from a payload to the 32 bytes that sign it
_BLOCK: Final = 64  # bytes of SHA-256
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
_CONTROLLERS: Final = 256  # whose link keys stay in memory: what a forged token names is anybody's number


class RevokedKey(LookupError):
    """The newest link key of a controller is revoked: there is none to mint with."""


def mac_maker(key: bytes) -> Mac:
    """HMAC-SHA256 (RFC 2104) with a key of at most 64 bytes, prepared: a fifth of the cost of `hmac.digest`."""
    padded, sha256 = key.ljust(_BLOCK, b"\0"), hashlib.sha256
    inner, outer = padded.translate(_INNER), padded.translate(_OUTER)

    def sign(payload: bytes) -> bytes:
        return sha256(outer + sha256(inner + payload).digest()).digest()

    return sign


class LinkKey(NamedTuple):
    """A controller's key for minting links by itself: 32 bytes. `id` names it without telling it."""

    id: str
    key: bytes
    signs: Mac
    hides: Mac


def signers() -> Sequence[Mac]:
    """The signers of our own tokens, the newest first."""
    return _signers(_secrets())


def link_keys(controller_id: int) -> Sequence[LinkKey]:
    """A controller's link keys, the newest first, without those that were revoked."""
    return _link_keys(_secrets(), tuple(settings.SAYSO_LINK_KEYS_REVOKED), controller_id)


def newest_link_key(controller_id: int) -> LinkKey:
    """The link key that a controller mints with. Raise `RevokedKey`."""
    newest = _link_key(_secrets()[0], controller_id)
    if newest.id in settings.SAYSO_LINK_KEYS_REVOKED:
        raise RevokedKey(newest.id)
    return newest


def macs(purpose: bytes, payload: bytes, size: int) -> list[bytes]:
    """The signatures of a payload that is no link's, at most 32 bytes each: by the newest key first."""
    return [sign(purpose + b"|" + payload)[:size] for sign in signers()]


def _secrets() -> tuple[str, ...]:
    return (*settings.SAYSO_LINK_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def _signers(secrets: tuple[str, ...]) -> list[Mac]:
    return [mac_maker(hashlib.sha256(b"sayso.token.v1|" + secret.encode()).digest()) for secret in secrets]


@lru_cache(maxsize=_CONTROLLERS)
def _link_keys(secrets: tuple[str, ...], revoked: tuple[str, ...], controller_id: int) -> list[LinkKey]:
    made = (_link_key(secret, controller_id) for secret in secrets)
    return [one for one in made if one.id not in revoked]


def _link_key(secret: str, controller_id: int) -> LinkKey:
    root = hashlib.sha256(b"sayso.link.v2|" + secret.encode()).digest()
    key = hmac.digest(root, controller_id.to_bytes(4, "big"), "sha256")
    name = hmac.digest(key, b"sayso.id", "sha256").hex()[:12]
    return LinkKey(
        name, key, *(mac_maker(hmac.digest(key, purpose, "sha256")) for purpose in (b"sayso.mac", b"sayso.enc"))
    )
