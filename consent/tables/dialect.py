"""How a table is written: delimiter, line ends, header, told by its first bytes."""

import csv
import re
from collections.abc import Iterable, Sequence

import msgspec

from consent.tables.packing import BadTable

HEAD_BYTES = 200_000  # as many as a header may have
UTF8_MARK = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t|"
_SAID = re.compile(rb"sep=([,;\t|])[ \r]*", re.IGNORECASE)  # what Excel puts before the header
_QUOTED = re.compile(r'"[^"]*"')
_SAMPLE_LINES = 30


class Dialect(msgspec.Struct, frozen=True):
    """`delimiter` and `newline` (LF, or CR alone) are one byte each; `line_end` is the first line's own.

    `before` are bytes before the header: a mark, a line that names the delimiter, empty lines.
    """

    delimiter: str
    newline: str
    line_end: str
    before: int
    before_lines: int

    @property
    def separator(self) -> int:
        return ord(self.delimiter)


def head_of(blocks: Iterable[bytes]) -> bytes:
    """The first bytes of a table."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= HEAD_BYTES:
            break
    return head[:HEAD_BYTES]


def read_dialect(head: bytes) -> Dialect:
    """The dialect of a table by its first bytes. Raise `BadTable` where there is nothing in it."""
    newline = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
    before = len(UTF8_MARK) if head.startswith(UTF8_MARK) else 0
    said, lines = "", 0
    while True:
        end = head.find(newline, before)
        line = head[before:] if end < 0 else head[before:end]
        named = _SAID.fullmatch(line) if not said else None
        if line.strip() and not named:
            break
        if end < 0:
            raise BadTable("there is nothing in it")
        said = named[1].decode() if named else said
        before, lines = end + 1, lines + 1
    delimiter = said or _delimiter(head[before:].split(newline)[:_SAMPLE_LINES])
    line_end = b"\r\n" if newline == b"\n" and line.endswith(b"\r") else newline
    return Dialect(delimiter, newline.decode(), line_end.decode(), before, lines)


def _delimiter(lines: Sequence[bytes]) -> str:
    """The delimiter that most lines have as often as the first one; of equals the one that it has most of."""
    texts = [_QUOTED.sub("", line.decode("latin-1")) for line in lines if line.strip()]
    counts = {delimiter: [text.count(delimiter) for text in texts] for delimiter in _DELIMITERS}

    def fitness(delimiter: str) -> tuple[int, int]:
        first, *others = counts[delimiter]
        return (sum(count == first for count in others) if first else -1, first)

    return max(_DELIMITERS, key=fitness)


def cells_of(record: bytes, dialect: Dialect) -> list[bytes] | None:
    """The cells of one record, with or without its line end; None where it cannot be read."""
    if b'"' not in record:
        return record.rstrip(b"\r\n").split(dialect.delimiter.encode())
    text = record.decode("latin-1")
    lines = text.replace("\r", "\n") if dialect.newline == "\r" else text
    try:
        cells = next(csv.reader(lines.splitlines(keepends=True), delimiter=dialect.delimiter, strict=True))
    except (csv.Error, StopIteration):
        return None
    return [cell.encode("latin-1") for cell in cells]


def text_of(cell: bytes) -> str:
    """A cell as text: UTF-8 or, where it is none, Windows-1252, in which each byte has a meaning or stays itself."""
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return cell.decode("cp1252", "replace")
