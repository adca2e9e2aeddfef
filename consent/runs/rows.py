"""The rows of an address file, as bytes and as cells, one after another in constant memory. Pure.

The bytes of a row stay as they are. Each line is read in UTF-8 or, where it is none, in Windows-1252: files that were
put together from several systems have both. A quote that is never closed spoils its own line and no other one.
"""

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

MAX_LINE_BYTES = 65_536
MAX_RECORD_LINES = 50  # a quoted text of more lines than these is taken for a quote that was forgotten
DELIMITERS = ",;\t|"
UTF8_MARK = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """A row. `number` counts rows from 1, `line` is its first line in the file, both without and with the header.

    `cells` are None where the row cannot be read. `raw` has its line end. `end` is the offset of the byte after it.
    """

    number: int
    line: int
    raw: bytes
    cells: list[str] | None
    end: int

    @property
    def place(self) -> "Place":
        """Where the next row begins."""
        return Place(self.end, self.line - 1 + self.raw.count(b"\n"), self.number)


class Place(NamedTuple):
    """Where reading goes on: the offset in bytes, and the lines and rows before it."""

    offset: int = 0
    lines: int = 0
    rows: int = 0


def read_rows(blocks: Iterable[bytes], delimiter: str, place: Place | None = None) -> Iterator[Row]:
    """The rows in some bytes, the first of which is at `place`. Empty lines are none, and are passed over."""
    place = place or Place()
    lines = _Lines(blocks, place)
    number = place.rows
    while True:
        line = lines.count + 1
        first = lines.next()
        if first is None:
            return
        if not first.raw.strip():
            continue
        number += 1
        taken, cells = _record(lines, first, delimiter)
        yield Row(number, line, b"".join(taken), cells, lines.offset)


class _Line(NamedTuple):
    """A line; `whole` is False for a part of one that is too long to be read."""

    raw: bytes
    whole: bool


class _Lines:
    """Lines of a stream of blocks, some of which can be given back."""

    def __init__(self, blocks: Iterable[bytes], place: Place) -> None:
        self._blocks = iter(blocks)
        self._buffer = b""
        self._at = 0
        self._back: deque[_Line] = deque()
        self._within_long = False
        self.offset, self.count = place.offset, place.lines

    def next(self) -> _Line | None:
        line = self._back.popleft() if self._back else self._cut()
        if line is not None:
            self.offset += len(line.raw)
            self.count += line.raw.endswith(b"\n")
        return line

    def give_back(self, lines: Sequence[_Line]) -> None:
        self._back.extendleft(reversed(lines))
        self.offset -= sum(len(line.raw) for line in lines)
        self.count -= sum(line.raw.endswith(b"\n") for line in lines)

    def _cut(self) -> _Line | None:
        end = self._buffer.find(b"\n", self._at) + 1
        while not end and len(self._buffer) - self._at < MAX_LINE_BYTES and self._more():
            end = self._buffer.find(b"\n", self._at) + 1
        limit = min(end or len(self._buffer), self._at + MAX_LINE_BYTES)
        raw = self._buffer[self._at : limit]
        self._at = limit
        if not raw:
            return None
        too_long = len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n")
        whole, self._within_long = not (too_long or self._within_long), too_long
        return _Line(raw, whole)

    def _more(self) -> bool:
        block = next(self._blocks, b"")
        self._buffer, self._at = self._buffer[self._at :] + block, 0
        return bool(block)


def _record(lines: _Lines, first: _Line, delimiter: str) -> tuple[list[bytes], list[str] | None]:
    """The lines of a record, and its cells."""
    if not first.whole:
        return [first.raw], None
    if b'"' not in first.raw:
        text = decoded(first.raw)
        return [first.raw], None if text is None else text.rstrip("\r\n").split(delimiter)
    taken = [first]
    try:
        cells = next(csv.reader(_texts(lines, taken), delimiter=delimiter, strict=True))
    except (csv.Error, UnicodeError, StopIteration):
        lines.give_back(taken[1:])
        return [first.raw], None
    return [line.raw for line in taken], cells


def _texts(lines: _Lines, taken: list[_Line]) -> Iterator[str]:
    """The texts of a record's lines, as the reader asks for them; further lines go into `taken`."""
    yield _text(taken[0])
    while len(taken) < MAX_RECORD_LINES and (further := lines.next()) is not None:
        taken.append(further)
        yield _text(further)


def _text(line: _Line) -> str:
    text = decoded(line.raw) if line.whole else None
    if text is None:
        raise UnicodeError("neither UTF-8 nor Windows-1252")
    return text


def decoded(raw: bytes) -> str | None:
    """A line's text; None for bytes that are no text in either encoding."""
    raw = raw.removeprefix(UTF8_MARK)
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def sniff(line: bytes) -> str:
    """The delimiter of a header: the one that it has most of."""
    text = decoded(line) or ""
    return max(DELIMITERS, key=text.count)


def fitting(cells: Sequence[str], width: int) -> list[str]:
    """The cells without empty ones behind the last column of `width`; none where others stand there."""
    return [] if any(cell.strip() for cell in cells[width:]) else list(cells[:width])


def with_cells(row: Row, width: int, delimiter: str, cells: Sequence[str], line_end: bytes) -> bytes:
    """A row's own bytes with new cells behind the last column of `width`.

    A row that has another width than the header, or cannot be read, is written anew, so that the new cells stand in
    their columns.
    """
    body = row.raw.rstrip(b"\r\n")
    if row.cells is not None and len(row.cells) <= width:
        empty = [""] * (width - len(row.cells))
        return body + (delimiter + delimiter.join([*empty, *cells])).encode() + (row.raw[len(body) :] or line_end)
    old = row.cells if row.cells is not None else [(decoded(body) or body.decode("latin-1")).replace("\0", "")]
    kept = fitting(old, width) or [*old[: width - 1], delimiter.join(old[width - 1 :])]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="")
    writer.writerow([*kept, *[""] * (width - len(kept)), *cells])
    return out.getvalue().encode() + line_end
