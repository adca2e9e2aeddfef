"""Whatever the number and the moment: the answer is the first moment at which every clock and every rule agree."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.quiet.hours import next_opening, not_before, zone
from consent.quiet.places import AREAS, Area, area_of
from consent.quiet.rules import windows_on

MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2033, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
NUMBERS = st.sampled_from(sorted(AREAS)).map(lambda beginning: f"{beginning}5550100")
TICK = timedelta(microseconds=1)
DISTINCT = {id(area): (beginning, area) for beginning, area in AREAS.items()}


def is_permitted(area: Area, at: datetime) -> bool:
    """By the clocks on the walls alone."""
    for name, jurisdictions in area.zones:
        local = at.astimezone(zone(name))
        minute = local.hour * 60 + local.minute
        if not any(opens <= minute < closes for opens, closes in windows_on(jurisdictions, local.date())):
            return False
    return True


@given(NUMBERS, MOMENTS)
def test_the_answer_is_an_end_of_quiet(number: str, at: datetime) -> None:
    area, found = area_of(number), not_before(number, at)
    if found is None:
        assert is_permitted(area, at)
        return
    assert found > at
    assert found.tzinfo is UTC
    assert not is_permitted(area, at)
    assert is_permitted(area, found)
    assert not_before(number, found) is None
    assert not_before(number, found - TICK) == found


@given(NUMBERS, MOMENTS, st.floats(0, 1, exclude_max=True))
def test_no_earlier_moment_would_do(number: str, at: datetime, share: float) -> None:
    found = not_before(number, at)
    if found is not None:
        between = min(at + (found - at) * share, found - TICK)
        assert not is_permitted(area_of(number), between)
        assert not_before(number, between) == found


@given(st.text(max_size=30), MOMENTS)
def test_no_text_fails(number: str, at: datetime) -> None:
    found = not_before(number, at)
    assert found is None or found > at


@pytest.mark.parametrize("day", ["2026-02-14", "2026-04-03", "2026-07-03", "2026-12-24", "2027-01-01"])
def test_no_place_is_shut_for_a_week(day: str) -> None:
    at = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    late = {
        beginning
        for beginning, area in DISTINCT.values()
        if (opens := next_opening(area, at)) is not None and opens > at + timedelta(days=7)
    }
    assert late == set()
