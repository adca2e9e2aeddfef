"""Workbooks of Excel (.xlsx) → the table of their first sheet as CSV in UTF-8.

Row by row: of the workbook only its shared strings are held in memory, and they are bounded. A text that a spreadsheet
would take for a formula when it opens the CSV gets an apostrophe before it; in the workbook it was inert.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any

from consent.tables.packing import DAMAGED, BadTable, TooLarge

_MOST_STRINGS = 64_000_000  # bytes of shared strings: they are held in memory
_ROWS = 1_000
_STRINGS = "xl/sharedStrings.xml"
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9 ().-]*\Z)")


def workbook_blocks(stream: IO[bytes], most: int) -> Iterator[bytes]:
    """The first sheet as CSV, at most `most` bytes. Raise `BadTable` or `TooLarge`."""
    import openpyxl  # slow to load, and seldom wanted
    from openpyxl.utils.exceptions import InvalidFileException

    left = most
    try:
        _refuse_large(stream, most)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that it leaves out
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            for block in _written(book.worksheets[0].iter_rows(values_only=True)):
                left -= len(block)
                if left < 0:
                    raise TooLarge("the file is larger than may be read")
                yield block
    except (*DAMAGED, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, TypeError) as error:
        raise BadTable("the workbook cannot be read: export it as CSV") from error


def _refuse_large(stream: IO[bytes], most: int) -> None:
    sizes = {entry.filename: entry.file_size for entry in zipfile.ZipFile(stream).infolist()}
    stream.seek(0)
    if sizes.get(_STRINGS, 0) > _MOST_STRINGS or sum(sizes.values()) > 10 * most:
        raise TooLarge("the workbook is larger than may be read: export it as CSV")


def _written(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out)
    for number, row in enumerate(rows, start=1):
        cells = [_text(value) for value in row]
        writer.writerow(cells if any(cells) else [])
        if number % _ROWS == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return text


def _text(value: Any) -> str:
    """A cell as a person sees it. A number that is whole has no point: numbers of telephones are kept so."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text
