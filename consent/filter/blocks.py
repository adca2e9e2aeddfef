"""A split block Bloom filter over keys, as arrays: may a key be among those added? Never a wrong no.

A key falls into one block of 32 bytes, and there sets one bit in each of eight words, so that asking costs one cache
line (Putze, Sanders, Singler 2007; the layout of Apache Parquet's). Keys are keyed hashes: their own bits are random
enough, 8 bytes of them choose the block and the bits.
"""

from collections.abc import Collection, Iterable

import numpy as np
import numpy.typing as npt

from consent.normalise.keys import DIGEST_BYTES

WORDS = 8  # of 32 bits a block
BLOCK_BYTES = 4 * WORDS
BITS_A_KEY = 24  # some 0.02 % of what was never added is taken for it
_SALT = np.array(
    [0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31], dtype=np.uint32
)
_AT_ONCE = 1_000_000  # keys added, which bounds the memory it takes
_ASKED_AT_ONCE = 1 << 14  # keys asked about, so that what is made of them stays in the processor's cache

Blocks = npt.NDArray[np.uint32]  # (blocks, WORDS)
Halves = npt.NDArray[np.uint32]  # (keys, 4): the key's own 16 bytes


def size_for(keys: int) -> int:
    """The number of blocks for so many keys, with room for a tenth more."""
    return max(1, -(-keys * BITS_A_KEY * 11 // (10 * 8 * BLOCK_BYTES)))


def halves_of(keys: bytes) -> Halves:
    """The keys, given one behind the other, as an array."""
    return np.frombuffer(keys, dtype="<u4").reshape(-1, DIGEST_BYTES // 4)


def add(blocks: Blocks, keys: Halves) -> None:
    """Add keys."""
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        at, order = _in_order(_places(some, len(blocks)))
        bits = _bits(some[order])
        first = np.flatnonzero(np.r_[True, at[1:] != at[:-1]])
        blocks[at[first]] |= np.bitwise_or.reduceat(bits, first, axis=0)


def contains(blocks: Blocks, keys: Halves) -> npt.NDArray[np.bool_]:
    """Whether each key may be among those added."""
    found: npt.NDArray[np.bool_] = np.zeros(len(keys), np.bool_)
    for start in range(0, len(keys), _ASKED_AT_ONCE):
        found[start + _among(blocks, keys[start : start + _ASKED_AT_ONCE])] = True
    return found


def _among(blocks: Blocks, keys: Halves) -> npt.NDArray[np.int64]:
    """The places of those keys, word by word: after the first one most of what was never added is told already."""
    words = blocks.view(np.ndarray).reshape(-1)  # a mapped file's own type asks Python at each access
    left = np.arange(len(keys))
    at, chosen = (_places(keys, len(blocks)) * np.uint64(WORDS)).astype(np.int64), keys[:, 1]
    for word, salt in enumerate(_SALT):
        stays = (words[at + word] >> ((chosen * salt) >> np.uint32(27)) & np.uint32(1)).astype(np.bool_)
        left, at, chosen = left[stays], at[stays], chosen[stays]
    return left


def _places(keys: Halves, count: int) -> npt.NDArray[np.uint64]:
    """The block of each key: its first four bytes, scaled."""
    return (keys[:, 0].astype(np.uint64) * np.uint64(count)) >> np.uint64(32)


def _bits(keys: Halves) -> Blocks:
    """The eight words of each key, with one bit in each, chosen by its second four bytes."""
    shifts = (keys[:, 1:2] * _SALT) >> np.uint32(27)
    bits: Blocks = np.left_shift(np.uint32(1), shifts)
    return bits


def _in_order(at: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    order = np.argsort(at, kind="stable")
    return at[order], order


def fill(count: int, pages: Iterable[bytes]) -> Blocks:
    """A filter of so many blocks over the keys of some pages."""
    blocks: Blocks = np.zeros((count, WORDS), dtype=np.uint32)
    for page in pages:
        add(blocks, halves_of(page))
    return blocks


def places_among(keys: Halves, some: Collection[bytes]) -> list[int]:
    """The places of those keys that are among some, which are few: two bytes of each tell most of them apart."""
    starts = np.zeros(1 << 16, np.bool_)
    starts[halves_of(b"".join(some))[:, 0] & 0xFFFF] = True
    places = np.flatnonzero(starts[keys[:, 0] & 0xFFFF]).tolist()
    return [place for place in places if keys[place].tobytes() in some]
