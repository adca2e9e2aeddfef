"""The next moment at which a text is permitted everywhere where its number may be."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache, reduce
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

from consent.quiet.places import LONGEST_BEGINNING, Area, area_of
from consent.quiet.rules import windows_on

_DAY = timedelta(days=1)
_YEARS = range(1971, 9000)  # what is asked of other years is no time of texts, and the calendar ends


class Opening(NamedTuple):
    """When texts are permitted, in UTC: from `opens` until before `closes`."""

    opens: datetime
    closes: datetime


@cache
def zone(name: str) -> ZoneInfo:
    """A zone of the pinned package: the machine's own may be years old, or missing. Raise `FileNotFoundError`."""
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _instants(day: date, minutes: int, name: str) -> tuple[datetime, datetime]:
    """A local time in UTC, read in both ways: they differ where clocks are put back or forward over it."""
    local = datetime.combine(day, time(*divmod(minutes, 60)), zone(name))
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def _in_zone(name: str, jurisdictions: frozenset[str], days: Sequence[date]) -> list[Opening]:
    """The openings of local days. Where a clock is ambiguous or skips, the opening is the part that is certain."""
    found = []
    for day in days:
        for window in windows_on(jurisdictions, day):
            opening = Opening(
                max(_instants(day, window.opens, name)),
                min(_instants(day + timedelta(days=window.closes // 1440), window.closes % 1440, name)),
            )
            if opening.opens < opening.closes:
                found.append(opening)
    return found


def _overlap(some: Sequence[Opening], others: Sequence[Opening]) -> list[Opening]:
    """What lies in both, each in order: linear in their number."""
    found, left, right = [], 0, 0
    while left < len(some) and right < len(others):
        shared = Opening(max(some[left].opens, others[right].opens), min(some[left].closes, others[right].closes))
        if shared.opens < shared.closes:
            found.append(shared)
        if some[left].closes < others[right].closes:
            left += 1
        else:
            right += 1
    return found


_FAR = 40  # days; no combination of the tables is shut as long


@lru_cache(maxsize=2048)
def _openings(area: Area, day: date) -> tuple[Opening, ...]:
    """The openings that touch a day in UTC, and the first one after it.

    Were there none for `_FAR` days, one of no length at their end tells to ask again then.
    """
    start = datetime.combine(day, time(), UTC)
    for reach in (3, 10, _FAR):
        # A local day may begin and end up to 14 hours from that of UTC: what is worked out is right two days within.
        days = [day + timedelta(days=ahead) for ahead in range(-2, reach + 3)]
        lists = [_in_zone(name, jurisdictions, days) for name, jurisdictions in area.zones]
        found = [opening for opening in reduce(_overlap, lists) if opening.closes > start]
        later = next((place for place, opening in enumerate(found) if opening.opens >= start + _DAY), None)
        if later is not None and found[later].opens < start + reach * _DAY:
            return tuple(found[: later + 1])
    end = start + _FAR * _DAY
    return (*(opening for opening in found if opening.opens < end), Opening(end, end))


def next_opening(area: Area, at: datetime) -> datetime | None:
    """The first moment from `at` on when a text is permitted in the whole area, in UTC; None where `at` is one."""
    if at.year not in _YEARS:
        return None
    moment = at.astimezone(UTC)
    opens = next(opening.opens for opening in _openings(area, moment.date()) if moment < opening.closes)
    return opens if moment < opens else None


def not_before(number: str, at: datetime) -> datetime | None:
    """The first moment from `at` on when a text to an E.164 number is permitted, in UTC; None where `at` is one."""
    return next_opening(area_of(number), at)


def not_before_each(numbers: Iterable[str], at: datetime) -> Iterator[datetime | None]:
    """The same for many numbers: what one beginning says is asked once."""
    known: dict[str, datetime | None] = {}
    for number in numbers:
        beginning = number[:LONGEST_BEGINNING]
        if beginning not in known:
            known[beginning] = not_before(number, at)
        yield known[beginning]
