"""Many addresses at once get the very normal forms that each gets alone."""

from hypothesis import given
from hypothesis import strategies as st

from consent.addresses import normals_of_many
from consent.normalise.packed import normals_of

MAILS = [
    *(
        "jane@example.org",
        "Jane@Example.ORG",
        " jane@example.org ",
        "<jane@example.org>",
        "jane@exämple.de",
        "",
        "jane",
    ),
    *(
        "a@b.c",
        "a..b@example.org",
        "a@b",
        "x" * 70 + "@example.org",
        "jane@example.org\n",
        "é@example.org",
        "İ@example.org",
    ),
    *("mailto:a@b.example", "a@b_c.example", "a+b@c.example", "\ufeffa@c.example", "a@example.c0m", "a@127.0.0.1"),
]
PHONES = ["+15551234567", "+1 555 123 4567", "0049 151 23456789", "15551234567", "", "x", "+4915123456789", "+1555\n1"]


@given(st.lists(st.sampled_from(MAILS) | st.emails() | st.text(max_size=20)))
def test_e_mail_addresses(written: list[str]) -> None:
    one_by_one = [normal and normal.encode() for normal in (normals_of_many("email", [one])[0] for one in written)]
    assert normals_of("email", [one.encode() for one in written]) == one_by_one


@given(st.lists(st.sampled_from(PHONES) | st.from_regex(r"\+[0-9]{6,16}", fullmatch=True) | st.text(max_size=12)))
def test_numbers(written: list[str]) -> None:
    one_by_one = [normal and normal.encode() for normal in (normals_of_many("sms", [one])[0] for one in written)]
    assert normals_of("sms", [one.encode() for one in written]) == one_by_one


def test_what_is_no_utf_8_is_read_as_windows_1252_and_what_is_neither_is_no_address() -> None:
    assert normals_of("email", [b"a@ex\xe4mple.de", b"a@ex\x81mple.de"]) == ["a@exämple.de".encode(), None]


def test_a_number_without_its_country_is_read_in_that_of_the_file() -> None:
    assert normals_of("sms", [b"(212) 555-0100"], "US") == [b"+12125550100"]
