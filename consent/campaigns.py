"""A campaign's word: the sender's own name for what carried a link, as far as it fits into a token.

A longer name is stood for by the beginning of its SHA-256, written `sha256:` and 16 hex digits. That word stands for
itself, and whoever knows the name can compare: `printf %s NAME | sha256sum`.
"""

import hashlib
import re
from typing import Final

_HASH_BYTES: Final = 8
_MARK: Final = b"\0"  # before a hash; no name begins with it
_WORD: Final = re.compile(r"sha256:([0-9a-f]{16})")


def pack(campaign: str, room: int) -> bytes:
    """What stands for a campaign in at most `room` bytes, of which a hash takes 9."""
    known = _WORD.fullmatch(campaign)
    if known:
        return _MARK + bytes.fromhex(known[1])
    name = campaign.encode()
    fits = len(name) <= room and not name.startswith(_MARK)
    return name if fits else _MARK + hashlib.sha256(name).digest()[:_HASH_BYTES]


def unpack(packed: bytes) -> str:
    """The word that was packed. Raise `ValueError` for what is neither a name nor a hash."""
    if not packed.startswith(_MARK):
        return packed.decode()
    if len(packed) != len(_MARK) + _HASH_BYTES:
        raise ValueError("not a campaign")
    return f"sha256:{packed[len(_MARK) :].hex()}"
