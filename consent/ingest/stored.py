"""One message as it was found, and the collecting of its bytes within a limit."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

CHUNK = 65_536  # bytes; a line may be longer


class Stored(NamedTuple):
    """A message where it lay. `raw` is its beginning where it is `cut`; `digest` is the SHA-256 of all of it.

    `place` names file and position for a person; `end` is how far its source was read with it, in bytes.
    """

    place: str
    raw: bytes
    digest: bytes
    cut: bool = False
    from_line: bytes = b""
    end: int = 0


class Unread(NamedTuple):
    """A place from which no message could be had, and why."""

    place: str
    why: str


class Collector:
    """The bytes of one message: no more than `limit` are kept, all are counted in the digest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._digest = hashlib.sha256()
        self.size = 0

    def add(self, piece: bytes) -> None:
        self._digest.update(piece)
        self.size += len(piece)
        self._kept += piece[: max(self._limit - len(self._kept), 0)]

    def stored(self, place: str, end: int, from_line: bytes = b"") -> Stored:
        """What was collected."""
        return Stored(place, bytes(self._kept), self._digest.digest(), self.size > self._limit, from_line, end)


def read_single(opened: BinaryIO, place: str, limit: int, begun: bytes = b"") -> Stored:
    """A source that holds one message. `begun` was read from it before."""
    collected = Collector(limit)
    for piece in _pieces(opened, begun):
        collected.add(piece)
    return collected.stored(place, collected.size)


def _pieces(opened: BinaryIO, begun: bytes) -> Iterator[bytes]:
    if begun:
        yield begun
    yield from iter(lambda: opened.read(CHUNK), b"")
