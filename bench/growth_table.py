"""What growth measures, as one table."""

from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """Milliseconds of each way at one size and share; None where it was not measured. Ours is first, the limit next."""

    head: str
    milliseconds: Sequence[float | None]


def table(names: Sequence[str], columns: Sequence[Column]) -> str:
    """A line a way: in each column its milliseconds, and how many times the limit's and ours that is."""
    rows = [["10,000 recipients, in ms (× the limit, × ours)", *(column.head for column in columns)]]
    for place, name in enumerate(names):
        rows.append([name, *(_cell(column.milliseconds, place) for column in columns)])
    widths = [max(len(row[at]) for row in rows) for at in range(len(columns) + 1)]
    return "\n".join(_line(row, widths) for row in rows)


def _cell(milliseconds: Sequence[float | None], place: int) -> str:
    value, ours, limit = milliseconds[place], milliseconds[0], milliseconds[1]
    if value is None or ours is None or limit is None:
        return "–"
    return f"{_number(value)} ({value / limit:.2f}, {_number(value / ours)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if at else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others])
