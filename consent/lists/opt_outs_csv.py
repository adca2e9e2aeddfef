"""A gateway's opt-outs from a file that was exported there."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from consent.lists.columns import OPTED_OUT_ON, Columns, UnknownColumn, cell, find_columns
from consent.lists.dates import read_moment
from consent.lists.listed import Incomplete, Listed, Rows, Unreadable, bounded
from consent.lists.table import Record, open_table, read_records

_NO_ROW = "its quotes do not match"


def read_csv(path: Path, now: datetime, *, column: str = "", provider: str = "") -> Rows:
    """The rows of a file. Raise `Incomplete` where it cannot be opened or read, or has no column of numbers."""
    try:
        with open_table(path) as file:
            yield from _rows(read_records(file), now, column, provider)
    except (OSError, UnicodeError) as error:
        raise Incomplete(f"the file cannot be read: {type(error).__name__}") from error
    except UnknownColumn as error:
        raise Incomplete(str(error)) from error


def _rows(records: Iterator[Record], now: datetime, column: str, provider: str) -> Rows:
    columns: Columns | None = None
    header: Sequence[str] = ()
    for record in records:
        if not record.cells:
            yield Unreadable(f"line {record.line}", _NO_ROW)
        elif columns is None:
            columns = find_columns(record.cells, OPTED_OUT_ON, column, provider)
            header = record.cells if columns.header else ()
            if not columns.header:
                yield _listed(record, columns, header, now)
        else:
            yield _listed(record, columns, header, now)


def _listed(record: Record, columns: Columns, header: Sequence[str], now: datetime) -> Listed | Unreadable:
    place, number = f"line {record.line}", cell(record.cells, columns.number)
    if not number:
        return Unreadable(place, "it has no number")
    names = [cell(header, at) or f"column {at + 1}" for at in range(len(record.cells))]
    return Listed(
        number=number,
        place=place,
        sender=cell(record.cells, columns.sender),
        occurred_at=read_moment(cell(record.cells, columns.date), now),
        row=bounded(dict(zip(names, record.cells, strict=True))),
    )
