"""Bytes of a table → its records, as places in those bytes; nothing is copied but the cells that are asked for.

A block is looked at as a whole, by array operations: where its delimiters and line ends stand, and which of them are
within quotes (RFC 4180). Where quotes stand as they should not, the block is read line by line instead; a quote that is
never closed spoils its own line and no other one. Whatever a block is, cutting it twice gives the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from consent.tables.careful import cut_carefully
from consent.tables.cells import NO_CELLS, Cells, cells_of
from consent.tables.dialect import Dialect
from consent.tables.records import Cut, Places

MOST_LINE_BYTES = 16_000_000  # a longer line is read as several rows: no memory holds a file of one line
_QUOTE, _CR = 34, 13


def whole_blocks(stream: Iterable[bytes], dialect: Dialect, size: int) -> Iterator[bytes]:
    """The bytes of a stream in blocks of whole records, of about `size` bytes. The last may lack its line end."""
    newline, buffer = dialect.newline.encode(), bytearray()
    for more in stream:
        buffer += more
        while len(buffer) >= size:
            end = _boundary(buffer, newline, size) or (size if len(buffer) > MOST_LINE_BYTES else 0)
            if not end:
                break
            yield _taken(buffer, end)
    while buffer:
        end = _boundary(buffer, newline, size) if len(buffer) > size else _boundary_at_end(buffer, newline)
        end = end or len(buffer)
        yield _taken(buffer, end)


def _taken(buffer: bytearray, end: int) -> bytes:
    """The first bytes of a buffer, which are then gone from it."""
    with memoryview(buffer) as view:
        taken = bytes(view[:end])
    del buffer[:end]
    return taken


def _boundary(buffer: bytearray, newline: bytes, size: int) -> int:
    """The offset after the last line end in the first `size` bytes that is not within quotes; 0 if there is none.

    Where a quote was not closed in all of them, it is the end of the first line, which then stands by itself.
    """
    end = buffer.rfind(newline, 0, size) + 1
    quotes = buffer.count(b'"', 0, end)
    while end and quotes % 2:
        before = buffer.rfind(newline, 0, end - 1) + 1
        quotes -= buffer.count(b'"', before, end)
        end = before
    return end or buffer.find(newline) + 1


def _boundary_at_end(buffer: bytearray, newline: bytes) -> int:
    return len(buffer) if buffer.count(b'"') % 2 == 0 else _boundary(buffer, newline, len(buffer))


def cut(block: bytes, dialect: Dialect, width: int, column: int) -> Cut:
    """Cut a block of whole records that ends with a line end.

    `width` is the number of columns, `column` the place of the one whose cells are wanted, -1 for none.
    """
    found = _at_once(block, dialect, width, column)
    return cut_carefully(block, dialect, width, column) if found is None else found


def _count(data: npt.NDArray[np.uint8], byte: int) -> int:
    """As `bytes.count`, in a quarter of the time for a byte that stands in each line."""
    return int(np.count_nonzero(data == byte))


class _Marks(NamedTuple):
    """`at`: where delimiters and line ends stand that are not within quotes. `ends`: which of those are line ends."""

    at: Places
    ends: Places


def _at_once(block: bytes, dialect: Dialect, width: int, column: int) -> Cut | None:
    data = np.frombuffer(block, np.uint8)
    marks = _marks(block, data, dialect)
    if marks is None:
        return None
    at, ends = marks
    stops = at[ends]
    starts = np.concatenate(([0], stops[:-1] + 1))
    firsts = np.concatenate(([0], ends[:-1] + 1))
    counts = ends - firsts + 1
    bodies = stops - (data[stops - 1] == _CR) if b"\r" in block and dialect.newline == "\n" else stops
    full = bool((counts == width).all())
    blank = _blank(block, starts, bodies, counts) if not full or width == 1 else None
    if blank is not None and blank.any():
        kept = ~blank
        starts, bodies, stops, firsts, counts = (part[kept] for part in (starts, bodies, stops, firsts, counts))
    one_a_line = _count(data, ord(dialect.newline)) == len(stops)
    lines = None if one_a_line else _lines_before(block, dialect, starts)
    inserts = bodies if full else _inserts(at, firsts, counts, bodies, width)
    missing = None if full else np.maximum(width - counts, 0)
    bad = [] if full else _overfull(block, inserts, bodies, counts, width, dialect)
    cells = _cells(block, data, at, firsts, counts, bodies, starts, column, bad) if column >= 0 else NO_CELLS
    uniform = full and lines is None and _is_uniform(block, dialect, bodies, stops)
    return Cut(starts, stops + 1, inserts, missing, cells, lines, frozenset(bad), {}, uniform)


def _marks(block: bytes, data: npt.NDArray[np.uint8], dialect: Dialect) -> _Marks | None:
    newline = ord(dialect.newline)
    found = (data == dialect.separator) | (data == newline)
    if b'"' in block:
        inside = _inside(data, found)
        if inside is None:
            return None
        found &= ~inside
    else:
        inside = None
    if not _line_ends_are_plain(block, data, dialect, inside):
        return None
    at = np.flatnonzero(found)
    return _Marks(at, np.flatnonzero(data[at] == newline))


def _inside(data: npt.NDArray[np.uint8], marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_] | None:
    """Which bytes are within quotes; None where a quote opens in the middle of a cell, or does not close."""
    quotes = data == _QUOTE
    places = np.flatnonzero(quotes)
    if len(places) % 2:
        return None
    opening, closing = places[0::2], places[1::2]
    inside: npt.NDArray[np.bool_] = (np.cumsum(quotes, dtype=np.uint8) & 1).astype(np.bool_)
    edges = marks & ~inside
    # A doubled quote closes and opens again at once.
    opens = edges[opening - 1] | quotes[opening - 1]
    opens[:1] |= opening[:1] == 0
    after = closing + 1  # there is a byte: the block ends with a line end
    closes = edges[after] | quotes[after] | (data[after] == _CR)
    return inside if opens.all() and closes.all() else None


def _line_ends_are_plain(
    block: bytes, data: npt.NDArray[np.uint8], dialect: Dialect, inside: npt.NDArray[np.bool_] | None
) -> bool:
    """Whether no CR (or, where lines end in one, no LF) stands alone in a cell without quotes: readers differ on it."""
    other, follows = (b"\r", True) if dialect.newline == "\n" else (b"\n", False)
    if other not in block:
        return True
    places = np.flatnonzero(data == other[0])
    if inside is not None:
        places = places[~inside[places]]
    if not follows:
        return not len(places)
    return bool((data[places + 1] == ord("\n")).all())


def _lines_before(block: bytes, dialect: Dialect, starts: Places) -> Places:
    """How many line ends stand before each record, those within quotes among them."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord(dialect.newline))
    return np.searchsorted(ends, starts)


