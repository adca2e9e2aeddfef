"""What letters are answered: complete in every language, true to what is told, and one line where a line is meant."""

import re
from datetime import date

from consent.answers import letters, texts
from consent.answers.letters import PLACEHOLDERS, Run, Told

NAMED = re.compile(r"\{([^}]*)\}")
FULL = Told(
    controller="Acme Hosting",
    contact="help@acme.example",
    address="jane@home.example",
    homes=("JANE ROE, 102 MAIN ST, 4, 89501, US", "JOHN DOE, 5 OAK AVE, 62701, US"),
    named=True,
    address_needed=True,
    review=True,
    runs=(Run("Spring catalogue", date(2026, 12, 5)),),
    soon=date(2027, 1, 3),
    undo="https://sayso.example/undo/x",
)


def test_the_table_is_complete_and_each_text_has_its_placeholders() -> None:
    table = letters.table()
    assert table.keys() == {(kind, language) for kind in PLACEHOLDERS for language in letters.languages()}
    assert letters.languages() == texts.languages()
    wrong = [where for where, text in table.items() if set(NAMED.findall(text)) != PLACEHOLDERS[where[0]]]
    wrong += [where for where, text in table.items() if text != text.strip() or len(text) > 250]
    assert wrong == []


def test_no_two_languages_say_the_same() -> None:
    for kind in ("intro", "email", "post", "review", "undo", "correct"):
        said = [letters.table()[kind, language] for language in letters.languages()]
        assert len(set(said)) == len(said)


def test_everything_that_is_told_is_in_the_answer_in_every_language() -> None:
    missing = []
    for language in sorted(letters.languages()):
        body = letters.body(language, FULL)
        wanted = [FULL.controller, FULL.contact, FULL.address, *FULL.homes, FULL.undo, "Spring catalogue"]
        wanted += [letters.day(language, date(2026, 12, 5)), letters.table()["address_needed", language]]
        wanted += [letters.table()["review", language], letters.table()["service", language]]
        missing += [(language, one) for one in wanted if one not in body]
        assert "{" not in body
        assert letters.day(language, date(2027, 1, 3)) not in body  # the runs are known exactly
        assert f"\n{FULL.undo}\n" in body  # a link has its line
        assert len(body) < 3_000
    assert missing == []


def test_only_what_is_told_is_said() -> None:
    body = letters.body("en", Told(controller="Acme", address_needed=True))
    assert "Acme has received your message." in body
    assert "reply to this message with both" in body
    assert not [word for word in ("no more", "invoices", "undo", "{", "production") if word in body]
    assert body.endswith("\n\nAcme\n")


def test_a_topic_and_an_owner_have_their_own_words() -> None:
    told = Told(controller="Acme", address="jane@home.example", topic="Offers", to_owner=True, soon=date(2026, 12, 5))
    body = letters.body("en", told)
    assert "no more e-mail about “Offers” to jane@home.example" in body
    assert "link that was made for you" in body
    assert "until December 5, 2026" in body


def test_a_name_stays_in_its_line_and_is_bounded() -> None:
    nasty = "Evil\r\n\r\nBcc: all@home.example\x00\u2028\u202eok {contact} " + "x" * 5_000
    told = Told(controller=nasty, contact=nasty, homes=(nasty, "ok"), runs=(Run(nasty, date(2026, 12, 5)),))
    for line in letters.body("en", told).splitlines():
        assert len(line) < 700
        assert not line.startswith("Bcc")
        assert not re.search(r"[\x00-\x1f\u2028\u202e]", line)
    many = Told(controller="Acme", homes=tuple(f"home {number}" for number in range(100)))
    assert letters.body("en", many).count("home ") == letters.MOST_HOMES


def test_an_unknown_language_is_answered_in_ours() -> None:
    assert letters.known_language("xx", "de") == "de"
    assert letters.known_language(None, "xx") == "en"
    assert letters.known_language("fr", "de") == "fr"
