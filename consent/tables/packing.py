"""Files as they come, plain or packed by gzip or zip, in UTF-16 or not → their bytes, bounded."""

import codecs
import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO

_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
_UTF_32 = (codecs.BOM_UTF32_LE, b"\x00\x00\xfe\xff")
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WORKBOOK = "[Content_Types].xml"
START = 4096
BLOCK = 1 << 16
# What damaged packing raises, from whichever library reads it.
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, RuntimeError)


class BadTable(Exception):
    """The bytes are no table that can be read to its end. The text is for people, and repeats nothing of it."""


class TooLarge(BadTable):
    """There is more than may be read."""


def unpacked(stream: IO[bytes]) -> IO[bytes]:
    """A file without its packing. Raise `BadTable`."""
    start = stream.read(len(_ZIP))
    stream.seek(0)
    if start.startswith(_ZIP):
        packed = zipfile.ZipFile(stream)
        if len(packed.infolist()) != 1:
            raise BadTable("a packed file may hold one table alone; a workbook is none: export it as CSV")
        return packed.open(packed.infolist()[0])
    return gzip.GzipFile(fileobj=stream) if start.startswith(_GZIP) else stream  # type: ignore[return-value]  # reads as one


def is_workbook(stream: IO[bytes]) -> bool:
    """Whether a file is a workbook of Excel (.xlsx)."""
    start = stream.read(len(_ZIP))
    stream.seek(0)
    if start != _ZIP:
        return False
    try:
        return _WORKBOOK in zipfile.ZipFile(stream).namelist()
    except DAMAGED:
        return False
    finally:
        stream.seek(0)


class Bounded:
    """The bytes of a stream in blocks, no more than are allowed."""

    def __init__(self, stream: IO[bytes], most: int | None) -> None:
        self._stream = stream
        self._left = most

    def read(self) -> bytes:
        block = self._stream.read(BLOCK)
        if self._left is not None:
            self._left -= len(block)
            if self._left < 0:
                raise TooLarge("the file is larger than may be read")
        return block


def encoding_of(start: bytes) -> str:
    """UTF-16 with its order of bytes, where the beginning of a file tells of it, else "".

    Without a mark it is told by its zeros. Raise `BadTable` for UTF-32.
    """
    if start.startswith(_UTF_32):
        raise BadTable("it is in UTF-32: save it in UTF-8")
    for mark, encoding in _UTF_16.items():
        if start.startswith(mark):
            return encoding
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 > len(start) > 1:
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def table_blocks(stream: IO[bytes], most: int) -> Iterator[bytes]:
    """The bytes of a table's text, without packing; UTF-16 becomes UTF-8, so that each byte can be looked at.

    `most` bounds them. Raise `BadTable` or `TooLarge`.
    """
    try:
        blocks = Bounded(unpacked(stream), most)
        first = blocks.read()
        encoding = encoding_of(first[:START])
        plain = _following(first, blocks)
        yield from _in_utf_8(plain, encoding) if encoding else plain
    except DAMAGED as error:
        raise BadTable("the file is cut off, or its packing is damaged") from error


def encoding_in(stream: IO[bytes]) -> str:
    """The encoding that `table_blocks` took away: a UTF-16, or "" for none. Raise `BadTable`."""
    stream.seek(0)
    try:
        return encoding_of(unpacked(stream).read(START))
    except DAMAGED as error:
        raise BadTable("the file is cut off, or its packing is damaged") from error
    finally:
        stream.seek(0)


def _following(first: bytes, blocks: Bounded) -> Iterator[bytes]:
    block = first
    while block:
        yield block
        block = blocks.read()


def _in_utf_8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Halves of characters that stand alone stay what they are: `surrogatepass` goes both ways without a loss."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    try:
        for block in blocks:
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise BadTable("its last character is cut off") from error


def in_encoding(text: bytes, encoding: str) -> bytes:
    """Bytes of `table_blocks` in the encoding that the file had."""
    return text.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass") if encoding else text
