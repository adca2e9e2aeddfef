"""The way round of cutting.py, line by line, for blocks whose quotes do not stand as RFC 4180 has them."""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from consent.tables.cells import cells_of
from consent.tables.dialect import Dialect
from consent.tables.records import Cut

MAX_RECORD_LINES = 1_000  # a quoted text of more lines than these is taken for a quote that was forgotten


def cut_carefully(block: bytes, dialect: Dialect, width: int, column: int) -> Cut:
    """The same as `cutting.cut`, for any block."""
    cutter = _Cutter(dialect, width, column)
    lines = _lines_of(block, dialect.newline.encode())
    at = number = 0
    while number < len(lines):
        taken, cells = _record(lines, number, dialect)
        record = b"".join(lines[number : number + taken])
        if record.strip():
            cutter.add(record, at, number, cells)
        at += len(record)
        number += taken
    return cutter.cut()


class First(NamedTuple):
    """The first record of some bytes: its size, its number of lines, and its cells; None where it cannot be read."""

    size: int
    lines: int
    cells: list[bytes] | None


def first_record(head: bytes, dialect: Dialect) -> First:
    """The first record; its last line may lack its end."""
    newline = dialect.newline.encode()
    lines = _lines_of(head if head.endswith(newline) else head + newline, newline)
    taken, cells = _record(lines, 0, dialect)
    return First(min(sum(map(len, lines[:taken])), len(head)), taken, cells)


def _lines_of(block: bytes, newline: bytes) -> list[bytes]:
    return [line + newline for line in block.split(newline)[:-1]]


def _record(lines: Sequence[bytes], number: int, dialect: Dialect) -> tuple[int, list[bytes] | None]:
    """How many lines a record has, and its cells; None where it cannot be read."""
    first = lines[number]
    other = b"\n" if dialect.newline == "\r" else b"\r"
    if b'"' not in first and other not in first.rstrip(b"\r\n"):
        return 1, first.rstrip(b"\r\n").split(dialect.delimiter.encode())
    reader = csv.reader(_texts(lines, number, dialect), delimiter=dialect.delimiter, strict=True)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        return 1, None
    return reader.line_num, [cell.encode("latin-1") for cell in cells]


def _texts(lines: Sequence[bytes], number: int, dialect: Dialect) -> Iterator[str]:
    """Lines as the reader takes them: each byte a character."""
    for line in lines[number : number + MAX_RECORD_LINES]:
        text = line.decode("latin-1")
        yield text if dialect.newline == "\n" else text[:-1] + "\n"


class _Cutter:
    """Gathers records."""

    def __init__(self, dialect: Dialect, width: int, column: int) -> None:
        self._dialect, self._width, self._column = dialect, width, column
        self._places: list[tuple[int, int, int, int, int]] = []
        self._cells: list[bytes] = []
        self._unreadable: set[int] = set()
        self._rewritten: dict[int, bytes] = {}

    def add(self, record: bytes, at: int, line: int, cells: list[bytes] | None) -> None:
        body = record.rstrip(b"\r\n")
        insert: int | None = len(body)
        if cells is not None and len(cells) > self._width:
            insert = _offset_after(body, self._width, self._dialect)
        if cells is None or insert is None:
            self._add_unreadable(body, at, at + len(record), line)
            return
        beyond = any(cell.strip() for cell in cells[self._width :])
        if beyond:
            self._unreadable.add(len(self._places))
        missing = max(self._width - len(cells), 0)
        self._places.append((at, at + len(record), at + insert, missing, line))
        known = not beyond and 0 <= self._column < len(cells)
        self._cells.append(cells[self._column] if known else b"")

    def _add_unreadable(self, body: bytes, at: int, end: int, line: int) -> None:
        place = len(self._places)
        self._unreadable.add(place)
        self._rewritten[place] = b'"' + body.replace(b'"', b'""') + b'"'
        self._places.append((at, end, at + len(body), self._width - 1, line))
        self._cells.append(b"")

    def cut(self) -> Cut:
        table = np.array(self._places, np.int64).reshape(-1, 5)
        starts, ends, inserts, missing, lines = (table[:, place] for place in range(5))
        return Cut(
            *(starts, ends, inserts, missing, cells_of(self._cells), lines),
            *(frozenset(self._unreadable), self._rewritten, False),
        )


def _offset_after(body: bytes, width: int, dialect: Dialect) -> int | None:
    """The offset after the last column of a record that has more; None where it cannot be told."""
    found = _first_cells(dialect.delimiter, width).match(body)
    return found.end() if found else None


@cache
def _first_cells(delimiter: str, width: int) -> "re.Pattern[bytes]":
    plain = re.escape(delimiter).encode()
    cell = rb'(?:"(?:[^"]|"")*+"|[^' + plain + rb'"][^' + plain + rb"]*+|)"
    return re.compile(cell + rb"(?:" + plain + cell + rb"){%d}(?=%s|$)" % (width - 1, plain), re.DOTALL)
