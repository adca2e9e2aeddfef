"""Files of disconnected numbers: number and day, as gateways list them, and as the Reassigned Numbers Database answers.

That one is asked whether a number was disconnected since a day, the last on which it was the person's; each row has a
yes, a no, or no data (https://www.reassigned.us/resources/faq). A yes ends what was said until that day.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from consent.lists.columns import DISCONNECTED_ON, Columns, UnknownColumn, cell, find_columns
from consent.lists.dates import read_day
from consent.lists.disconnected import Disconnection, disconnection
from consent.lists.listed import Incomplete, Unreadable
from consent.lists.table import Record, open_table, read_records
from consent.normalise.errors import InvalidAddress

_MONTH_FIRST = "US"
_YES = frozenset({"yes", "y", "true", "1", "disconnected", "reassigned"})
_NOT_YES = frozenset({"no", "n", "false", "0", "no data", "no_data", "nodata", "no-data"})
Disconnections = Iterator[Disconnection | Unreadable | None]  # None: a row that says the number was not


class _Reading:
    """How the rows of a file are to be read."""

    def __init__(self, region: str, everywhere: bool, on: date | None) -> None:
        self.region = region
        self.everywhere = everywhere
        self.on = on
        self.today = datetime.now(UTC).date()

    def row(self, record: Record, columns: Columns) -> Disconnection | Unreadable | None:
        answer = cell(record.cells, columns.answer).lower()
        if answer in _NOT_YES:
            return None
        if answer and answer not in _YES:
            return Unreadable(f"line {record.line}", "its answer is neither yes nor no")
        return self._disconnection(record, columns)

    def _disconnection(self, record: Record, columns: Columns) -> Disconnection | Unreadable:
        place, written = f"line {record.line}", cell(record.cells, columns.date)
        day = read_day(written, month_first=self.region == _MONTH_FIRST) or (self.on if not written else None)
        if day is None:
            return Unreadable(place, "it has no day that could be read (--on DATE gives one to all without)")
        if day > self.today:
            return Unreadable(place, "its day has not come yet")
        try:
            return disconnection(cell(record.cells, columns.number), day, self.region, everywhere=self.everywhere)
        except InvalidAddress as error:
            return Unreadable(place, f"the number: {error.detail}")


def read_disconnected(
    path: Path, region: str, *, everywhere: bool, column: str = "", on: date | None = None
) -> Disconnections:
    """The rows of a file. Raise `Incomplete` where it cannot be opened or read, or has no column of numbers."""
    try:
        with open_table(path) as file:
            yield from _rows(read_records(file), _Reading(region, everywhere, on), column)
    except (OSError, UnicodeError) as error:
        raise Incomplete(f"the file cannot be read: {type(error).__name__}") from error
    except UnknownColumn as error:
        raise Incomplete(str(error)) from error


def _rows(records: Iterator[Record], reading: _Reading, column: str) -> Disconnections:
    columns: Columns | None = None
    for record in records:
        if not record.cells:
            yield Unreadable(f"line {record.line}", "its quotes do not match")
            continue
        if columns is None:
            columns = find_columns(record.cells, DISCONNECTED_ON, column)
            if columns.header:
                continue
        yield reading.row(record, columns)