def _blank(block: bytes, starts: Places, bodies: Places, counts: Places) -> npt.NDArray[np.bool_]:
    """Which lines hold nothing: they are no rows."""
    blank = np.zeros(len(starts), np.bool_)
    for place in np.flatnonzero(counts == 1).tolist():
        blank[place] = not block[starts[place] : bodies[place]].strip()
    return blank


def _inserts(at: Places, firsts: Places, counts: Places, bodies: Places, width: int) -> Places:
    """Where the new cells go: behind the last column, before whatever stands beyond it."""
    last = np.minimum(firsts + width - 1, len(at) - 1)
    return np.where(counts > width, at[last], bodies)


def _overfull(block: bytes, inserts: Places, bodies: Places, counts: Places, width: int, dialect: Dialect) -> list[int]:
    """Records with something beyond the last column: which cell is which cannot be told."""
    empty = dialect.delimiter.encode() + b' "'
    return [
        place for place in np.flatnonzero(counts > width).tolist() if block[inserts[place] : bodies[place]].strip(empty)
    ]


def _cells(
    block: bytes,
    data: npt.NDArray[np.uint8],
    at: Places,
    firsts: Places,
    counts: Places,
    bodies: Places,
    starts: Places,
    column: int,
    bad: Sequence[int],
) -> Cells:
    """The cells of one column, without their quotes; empty where a record is too short, or bad."""
    if not len(starts):
        return NO_CELLS
    last = np.minimum(firsts + column, len(at) - 1)
    begin = starts if column == 0 else at[last - 1] + 1
    end = np.where(counts - 1 == column, bodies, at[last])
    without = counts <= column
    without[bad] = True
    if without.any():
        begin, end = np.where(without, starts, begin), np.where(without, starts, end)
    if b'"' not in block:
        return Cells(len(begin), _lines(data, begin, end).tobytes())
    quoted = (data[begin] == _QUOTE) & ~without
    begin, end = begin + quoted, end - quoted
    lines = _lines(data, begin, end)
    if _count(lines, ord("\n")) == len(begin) and not (lines == _QUOTE).any():
        return Cells(len(begin), lines.tobytes())
    places = zip(begin.tolist(), end.tolist(), quoted.tolist(), strict=True)
    apart = [
        block[one:other].replace(b'""', b'"') if is_quoted else block[one:other] for one, other, is_quoted in places
    ]
    return cells_of(apart)


def _lines(data: npt.NDArray[np.uint8], begin: Places, end: Places) -> npt.NDArray[np.uint8]:
    """Cells one behind the other, each with a line end in the place of the byte behind it."""
    sizes = end + 1 - begin
    runs = np.empty(2 * len(begin), np.int64)  # of bytes to leave out and to take, in turns
    runs[1::2] = sizes
    runs[0], runs[2::2] = begin[0], begin[1:] - end[:-1] - 1
    taken = np.repeat(np.tile(np.array([False, True]), len(begin)), runs)
    lines: npt.NDArray[np.uint8] = data[: len(taken)][taken]
    lines[np.cumsum(sizes) - 1] = ord("\n")
    return lines


def _is_uniform(block: bytes, dialect: Dialect, bodies: Places, stops: Places) -> bool:
    """Whether all records end alike."""
    width = int(stops[0] - bodies[0]) if len(stops) else 0
    return bool((stops - bodies == width).all())
