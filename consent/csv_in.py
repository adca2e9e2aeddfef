"""Tables as systems export them → rows: any delimiter, quoted or not, plain, gzip or zip, in whatever encoding.

Read line by line in constant memory. UTF-8 and UTF-16 are told by their byte order marks, UTF-16 without one by its
zeros; a line that is no UTF-8 is read as Windows-1252, so that one bad line of a UTF-8 file spoils no other one.
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

from consent.lists.table import MAX_LINE_CHARACTERS, Record, read_records
from consent.tables.packing import DAMAGED, START, BadTable, Bounded, TooLarge, encoding_of, unpacked

__all__ = ["UNREADABLE", "BadTable", "TooLarge", "named", "read_rows", "read_table"]
UNREADABLE = "\ufffd"  # stands for bytes that are no text in the table's encoding


def read_table(stream: IO[bytes], most: int | None = None) -> Iterator[Record]:
    """The rows of a table, its header among them; `cells` are empty where a line's quotes do not match.

    `most` bounds the bytes that are read, after unpacking. Raise `BadTable` or `TooLarge`.
    """
    try:
        yield from read_records(_Lines(Bounded(unpacked(stream), most)))
    except DAMAGED as error:
        raise BadTable("the file is cut off, or its packing is damaged") from error


def read_rows(stream: IO[bytes], most: int | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with a header, as (number of the line, cells by the names in the header)."""
    records = read_table(stream, most)
    header = [cell for first in islice(records, 1) for cell in first.cells]
    for record in records:
        yield record.line, named(header, record.cells)


def named(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Cells by the names of their columns; those beyond the header have none and are left out."""
    return dict(zip(header, cells, strict=False))


class _Lines:
    """The lines of bytes as text. They end with LF, CR LF or CR; what is too long is cut."""

    def __init__(self, blocks: Bounded) -> None:
        self._blocks = blocks
        start = blocks.read()
        self._encoding = encoding_of(start[:START])
        self._decoder = codecs.getincrementaldecoder("latin-1" if not self._encoding else self._encoding)("replace")
        self._newlines = io.IncrementalNewlineDecoder(None, translate=True)
        self._rest = ""
        self._ready: Iterator[str] = iter(())
        self._feed(start)
        self._ended = not start

    def readline(self, most: int = -1) -> str:
        """The next line with its end, "" after the last. `most` is for likeness: lines are bounded all the same."""
        while True:
            line = next(self._ready, None)
            if line is not None:
                return self._text(line)
            if self._ended:
                rest, self._rest = self._rest, ""
                return self._text(rest)
            block = self._blocks.read()
            self._ended = not block
            self._feed(block)

    def _feed(self, block: bytes) -> None:
        final = not block
        text = self._newlines.decode(self._decoder.decode(block, final), final)
        *whole, rest = (self._rest + text).split("\n")
        # Of a line without end only the beginning is kept: the first of it is what a row can be.
        self._rest = rest[: MAX_LINE_CHARACTERS * 2]
        self._ready = (f"{line}\n" for line in whole)

    def _text(self, line: str) -> str:
        if not self._encoding:
            line = _of_bytes(line.encode("latin-1"))
        line = line.removeprefix("\ufeff")
        return line if len(line) <= MAX_LINE_CHARACTERS else line[: MAX_LINE_CHARACTERS - 1] + "\n"


def _of_bytes(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
