"""Who pressed a link: each row decides its own example, and the kinds of request are told apart."""

import pytest

from consent.classify.pressed import GMAIL, ONE_CLICK, ROWS, Press, Row, row_in, rule_of, who_pressed, words_of
from tests.each import each

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEXTCLOUD = "Nextcloud Server Crawler"
BROWSER = {"user-agent": FIREFOX, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "origin": "null"}
FORM = b"page=unsubscribe&scope=all"
RFC_MULTIPART = b'---X\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n---X--\r\n'

PRESSES = {
    "a browser's form": (Press(BROWSER, FORM, ours=True), "person.form"),
    "an old browser's form": (Press({"user-agent": FIREFOX, "origin": "null"}, FORM, ours=True), "person.old_browser"),
    "our fields by curl": (Press({"user-agent": "curl/8"}, FORM, ours=True), "unknown.form"),
    "our fields from another site": (Press(BROWSER | {"sec-fetch-site": "cross-site"}, FORM, True), "unknown.form"),
    "our form by a scanner's browser": (Press(BROWSER | {"user-agent": "Barracuda"}, FORM, True), "scanner.barracuda"),
    "our form, prefetched": (Press(BROWSER | {"purpose": "prefetch"}, FORM, ours=True), "scanner.prefetch"),
    "our form under a provider's name": (Press({"user-agent": "Gmail Actions"}, FORM, ours=True), "unknown.form"),
    "Gmail": (Press({"user-agent": GMAIL}, ONE_CLICK), "provider.gmail"),
    "Gmail with a body nobody can read": (Press({"user-agent": GMAIL}, b"\xff\xfe"), "provider.gmail"),
    "Nextcloud, a crawler by its name": (Press({"user-agent": NEXTCLOUD}, ONE_CLICK), "provider.nextcloud"),
    "Yahoo's crawler": (Press({"user-agent": "Mozilla/5.0 (compatible; Yahoo! Slurp)"}), "scanner.crawler"),
    "no name, the RFC's body": (Press({}, ONE_CLICK), "provider.one_click"),
    "no name, the RFC's multipart": (Press({"user-agent": "Java/21"}, RFC_MULTIPART), "provider.one_click"),
    "no body, the word in a header": (
        Press({"list-unsubscribe-post": "List-Unsubscribe=One-Click"}),
        "provider.one_click",
    ),
    "an extension in a browser": (Press({"sec-fetch-mode": "cors", "origin": "a:b"}, ONE_CLICK), "provider.browser"),
    "a scanner that posts the RFC's body": (Press({"user-agent": "Mimecast"}, ONE_CLICK), "scanner.mimecast"),
    "prerender": (Press({"sec-purpose": "prefetch;prerender"}, ONE_CLICK), "scanner.prefetch"),
    "Firefox of old": (Press({"x-moz": "prefetch"}), "scanner.prefetch"),
    "nothing at all": (Press({}), "unknown.post"),
    "a browser that posts nothing": (Press(BROWSER), "unknown.post"),
}  # fmt: skip


@each("row", ROWS)
def test_the_example_of_a_row_is_decided_by_it(row: Row) -> None:
    assert who_pressed(row.example) is row
    assert row.who in ("person", "provider", "scanner", "unknown")


@each("press", PRESSES)
def test_a_request_is_told_apart(press: str) -> None:
    made, row = PRESSES[press]
    assert who_pressed(made).id == row


def test_no_two_rows_share_an_id() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_staff_read_words() -> None:
    assert words_of("provider.gmail") == "a mail provider's one-click (Gmail)"
    assert words_of("scanner.barracuda") == "perhaps a scanner (Barracuda)"
    assert words_of("unknown.post") == "not known"
    assert (words_of(""), words_of("provider.of_an_older_table")) == ("", "provider.of_an_older_table")


@each("row", [row.id for row in ROWS])
def test_the_rule_of_an_inbound_names_the_row_and_fits_its_column(row: str) -> None:
    assert row_in(rule_of(row)) == row
    assert len(rule_of(row)) <= 80


@pytest.mark.parametrize("rule", ["", "link.no", "link.undo", "keyword.en.stop"])
def test_other_rules_name_nobody(rule: str) -> None:
    assert row_in(rule) == ""
