"""A run's file and its result, in sealed parts of about a megabyte. Nothing here holds more than one part in memory."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from consent import db, vault
from consent.models.mail_run import ChunkKind

PURPOSE = "mail_run.chunk"
CHUNK_BYTES = 1_000_000

_KEEP = "INSERT INTO consent_mailrunchunk (run_id, kind, number, first_row, sealed) VALUES (%s, %s, %s, %s, %b)"
_PART = "SELECT sealed FROM consent_mailrunchunk WHERE run_id = %s AND kind = %s AND number = %s"
_PART_OF_ROW = """
SELECT first_row, sealed FROM consent_mailrunchunk WHERE run_id = %s AND kind = 'result' AND first_row <= %s
ORDER BY number DESC LIMIT 1
"""


class Kept(NamedTuple):
    """Size and SHA-256 of what was kept."""

    size: int
    digest: bytes


def keep_part(run_id: UUID, kind: ChunkKind, number: int, plain: bytes, first_row: int = 0) -> None:
    """Seal and keep one part."""
    db.fetch(_KEEP, [run_id, str(kind), number, first_row, vault.seal(PURPOSE, plain)])


def keep_file(run_id: UUID, blocks: Iterable[bytes]) -> Kept:
    """Keep an upload in parts of equal size, within the caller's transaction."""
    db.assert_in_transaction()
    size, digest = 0, hashlib.sha256()
    for number, part in enumerate(_parts(blocks)):
        keep_part(run_id, ChunkKind.FILE, number, part)
        digest.update(part)
        size += len(part)
    return Kept(size, digest.digest())


def _parts(blocks: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    for block in blocks:
        buffer += block
        while len(buffer) >= CHUNK_BYTES:
            yield bytes(buffer[:CHUNK_BYTES])
            del buffer[:CHUNK_BYTES]
    if buffer:
        yield bytes(buffer)


def file_from(run_id: UUID, offset: int = 0) -> Iterator[bytes]:
    """A run's file from an offset on, part by part."""
    number, skip = divmod(offset, CHUNK_BYTES)
    for part in _from(run_id, ChunkKind.FILE, number):
        yield part[skip:]
        skip = 0


def result_parts(run_id: UUID) -> Iterator[bytes]:
    """A run's result, part by part: the header, then batches of whole rows."""
    return _from(run_id, ChunkKind.RESULT, 0)


def result_part_of_row(run_id: UUID, row: int) -> tuple[int, bytes]:
    """The part of a result that holds a row, and the number of its first row."""
    [[first_row, sealed]] = db.fetch(_PART_OF_ROW, [run_id, row])
    return first_row, vault.unseal(PURPOSE, sealed)


def _from(run_id: UUID, kind: ChunkKind, number: int) -> Iterator[bytes]:
    while rows := db.fetch(_PART, [run_id, str(kind), number]):
        yield vault.unseal(PURPOSE, rows[0][0])
        number += 1
