"""A number in any of the ways that people and gateways write it is one E.164 number."""

import re

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent.normalise.errors import InvalidAddress
from consent.normalise.phone import normalise_msisdn, normalise_phone, normalise_slowly
from consent.normalise.plain import PLAIN_NATIONAL
from tests.each import each


@each(
    ("written", "region", "normal"),
    [
        ("+15550100001", None, "+15550100001"),
        ("+1 (202) 555-0143", None, "+12025550143"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("202.555.0143", "us", "+12025550143"),
        ("1 202 555 0143", "US", "+12025550143"),
        ("00442079460018", None, "+442079460018"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("+4402079460018", None, "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("tel:+1-202-555-0143", None, "+12025550143"),
        ("tel:020-7946-0018;phone-context=+44", None, "+442079460018"),
        ("+1 202 555 0143 ext. 12", None, "+12025550143"),
        ("＋１２０２５５５０１４３", None, "+12025550143"),
        ("٠٢٠ ٧٩٤٦ ٠٠١٨", "GB", "+442079460018"),
        ("+1‑202‑555‑0143", None, "+12025550143"),
        ("1-202-555-0143", "GB", "+12025550143"),
        ("+390612345678", None, "+390612345678"),
        ("+683 4002", None, "+6834002"),
    ],
)
def test_a_number_as_people_write_it(written: str, region: str | None, normal: str) -> None:
    assert normalise_phone(written, region) == normal
    assert normalise_phone(normal) == normal


@each(
    ("written", "region", "code"),
    [
        ("", None, "not_a_number"),
        ("hello", "US", "not_a_number"),
        ("202 555 0143", None, "ambiguous"),
        ("55501", None, "ambiguous"),
        ("555-0143", "US", "not_possible"),
        ("+1 202 555 01432", None, "not_possible"),
        ("+1234567890123456", None, "not_possible"),
        ("+999 123 456 789", None, "not_a_number"),
        ("07946☎00189", "GB", "not_a_number"),
        ("202 555 0143", "XX", "unknown_region"),
        ("1" * 100_000, None, "too_long"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(written: str, region: str | None, code: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        normalise_phone(written, region)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "region", "normal"),
    [
        ("55501", None, "55501"),
        ("555-01", "US", "55501"),
        ("123456", "US", "123456"),
        ("32 12 34 56", "DK", "+4532123456"),
        ("+12025550143", None, "+12025550143"),
    ],
)
def test_a_short_code_passes_where_it_is_allowed(written: str, region: str | None, normal: str) -> None:
    assert normalise_phone(written, region, allow_short=True) == normal


@pytest.mark.parametrize(
    ("posted", "normal"),
    [
        ("15550100001", "+15550100001"),
        ("447946001800", "+447946001800"),
        ("+447946001800", "+447946001800"),
        ("00447946001800", "+447946001800"),
        (" 15550100001 ", "+15550100001"),
    ],
)
def test_a_number_as_gateways_post_it(posted: str, normal: str) -> None:
    assert normalise_msisdn(posted) == normal


def test_a_gateway_posts_short_codes_beside_numbers() -> None:
    assert normalise_msisdn("55501", allow_short=True) == "55501"
    assert normalise_msisdn("6834002", allow_short=True) == "+6834002"
    with pytest.raises(InvalidAddress):
        normalise_msisdn("55501")


@given(st.sampled_from(sorted(PLAIN_NATIONAL)).flatmap(lambda code: st.from_regex(rf"\A\+{code}[0-9]{{4,13}}\Z")))
def test_the_short_cut_gives_what_the_long_way_gives(number: str) -> None:
    try:
        slowly = normalise_slowly(number)
    except InvalidAddress:
        with pytest.raises(InvalidAddress):
            normalise_phone(number)
    else:
        assert normalise_phone(number) == slowly


@each("code", sorted(PLAIN_NATIONAL))
def test_the_table_of_plain_numbers_agrees_with_libphonenumber(code: str) -> None:
    for length in range(4, 14):
        for first in "0123456789":
            number = f"+{code}{first}{'234567890123'[: length - 1]}"
            if re.fullmatch(PLAIN_NATIONAL[code], number.removeprefix(f"+{code}")):
                assert normalise_slowly(number) == number


@given(st.from_regex(r"\A\+[1-9][0-9]{7,14}\Z"))
@example("+200000000000")
def test_a_normal_form_stays_as_it_is(number: str) -> None:
    try:
        normal = normalise_phone(number)
    except InvalidAddress:
        return
    assert normalise_phone(normal) == normal


@given(st.sampled_from(["US", "GB", "DE", "FR", "JP", "IN", "AU", "BR"]))
def test_a_valid_number_is_never_lost(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    assert normalise_phone(national, region) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
