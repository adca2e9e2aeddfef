"""Base32 (RFC 4648 §6, in lower case) of many values at once: a tenth of the cost of as many calls of `base64`.

Five bytes become eight characters of five bits each. Instead of one after the other, all of them are spread apart in
one large integer: first to 40 bits in 64, then halved three times, until each byte holds five.
"""

from functools import lru_cache
from typing import Final

_TEXT: Final = bytes.maketrans(bytes(range(32)), b"abcdefghijklmnopqrstuvwxyz234567")
# For each step: how far its upper half moves, and which bits of eight bytes the halves have afterwards.
_STEPS: Final = (
    (12, "000fffff00000000", "00000000000fffff"),
    (6, "03ff000003ff0000", "000003ff000003ff"),
    (3, "1f001f001f001f00", "001f001f001f001f"),
)


def encode(raw: bytes) -> str:
    """Raise `ValueError` unless the length is a multiple of 5, which needs no padding."""
    groups, rest = divmod(len(raw), 5)
    if rest:
        raise ValueError("not a multiple of five bytes")
    wide = bytearray(8 * groups)
    for place in range(5):
        wide[3 + place :: 8] = raw[place::5]
    spread = int.from_bytes(wide, "big")
    for shift, upper, lower in _masks(groups):
        spread = (spread << shift) & upper | spread & lower
    return spread.to_bytes(8 * groups, "big").translate(_TEXT).decode()


@lru_cache(maxsize=4)
def _masks(groups: int) -> list[tuple[int, int, int]]:
    def repeated(bits: str) -> int:
        return int.from_bytes(bytes.fromhex(bits) * groups, "big")

    return [(shift, repeated(upper), repeated(lower)) for shift, upper, lower in _STEPS]
