"""The filter as a file, mapped into memory by every web process: its pages are shared.

`head | blocks of denials | blocks of grants`. It is written beside its place and renamed: a reader has the old one or
the new one. What is cut, changed, or of another version of this code is refused.
"""

import os
import struct
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import numpy as np

from consent.filter.blocks import BLOCK_BYTES, WORDS, Blocks

NAME = "keys.filter"
_MAGIC = b"sayso filter 1\n\0"
_HEAD = struct.Struct("<16s16sQQQ")  # magic, build, watermark, blocks of denials, of grants
_CHECKSUM = struct.Struct("<I")  # of the head and of what follows on the next page
_HEAD_BYTES = 4096  # what follows begins on a page


class Broken(Exception):
    """No filter that this code could use."""


class Filter(NamedTuple):
    """A build. All keys that transactions before `watermark` added are in it."""

    build: UUID
    watermark: int
    denials: Blocks
    grants: Blocks


def write(folder: Path, made: Filter) -> None:
    """Put a filter in its place, durably. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f"{NAME}.", delete=False) as file:
        try:
            file.write(_head_of(made).ljust(_HEAD_BYTES, b"\0"))
            file.write(made.denials.data)
            file.write(made.grants.data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o600)
            Path(file.name).rename(folder / NAME)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _head_of(made: Filter) -> bytes:
    head = _HEAD.pack(_MAGIC, made.build.bytes, made.watermark, len(made.denials), len(made.grants))
    checksum = zlib.crc32(made.grants.data, zlib.crc32(made.denials.data, zlib.crc32(head)))
    return head + _CHECKSUM.pack(checksum)


def read(folder: Path) -> Filter:
    """Map the filter in a folder. Raise `Broken` unless it is whole, and `OSError` if there is none."""
    mapped = np.memmap(folder / NAME, dtype=np.uint8, mode="r")
    if mapped.size < _HEAD_BYTES:
        raise Broken("cut")
    head = mapped[: _HEAD.size].tobytes()
    magic, build, watermark, denials, grants = _HEAD.unpack(head)
    if magic != _MAGIC:
        raise Broken("of another version")
    if mapped.size != _HEAD_BYTES + (denials + grants) * BLOCK_BYTES:
        raise Broken("cut")
    content = mapped[_HEAD_BYTES:]
    [checksum] = _CHECKSUM.unpack(mapped[_HEAD.size : _HEAD.size + _CHECKSUM.size].tobytes())
    if zlib.crc32(content.data, zlib.crc32(head)) != checksum:
        raise Broken("changed")
    blocks = content.view("<u4").reshape(-1, WORDS)
    return Filter(UUID(bytes=build), watermark, blocks[:denials], blocks[denials:])
