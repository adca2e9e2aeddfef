"""Public holidays, where a rule asks for them. A table: the library that knows them took 25 MB and 0.4 s to import."""

from collections.abc import Iterator
from datetime import date, timedelta

from consent.quiet.tables import TableError, lines


def _read() -> Iterator[tuple[str, date]]:
    for jurisdiction, year, days in lines("holidays.tsv", 3):
        for day in days.split():
            try:
                yield jurisdiction, date.fromisoformat(f"{year}-{day}")
            except ValueError as error:
                raise TableError(f"holidays.tsv: {jurisdiction} {year}: {error}") from error


HOLIDAYS = frozenset(_read())


def is_holiday(jurisdiction: str, day: date) -> bool:
    return (jurisdiction, day) in HOLIDAYS


def is_eve(jurisdiction: str, day: date) -> bool:
    """Whether a holiday follows."""
    return (jurisdiction, day + timedelta(days=1)) in HOLIDAYS


def last_year() -> int:
    """The last year that the table knows for every jurisdiction in it."""
    last: dict[str, int] = {}
    for jurisdiction, day in HOLIDAYS:
        last[jurisdiction] = max(last.get(jurisdiction, 0), day.year)
    return min(last.values())
