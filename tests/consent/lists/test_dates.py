"""Moments as exports write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.lists.dates import end_of_day, read_day, read_moment
from tests.each import each

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY_END = end_of_day(date(2026, 3, 5))


@each(
    ("written", "moment"),
    [
        ("2026-03-05T10:20:30Z", datetime(2026, 3, 5, 10, 20, 30, tzinfo=UTC)),
        ("2026-03-05T10:20:30+02:00", datetime(2026, 3, 5, 8, 20, 30, tzinfo=UTC)),
        ("2026-03-05 10:20:30.631252", datetime(2026, 3, 5, 10, 20, 30, 631252, tzinfo=UTC)),
        ("2026-03-05 10:20:30 UTC", datetime(2026, 3, 5, 10, 20, 30, tzinfo=UTC)),
        ("2026-03-05 10:20:30 +0200", datetime(2026, 3, 5, 8, 20, 30, tzinfo=UTC)),
        ("Thu, 05 Mar 2026 10:20:30 +0000", datetime(2026, 3, 5, 10, 20, 30, tzinfo=UTC)),
        ("1772706030", datetime(2026, 3, 5, 10, 20, 30, tzinfo=UTC)),
        ("1772706030000", datetime(2026, 3, 5, 10, 20, 30, tzinfo=UTC)),
        ("1772706030.5", datetime(2026, 3, 5, 10, 20, 30, 500000, tzinfo=UTC)),
        ("3/25/2026 2:05 PM", datetime(2026, 3, 25, 14, 5, tzinfo=UTC)),
        ("25.03.2026 14:05", datetime(2026, 3, 25, 14, 5, tzinfo=UTC)),
        ("2026-03-05", DAY_END),
        ("20260305", DAY_END),
        (" 2026-03-05 ", DAY_END),
        ("05/03/2026", end_of_day(date(2026, 5, 3))),  # the later reading
        ("12/03/2026", end_of_day(date(2026, 3, 12))),  # the other one has not come yet
        ("2027-01-01T00:00:00Z", NOW),
        ("yesterday", None),
        ("", None),
        ("31/31/2026", None),
        ("2026-02-30", None),
        ("9" * 400, None),
    ],
)
def test_a_moment(written: str, moment: datetime | None) -> None:
    assert read_moment(written, NOW) == moment


@each(
    ("written", "day"),
    [
        ("2026-03-05", date(2026, 3, 5)),
        ("20260305", date(2026, 3, 5)),
        ("03/25/2026", date(2026, 3, 25)),
        ("2026-03-05T23:30:00-05:00", date(2026, 3, 6)),
        ("no", None),
        ("", None),
    ],
)
def test_a_day(written: str, day: date | None) -> None:
    assert read_day(written) == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("03/05/2026", date(2026, 3, 5)),
        ("3/5/2026 10:00", date(2026, 3, 5)),
        ("25/03/2026", date(2026, 3, 25)),
        ("05.03.2026", date(2026, 5, 3)),
        ("2026-03-05", date(2026, 3, 5)),
    ],
)
def test_a_day_as_in_the_usa(written: str, day: date) -> None:
    assert read_day(written, month_first=True) == day


@given(st.text(max_size=80))
def test_no_text_is_more_than_none_or_past(written: str) -> None:
    found = read_moment(written, NOW)
    assert found is None or (found <= NOW and found.tzinfo is UTC)
    read_day(written)


@given(st.timedeltas(timedelta(0), timedelta(days=13_000)))
def test_every_moment_of_iso_8601_comes_back(earlier: timedelta) -> None:
    known = NOW - earlier
    assert read_moment(known.isoformat(), NOW) == known
