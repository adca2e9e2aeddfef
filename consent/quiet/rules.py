"""The hours in which texts are permitted: rows of law and custom, each in force from a day to a day.

All rows that fit apply together: those of everywhere, the country and the state; those of the day of the week, of a
holiday and of its eve. So the strictest wins, and a row never permits what another forbids.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache, reduce
from itertools import pairwise
from typing import NamedTuple

import msgspec

from consent.quiet.holidays import is_eve, is_holiday
from consent.quiet.tables import TableError, lines

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KINDS_OF_DAY = (*DAYS, "holiday", "eve")
COVERS = ("texts", "calls", "code")
BASES = ("primary", "secondary", "memory")


class Window(NamedTuple):
    """Local time in which texts are permitted, in minutes since midnight: from `opens` until before `closes`."""

    opens: int
    closes: int


Windows = tuple[Window, ...]
_WHOLE_DAY: Windows = (Window(0, 24 * 60),)


class Rule(msgspec.Struct, frozen=True):
    """One row of `rules.tsv`, which says what its fields mean."""

    jurisdiction: str
    valid_from: date | None
    valid_until: date | None
    days: frozenset[str]
    windows: Windows
    written: tuple[str, ...]
    covers: str
    basis: str
    source: str
    note: str

    def is_in_force(self, day: date) -> bool:
        """Whether the row's dates include the day; both its first and its last do."""
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)


def _minutes(written: str) -> int:
    hours, _, minutes = written.partition(":")
    if not (len(written) == 5 and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        raise TableError(f"{written!r} is no time as 08:00")
    return int(hours) * 60 + int(minutes)


def read_hours(written: str) -> Windows:
    """Windows from `10:00-13:00 14:00-20:00`, or from `none`. Raise `TableError` where they are not in order."""
    if written == "none":
        return ()
    windows = tuple(Window(*map(_minutes, part.split("-", 1))) for part in written.split())
    ends = [minute for window in windows for minute in window]
    if not ends or any(later <= earlier for earlier, later in pairwise(ends)):
        raise TableError(f"{written!r}: the hours are not in order")
    return windows


def read_days(written: str) -> frozenset[str]:
    """Kinds of days from `Mon-Fri,holiday`. Raise `TableError`."""
    found: set[str] = set()
    for part in written.split(","):
        first, _, last = part.partition("-")
        if first not in KINDS_OF_DAY or (last and not {first, last} <= set(DAYS)):
            raise TableError(f"{part!r} is no kind of day")
        found.update(DAYS[DAYS.index(first) : DAYS.index(last) + 1] if last else (first,))
    return frozenset(found)


def read_rule(fields: list[str]) -> Rule:
    """A row from the fields of its line. Raise `TableError`."""
    jurisdiction, valid_from, valid_until, days, hours, covers, basis, source, note = fields
    try:
        first = date.fromisoformat(valid_from) if valid_from else None
        last = date.fromisoformat(valid_until) if valid_until else None
        windows, kinds = read_hours(hours), read_days(days)
    except (ValueError, TypeError) as error:
        raise TableError(f"rules.tsv: {jurisdiction} {days}: {error}") from error
    if covers not in COVERS or basis not in BASES or not source or (first and last and first > last):
        raise TableError(f"rules.tsv: {jurisdiction} {days}: what it covers, how we know it, its source or its dates")
    written = (valid_from, valid_until, days, hours)
    return Rule(jurisdiction, first, last, kinds, windows, written, covers, basis, source, note)


RULES = tuple(read_rule(fields) for fields in lines("rules.tsv", 9))
_BY_JURISDICTION = {
    code: tuple(rule for rule in RULES if rule.jurisdiction == code) for code in {rule.jurisdiction for rule in RULES}
}


def _kinds_of(jurisdiction: str, day: date) -> Iterator[str]:
    yield DAYS[day.weekday()]
    if is_holiday(jurisdiction, day):
        yield "holiday"
    if is_eve(jurisdiction, day):
        yield "eve"


def rules_on(jurisdictions: Iterable[str], day: date) -> list[Rule]:
    """The rows that apply on a local day."""
    return [
        rule
        for code in sorted(jurisdictions)
        for rule in _BY_JURISDICTION.get(code, ())
        if rule.is_in_force(day) and not rule.days.isdisjoint(_kinds_of(code, day))
    ]


def overlap(some: Windows, others: Windows) -> Windows:
    """What lies in both."""
    shared = (Window(max(a.opens, b.opens), min(a.closes, b.closes)) for a in some for b in others)
    return tuple(window for window in shared if window.opens < window.closes)


@lru_cache(maxsize=4096)
def windows_on(jurisdictions: frozenset[str], day: date) -> Windows:
    """The windows of a local day that every row permits, in order."""
    return reduce(overlap, (rule.windows for rule in rules_on(jurisdictions, day)), _WHOLE_DAY)
