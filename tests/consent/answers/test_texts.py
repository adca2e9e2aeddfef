"""What is said: complete in every language, short, true, and an account's own where it has one."""

import pytest

from consent.answers import texts
from consent.answers.segments import is_gsm, segments
from consent.classify.text_rules import KEYWORDS, ROWS
from tests.each import each

CONTROLLER = "Acme Hosting Company"  # 20 letters
CONTACT = "privacy@acme-hosting.example.org"
LANGUAGES = sorted(texts.languages())
SPOKEN = {row.id.split(".")[1] for row in KEYWORDS.rows} | {row.id.split(".")[1] for row in ROWS}


def test_every_kind_is_there_in_every_language() -> None:
    wanted = {(kind, language) for kind in texts.PLACEHOLDERS for language in texts.languages()}
    assert texts.table().keys() == wanted


def test_every_language_in_which_somebody_is_understood_has_its_texts() -> None:
    assert {"en", "es", "fr", "de", "pt", "it", "nl", "tr"} <= SPOKEN
    assert {language for language in SPOKEN if len(language) == 2} <= texts.languages()


@each(("kind", "language"), sorted(texts.table()))
def test_a_text_of_the_table_is_sound(kind: str, language: str) -> None:
    text = texts.table()[kind, language]
    assert texts.problem_of(kind, text) == ""
    assert text == text.strip()


@each("language", LANGUAGES)
def test_each_fits_two_messages(language: str) -> None:
    said = [
        texts.stopped(language, CONTROLLER, {}),
        texts.stopped(language, CONTROLLER, {}, ["Offers", "Events"]),
        texts.helped(language, CONTROLLER, CONTACT, {}),
        texts.helped(language, CONTROLLER, "", {}),
        texts.started(language, CONTROLLER, {}),
    ]
    assert [text for text in said if segments(text) > 2] == []
    assert all(text.startswith(CONTROLLER) for text in said)  # who writes comes first
    assert CONTACT in said[2]
    assert "STOP" in said[2]
    assert not [text for text in said if "{" in text]


def test_what_is_to_keep_is_numbered() -> None:
    text = texts.stopped("en", "Acme", {}, ["Offers", "Events"])
    assert text.endswith("1 to keep Offers, 2 to keep Events")


def test_a_long_name_leaves_room_for_the_rest() -> None:
    assert segments(texts.stopped("en", "A" * 200, {})) <= 2


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Own: bye"), ("de", texts.stopped("de", "Acme", {})), ("xx", "Own: bye")],
)
def test_an_account_says_it_its_own_way(language: str, expected: str) -> None:
    assert texts.stopped(language, "Acme", {"text.stopped.en": "Own: bye"}) == expected


def test_what_a_name_holds_is_no_placeholder() -> None:
    assert texts.helped("en", "{contact}", "1-800-555-0100", {}).startswith("{contact}: For help, contact 1-800")


@each(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_how_many_messages_a_text_takes(text: str, count: int) -> None:
    assert segments(text) == count


def test_the_gsm_alphabet() -> None:
    assert is_gsm("Größe: 5 €, très à la mode [ok] {x} ~ ^ | \\")
    assert not is_gsm("ê")
    assert not is_gsm("ş")
