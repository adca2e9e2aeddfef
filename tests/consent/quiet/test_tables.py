"""The tables are whole and well formed: every number has a place, every place zones, every rule dates in order."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import phonenumbers
import pytest

from consent.quiet import places
from consent.quiet.holidays import HOLIDAYS, last_year
from consent.quiet.hours import zone
from consent.quiet.places import AREAS, LONGEST_BEGINNING, PLACES, area_of
from consent.quiet.rules import KINDS_OF_DAY, RULES, Rule, Window, read_days, read_hours, read_rule
from consent.quiet.tables import TableError
from tests.consent.quiet.holiday_rows import jurisdictions, known_to_the_library
from tests.each import each


def test_every_zone_is_known() -> None:
    for place in PLACES.values():
        assert [zone(name).key for name in place.zones] == list(place.zones)


def test_every_calling_code_is_present() -> None:
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        found = {place.code.partition("-")[0] for place in AREAS[f"+{code}"].places}
        assert found <= {*regions, "KZ"}
        assert found, code


def valid_in_north_america() -> dict[str, str]:
    """Area code → country, of all that libphonenumber takes for assigned."""
    found = {}
    for code in range(200, 1000):
        number = phonenumbers.PhoneNumber(country_code=1, national_number=int(f"{code}2345678"))
        if country := phonenumbers.region_code_for_number(number):
            found[str(code)] = country
    return found


def test_every_area_code_is_present_and_in_its_country() -> None:
    valid = valid_in_north_america()
    assert len(valid) > 440
    assert {code for code in valid if f"+1{code}" not in AREAS} == set()
    for code, country in valid.items():
        assert country in {place.code.partition("-")[0] for place in AREAS[f"+1{code}"].places}, code


# Assigned in NANPA's report of 2025-11-26, and not yet known to libphonenumber.
@each(
    ("state", "codes"),
    [
        ("AL", "483"),
        ("CA", "357 837"),
        ("GA", "565"),
        ("IL", "861"),
        ("KY", "761"),
        ("LA", "457"),
        ("MI", "679"),
        ("MN", "924"),
        ("MS", "471"),
        ("NY", "465 624"),
        ("OH", "436"),
        ("TN", "729"),
        ("TX", "621"),
    ],
)
def test_new_overlays_are_in_their_state(state: str, codes: str) -> None:
    assert {place.code for code in codes.split() for place in AREAS[f"+1{code}"].places} == {f"US-{state}"}


def test_every_state_and_province_has_an_area_code() -> None:
    reached = {place.code for area in AREAS.values() if len(area.places) <= 3 for place in area.places}
    assert {code for code in PLACES if "-" in code} <= reached
    assert len([code for code in PLACES if code.startswith("US-")]) == 51
    assert len([code for code in PLACES if code.startswith("CA-")]) == 13


def test_a_number_of_no_known_beginning_is_nowhere_in_particular() -> None:
    assert [place.code for place in area_of("+999123456").places] == [places.NO_COUNTRY]
    assert [place.code for place in area_of("").places] == [places.NO_COUNTRY]


def test_the_longest_beginning_decides() -> None:
    assert [place.code for place in area_of("+77012345678").places] == ["KZ"]
    assert [place.code for place in area_of("+79012345678").places] == ["RU"]
    assert max(map(len, AREAS)) == LONGEST_BEGINNING


def test_every_rule_is_about_a_place() -> None:
    known = {code for place in PLACES.values() for code in place.jurisdictions}
    assert {rule.jurisdiction for rule in RULES} <= known
    assert {wider for place in PLACES.values() for wider in place.jurisdictions} - set(PLACES) == {"*", "US", "CA"}


def periods() -> dict[tuple[str, str], list[Rule]]:
    found = defaultdict(list)
    for rule in RULES:
        for day in rule.days:
            found[rule.jurisdiction, day].append(rule)
    return found


def test_rules_of_a_kind_of_day_follow_each_other_without_gap_or_overlap() -> None:
    for key, rules in periods().items():
        ordered = sorted(rules, key=lambda rule: rule.valid_from or date.min)
        for earlier, later in pairwise(ordered):
            assert earlier.valid_until, key
            assert later.valid_from == earlier.valid_until + timedelta(days=1), key


def test_a_jurisdiction_with_rules_for_days_has_one_for_each_day() -> None:
    days: dict[str, set[str]] = defaultdict(set)
    for jurisdiction, day in periods():
        days[jurisdiction].add(day)
    for jurisdiction, found in days.items():
        assert found == {"holiday"} or set(KINDS_OF_DAY[:7]) <= found, jurisdiction


def test_everywhere_has_a_rule_at_all_times() -> None:
    assert [(rule.valid_from, rule.valid_until) for rule in RULES if rule.jurisdiction == "*"] == [(None, None)]


@each("jurisdiction", jurisdictions())
def test_the_table_has_every_holiday_that_the_library_knows(jurisdiction: str) -> None:
    for year in range(2024, last_year() + 1):
        tabled = {day.strftime("%m-%d") for place, day in HOLIDAYS if place == jurisdiction and day.year == year}
        assert known_to_the_library(jurisdiction, year) <= tabled, year
        assert len(tabled) < 25


def test_only_jurisdictions_whose_rules_ask_for_holidays_have_some() -> None:
    assert {place for place, _ in HOLIDAYS} == set(jurisdictions())


@pytest.mark.parametrize(
    ("written", "windows"),
    [
        ("none", ()),
        ("08:00-21:00", (Window(480, 1260),)),
        ("10:00-13:00 14:00-20:00", (Window(600, 780), Window(840, 1200))),
    ],
)
def test_hours_are_read(written: str, windows: tuple[Window, ...]) -> None:
    assert read_hours(written) == windows


@each(
    "written",
    ["", "8:00-21:00", "21:00-08:00", "08:00-08:00", "08:00", "08:00-24:00", "08:00-21:60", "10:00-14:00 13:00-20:00"],
)
def test_hours_that_are_none_are_refused(written: str) -> None:
    with pytest.raises((TableError, TypeError)):
        read_hours(written)


def test_days_are_read() -> None:
    assert read_days("Sat,Sun,holiday") == {"Sat", "Sun", "holiday"}
    assert read_days("Mon-Wed,eve") == {"Mon", "Tue", "Wed", "eve"}


GOOD = ["XX", "2020-01-01", "2021-01-01", "Mon-Sun", "08:00-21:00", "texts", "primary", "A law", ""]


@each(
    ("field", "written"),
    [
        (1, "2022-01-01"),
        (1, "soon"),
        (3, "Noday"),
        (3, "Mon-holiday"),
        (4, "always"),
        (4, "08:00"),
        (5, "letters"),
        (6, "hearsay"),
        (7, ""),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_by_name(field: int, written: str) -> None:
    assert read_rule(GOOD).jurisdiction == "XX"
    with pytest.raises(TableError, match=r"rules\.tsv: XX"):
        read_rule([*GOOD[:field], written, *GOOD[field + 1 :]])
