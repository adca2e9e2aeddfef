"""The quick way to read clean fields reads them as the slow one does, and leaves the rest to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.normalise.errors import InvalidAddress
from consent.normalise.post import FIELDS, parse_post
from consent.normalise.post_model import Home
from consent.normalise.post_quick import quick_us_fields
from consent.normalise.post_us import parse_us_fields
from tests.consent.normalise.test_post_compare import DIFFERENT, REVIEW, SAME

WORDS = (
    "Birch", "North", "S", "St", "Saint", "Ave", "Avenue", "K", "Park", "Lake", "Rd.", "Road", "Box", "Route",
    "Highway", "Apt", "Unit", "Fl", "Floor", "Rear", "No", "A", "E", "SW", "Martin", "Luther", "King", "First",
    "Twenty", "of", "Near", "the", "PO", "State", "County", "Upper", "La", "Salle", "Bldg", "Court", "Ct", "Two",
)  # fmt: skip
LINES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
NUMBERS = st.sampled_from(["18", "018", "1", "120000", "7"])
UNITS = st.sampled_from(
    ["", "Apt 3", "# 3", "Rear", "Bldg C Apt 4", "Apt. 007", "3B", "Box 12", "Oak Terrace", "fl 2", "C-3"]
)
PLAIN = {"name": "Ann Lund", "city": "St Paul", "region": "MN", "postal_code": "55101-1234", "country": ""}


def both(fields: dict[str, str]) -> tuple[Home | None, Home]:
    return quick_us_fields(fields), parse_us_fields(fields)


@given(NUMBERS, LINES, UNITS)
@settings(max_examples=80, deadline=None)
def test_any_line_is_read_in_the_same_way(number: str, line: str, unit: str) -> None:
    quick, slow = both({**PLAIN, "line1": f"{number} {line}", "line2": unit})
    assert quick in (None, slow)


def test_known_lines_are_read_in_the_same_way_and_most_of_them_quickly() -> None:
    wrong, taken = [], 0
    for line in {line for pair in (*SAME, *DIFFERENT, *REVIEW) for line in pair if isinstance(line, str)}:
        quick, slow = both({**PLAIN, "line1": line, "line2": ""})
        taken += quick is not None
        wrong += [line] if quick not in (None, slow) else []
    assert wrong == []
    assert taken > 20


def test_what_is_not_plain_takes_the_slow_way() -> None:
    whole = dict.fromkeys(FIELDS, "") | PLAIN | {"line1": "18 Birch Rd"}
    assert quick_us_fields(whole)
    for change in (
        {"line1": "18 Birch Rd, Rear"},
        {"line1": "18-16 Birch Rd"},
        {"line1": "PO Box 18"},
        {"line2": "c/o Bo Berg"},
        {"line2": "Apt 3, Bldg C"},
        {"postal_code": "5510"},
        {"postal_code": ""},
        {"region": "Minnesota"},
        {"country": "Canada"},
    ):
        assert quick_us_fields(whole | change) is None, change
    assert parse_post(whole, "us").household == parse_post(whole).household
    with pytest.raises(InvalidAddress):
        parse_post(whole | {"country": "Atlantis"})
