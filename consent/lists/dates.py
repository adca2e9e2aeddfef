"""Moments as lists write them. What can be read in two ways is the later one, so that no is never the older word."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

_LONGEST = 60
_EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?(?:\.[0-9]{1,9})?")
_COMPACT = re.compile(r"[0-9]{8}")
_SLASHED = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})(?:[ T]+(.{1,30}))?")
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_SEPARATE_ZONE = re.compile(r" (?=[+-][0-9]{2}:?[0-9]{2}$)| (?=Z$)")


def end_of_day(day: date) -> datetime:
    """The last moment of a day, in UTC: of what happened on it, we do not know when."""
    return datetime.combine(day, time.max, UTC)


def read_moment(written: str, now: datetime) -> datetime | None:
    """The moment a list names, or None for what is none. Without an offset it is UTC; a day alone is its end.

    ISO 8601, RFC 2822, seconds or milliseconds since 1970, `20260131`, and days with slashes or dots in either order.
    Nothing on a list lies in the future: a moment after `now` (UTC) is cut to it, and of two readings of a day one
    that is still to come is not meant.
    """
    text = written.strip()
    if not text or len(text) > _LONGEST:
        return None
    for reader in _READERS:
        found = _readings(reader, text)
        if found:
            past = [moment for moment in found if moment - timedelta(days=1) <= now]
            return min(max(past or found), now)
    return None


def read_day(written: str, *, month_first: bool = False) -> date | None:
    """A day, or the day of a moment, in UTC; None for what is none. Days to come are days too.

    With `month_first` a day with slashes is read as in the USA where it can be.
    """
    text = written.strip()[:_LONGEST]
    for reader in (*((_american,) if month_first else ()), *_READERS):
        found = _readings(reader, text)
        if found:
            return max(found).date()
    return None


def _american(text: str) -> Iterable[datetime]:
    found = _SLASHED.fullmatch(text)
    if found and "/" in text:
        yield end_of_day(date(int(found[3]), int(found[1]), int(found[2])))


def _readings(reader: Callable[[str], Iterable[datetime]], text: str) -> list[datetime]:
    try:
        return [moment.astimezone(UTC) for moment in reader(text)]
    except (ValueError, OverflowError, IndexError, TypeError):
        return []


def _epoch(text: str) -> Iterable[datetime]:
    if _EPOCH.fullmatch(text):
        whole = text.partition(".")[0]
        yield datetime.fromtimestamp(float(text) / (1000 if len(whole) == 13 else 1), UTC)


def _compact(text: str) -> Iterable[datetime]:
    if _COMPACT.fullmatch(text):
        yield end_of_day(date(int(text[:4]), int(text[4:6]), int(text[6:])))


def _iso(text: str) -> Iterable[datetime]:
    if len(text) <= 10:
        yield end_of_day(date.fromisoformat(text))
    else:
        yield _in_utc(datetime.fromisoformat(_SEPARATE_ZONE.sub("", text.removesuffix(" UTC"))))


def _rfc_2822(text: str) -> Iterable[datetime]:
    yield _in_utc(parsedate_to_datetime(text))


def _slashed(text: str) -> Iterable[datetime]:
    found = _SLASHED.fullmatch(text)
    if found is None:
        return
    first, second, year, clock = int(found[1]), int(found[2]), int(found[3]), found[4]
    at = _clock(clock.strip()) if clock else time.max
    for month, day in {(first, second), (second, first)}:
        if 1 <= month <= 12:
            yield datetime.combine(date(year, month, day), at, UTC)


def _clock(text: str) -> time:
    for form in _CLOCKS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).time()
        except ValueError:
            continue
    return time.max


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: tuple[Callable[[str], Iterable[datetime]], ...] = (_epoch, _compact, _iso, _slashed, _rfc_2822)
