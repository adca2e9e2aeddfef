"""Files of rows as systems export them: any delimiter, with or without a header, in UTF-8 or UTF-16.

A quote that is never closed spoils its own line and no other one.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, Protocol

MAX_RECORD_LINES = 50  # a quoted text of more lines than these is taken for a quote that was forgotten
MAX_LINE_CHARACTERS = 20_000
_DELIMITERS = ",;\t|"
_NAME = re.compile(r"[^a-z0-9]+")


class Record(NamedTuple):
    """A row: the number of its first line, counted from 1, and its cells. No cells: the line cannot be read."""

    line: int
    cells: list[str]


class Lines(Protocol):
    """What rows are read from: the next line with its end, no longer than `most` characters; "" after the last."""

    def readline(self, most: int, /) -> str: ...


def open_table(path: Path) -> IO[str]:
    """Open a file in the encoding that its byte order mark names, else in UTF-8; what is none is replaced."""
    with path.open("rb") as file:
        start = file.read(4)
    encoding = "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return path.open(encoding=encoding, errors="replace", newline="")


def read_records(file: Lines) -> Iterator[Record]:
    """The rows of an open file. Empty lines are none."""
    lines = _Lines(file)
    delimiter = ""
    while True:
        first = lines.next()
        if first is None:
            return
        if not first.strip():
            continue
        delimiter = delimiter or _delimiter(first)
        yield from _record(lines, first, delimiter)


class _Lines:
    """Lines with their numbers, some of which can be given back."""

    def __init__(self, file: Lines) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self.number = 0

    def next(self) -> str | None:
        line = self._back.popleft() if self._back else self._file.readline(MAX_LINE_CHARACTERS)
        if not line:
            return None
        self.number += 1
        return line.replace("\0", "")

    def give_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def _delimiter(line: str) -> str:
    """The delimiter that the first line has most of."""
    return max(_DELIMITERS, key=line.count)


def _record(lines: _Lines, first: str, delimiter: str) -> Iterator[Record]:
    number, taken = lines.number, [first]
    while "".join(taken).count('"') % 2 and len(taken) < MAX_RECORD_LINES:
        further = lines.next()
        if further is None:
            break
        taken.append(further)
    try:
        rows = list(csv.reader(taken, delimiter=delimiter, strict=True))
    except csv.Error:
        lines.give_back(taken[1:])
        yield Record(number, _alone(first, delimiter))
        return
    # Where a quote stood within a cell, the lines are rows of their own.
    yield from _numbered(rows, taken, number, delimiter)


def _numbered(rows: list[list[str]], taken: list[str], number: int, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(taken, delimiter=delimiter, strict=True)
    for _ in rows:
        at = number + reader.line_num
        cells = [cell.strip() for cell in next(reader)]
        if any(cells):
            yield Record(at, cells)


def _alone(line: str, delimiter: str) -> list[str]:
    """The cells of a line whose quotes do not match: as they stand if none begins with a quote, else none."""
    cells = [cell.strip() for cell in line.split(delimiter)]
    return [] if any(cell.startswith('"') for cell in cells) else cells


def column_name(cell: str) -> str:
    """A header's cell without case, spaces and punctuation: `Phone Number` and `phone_number` are one."""
    return _NAME.sub("", cell.lower())
