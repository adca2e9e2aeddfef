"""A scrub's table in sealed parts of a megabyte. Nothing here holds more than two of them in memory."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import IO
from uuid import UUID

from consent import db, vault

PURPOSE = "scrub.chunk"
CHUNK_BYTES = 1_000_000
_BLOCK_BYTES = 1 << 18

_KEEP = "INSERT INTO consent_scrubchunk (scrub_id, number, sealed) VALUES (%s, %s, %b)"
_CHUNK = "SELECT sealed FROM consent_scrubchunk WHERE scrub_id = %s AND number = %s"


def keep_table(scrub_id: UUID, blocks: Iterable[bytes]) -> int:
    """Keep a table in parts of equal size, within the caller's transaction. Return its size."""
    db.assert_in_transaction()
    size = 0
    for number, part in enumerate(_parts(blocks)):
        db.fetch(_KEEP, [scrub_id, number, vault.seal(PURPOSE, part)])
        size += len(part)
    return size


def _parts(blocks: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    for block in blocks:
        buffer += block
        while len(buffer) >= CHUNK_BYTES:
            yield bytes(buffer[:CHUNK_BYTES])
            del buffer[:CHUNK_BYTES]
    if buffer:
        yield bytes(buffer)


def table_from(scrub_id: UUID, offset: int = 0) -> Iterator[bytes]:
    """A scrub's table from an offset on, part by part."""
    number, skip = divmod(offset, CHUNK_BYTES)
    while rows := db.fetch(_CHUNK, [scrub_id, number]):
        part = vault.unseal(PURPOSE, rows[0][0])
        yield part[skip:] if skip else part
        number, skip = number + 1, 0


def table_between(scrub_id: UUID, offset: int, size: int) -> bytes:
    """`size` bytes of a scrub's table from an offset on."""
    found = bytearray()
    for part in table_from(scrub_id, offset):
        found += part
        if len(found) >= size:
            break
    return bytes(found[:size])


def digest_of(file: IO[bytes]) -> tuple[int, bytes]:
    """Size and SHA-256 of a file, which is then at its beginning again."""
    file.seek(0)
    size, digest = 0, hashlib.sha256()
    while block := file.read(_BLOCK_BYTES):
        digest.update(block)
        size += len(block)
    file.seek(0)
    return size, digest.digest()
