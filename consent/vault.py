"""What is personal is sealed at rest: AES-256-GCM, with a key ring from SAYSO_ENCRYPTION_KEYS.

A sealed value is `version (1 byte) | key id (1 byte) | nonce (12 bytes) | ciphertext and tag`. The purpose is
authenticated with it, so that a value cannot be moved to another column. The first key of the ring seals, all of
them open.
"""

import base64
import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = 1
_NONCE_BYTES = 12


def parse_ring(lines: list[str]) -> dict[int, bytes]:
    """Read `id:base64 of 32 bytes` items. Raise `ValueError` naming the item at fault."""
    ring: dict[int, bytes] = {}
    for place, line in enumerate(lines, start=1):
        number, _, encoded = line.partition(":")
        key = base64.b64decode(encoded, validate=True)
        if not number.isdecimal() or not 0 < int(number) < 256 or len(key) != 32:
            # Without its text: where the id was forgotten, that is the key.
            raise ValueError(f"item {place}: expected 'id:base64 of 32 bytes' with an id from 1 to 255")
        if int(number) in ring:
            raise ValueError(f"item {place}: the id {number} is taken; what its first key sealed could not be opened")
        ring[int(number)] = key
    return ring


@cache
def _ring() -> dict[int, AESGCM]:
    return {number: AESGCM(key) for number, key in parse_ring(settings.SAYSO_ENCRYPTION_KEYS).items()}


def seal(purpose: str, plain: bytes) -> bytes:
    """Seal `plain` with the ring's first key."""
    number, cipher = next(iter(_ring().items()))
    nonce = os.urandom(_NONCE_BYTES)
    return bytes((_VERSION, number)) + nonce + cipher.encrypt(nonce, plain, purpose.encode())


def unseal(purpose: str, sealed: bytes | memoryview) -> bytes:
    """Open a sealed value. Raise cryptography's `InvalidTag` if it was changed, `KeyError` if its key is gone."""
    sealed = bytes(sealed)
    nonce, ciphertext = sealed[2 : 2 + _NONCE_BYTES], sealed[2 + _NONCE_BYTES :]
    return _ring()[sealed[1]].decrypt(nonce, ciphertext, purpose.encode())
