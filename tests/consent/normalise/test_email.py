"""One address is one key, however it was typed; junk is no address."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent.normalise.email import normalise_email, normalise_slowly
from consent.normalise.errors import InvalidAddress
from tests.each import each

SAME = [
    ("rosa@garden.example", "rosa@garden.example"),
    ("Rosa@Garden.EXAMPLE", "rosa@garden.example"),
    ("  rosa@garden.example\r\n", "rosa@garden.example"),
    ("\u200brosa@garden.example\ufeff", "rosa@garden.example"),
    ("<Rosa@garden.example>", "rosa@garden.example"),
    ("mailto:rosa%2Bnews@garden.example?subject=stop", "rosa+news@garden.example"),
    ("r.o.s.a@garden.example", "r.o.s.a@garden.example"),
    ('"rosa"@garden.example', "rosa@garden.example"),
    ('"rosa oak"@garden.example', '"rosa oak"@garden.example'),
    ("rosa@gärten.example", "rosa@gärten.example"),
    ("rosa@xn--grten-gra.example", "rosa@gärten.example"),
    ("rosa@GÄRTEN.example", "rosa@gärten.example"),
    ("jose\u0301@garden.example", "josé@garden.example"),
    ("JOSÉ@garden.example", "josé@garden.example"),
    ("rosa@box.test", "rosa@box.test"),
    ("rosa@printer.local", "rosa@printer.local"),
    ("\u212aurt@garden.example", "kurt@garden.example"),
]


@each(("written", "normal"), SAME)
def test_each_way_to_write_an_address_gives_one_form(written: str, normal: str) -> None:
    assert normalise_email(written) == normal
    assert normalise_email(normal) == normal


@each(
    ("written", "code"),
    [
        ("", "empty"),
        ("  <> ", "empty"),
        ("rosa", "no_at_sign"),
        ("rosa＠garden.example", "no_at_sign"),
        ("rosa@", "bad_domain"),
        ("rosa@localhost", "bad_domain"),
        ("rosa@192.0.2.1", "bad_domain"),
        ("rosa@[192.0.2.1]", "bad_domain"),
        ("rosa@gar den.example", "bad_domain"),
        ("rosa@-garden.example", "bad_domain"),
        ("@garden.example", "bad_local_part"),
        ("ro sa@garden.example", "bad_local_part"),
        ("rosa..oak@garden.example", "bad_local_part"),
        ("rosa(home)@garden.example", "bad_local_part"),
        ("“rosa”@garden.example", "bad_local_part"),
        ("rosa@garden.example, ida@garden.example", "bad_local_part"),
        ("Rosa Oak <rosa@garden.example>", "display_name"),
        ("r" * 250 + "@garden.example", "too_long"),
        ("r" * 100_000, "too_long"),
    ],
)
def test_junk_is_refused_with_its_reason(written: str, code: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        normalise_email(written)
    assert refused.value.code == code


def test_dots_tags_and_sharp_s_are_not_merged() -> None:
    forms = {normalise_email(f"{local}@garden.example") for local in ("rosa", "ro.sa", "rosa+x", "straße", "strasse")}
    assert len(forms) == 5


def outcome(written: str, function: object) -> str:
    try:
        return str(function(written))  # type: ignore[operator]
    except InvalidAddress as refused:
        return f"({refused.code})"


ADDRESS_LIKE = st.text("aZ0.-_+@ <>xn\"é'ſK", max_size=30)


@given(ADDRESS_LIKE)
@example("a@b--c.example")
@example("a@ab--c.example")
@example("a@xn--a.example")
@example("a@b.c1")
def test_the_short_cut_gives_what_the_long_way_gives(written: str) -> None:
    assert outcome(written, normalise_email) == outcome(written, normalise_slowly)


@given(st.emails(), st.sampled_from([str.upper, str.title, "\t{} ".format, "<{}>".format]))
def test_case_and_space_variants_are_one_address(address: str, variant: object) -> None:
    normal = outcome(address, normalise_email)
    assert outcome(variant(address), normalise_email) == normal  # type: ignore[operator]
    if not normal.startswith("("):
        assert normalise_email(normal) == normal
