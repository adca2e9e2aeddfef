"""How far a request reaches, and which channels it names."""

import pytest

from consent.classify.text import classify_text, match_request
from tests.each import each

SCOPES = [
    ("STOP", "sender"),
    ("STOPALL", "everything"),
    ("stop texting me", "sender"),
    ("stop calling me", "sender"),
    ("do not contact me", "everything"),
    ("cease all communication", "everything"),
    ("stop emailing me", "email"),
    ("do not contact me by email", "email"),
    ("no more letters please", "post"),
    ("no more mail to 12 Elm St", "post"),
    ("no more snail mail", "post"),
    ("unsubscribe me from emails and texts", "sender"),
    ("take me off your mailing list", "sender"),
    ("remove me from all future mailings", "sender"),
    ("please take my contact info off your list", "sender"),
]


@each(("text", "scope"), SCOPES)
def test_the_scope_of_an_sms(text: str, scope: str) -> None:
    decision = classify_text(text)
    assert (decision.intent, decision.scope) == ("opt_out", scope)


@pytest.mark.parametrize(
    "text", ["Stop. Also please no more letters to 9 Oak Ave", "no more letters. And stop texting me"]
)
def test_a_second_request_for_another_channel_is_held(text: str) -> None:
    decision = classify_text(text)
    assert (decision.intent, decision.scope) == ("opt_out", "sender")
    assert [(part.intent, part.suggestion, part.scope) for part in decision.also] == [("review", "opt_out", "post")]


CHANNELS = [
    ("Please remove us from all future mailings.", {"mail"}),
    ("Dear all,\nplease stop mailing me letters.\nThanks", {"mail", "post"}),
    ("I do not want any more e-mails from you.", {"email"}),
    ("Do not contact me.", {"everything"}),
    ("Unsubscribe", set()),
    ("Bitte keine Briefe mehr", {"post"}),
]


@each(("text", "channels"), CHANNELS)
def test_a_request_in_a_mail_names_its_channels(text: str, channels: set[str]) -> None:
    match = match_request(text, "email")
    assert match is not None
    assert match.intent == "opt_out"
    assert set(match.channels) == channels


def test_a_request_late_in_a_long_mail_is_found() -> None:
    match = match_request("We had a lovely week in Rome.\n" * 300 + "Please take my name off your list.", "email")
    assert match is not None
    assert (match.row, match.language) == ("phrase.en.take-me-off", "en")


@pytest.mark.parametrize("text", ["", "See you on Monday.", "To unsubscribe, click here.", "Please don't remove me."])
def test_a_mail_that_asks_nothing(text: str) -> None:
    assert match_request(text, "email") is None
