"""Requests and their negations, put together from parts."""

from itertools import product

import pytest

from consent.classify.text import classify_text
from tests.each import each

STOPS = ["stop", "quit", "please stop", "cease", "kindly stop", "stop fucking", "could you stop", "I asked you to stop"]
VERBS = ["texting", "messaging", "calling", "contacting", "spamming", "harassing", "txting", "writing to"]
WHOM = ["me", "us", "this number", "my phone"]
TAKES = ["remove", "delete", "take", "please remove", "scrub", "I need you to remove"]
WHAT = ["me", "my number", "this number", "my contact info", "my name"]
FROM = ["from your list", "off your list", "from this list", "from your database", "off of your mailing list"]
WANTS = ["I don't want", "I do not want", "I no longer want", "we don't want", "I do not wish to receive", "dont want"]
MESSAGES = ["your texts", "these messages", "any more texts", "text messages", "your promotional texts", "any emails"]


@pytest.mark.parametrize(
    "parts", [(STOPS, VERBS, WHOM), (TAKES, WHAT, FROM), (WANTS, MESSAGES)], ids=["stop", "take", "want"]
)
def test_a_request_put_together(parts: tuple[list[str], ...]) -> None:
    texts = [" ".join(words) for words in product(*parts)]
    assert [text for text in texts if classify_text(text).intent != "opt_out"] == []


@each("negation", ["don't", "do not", "please don't", "never", "You should not"])
@each("request_", ["stop texting me", "remove me from your list", "unsubscribe me", "take me off the list"])
def test_a_request_denied_is_none(negation: str, request_: str) -> None:
    assert classify_text(f"{negation} {request_}").intent == "none"


@each("subject", ["he", "she", "my boss", "they"])
@each("verb", ["won't stop texting me", "wouldn't stop calling me", "can't stop messaging me"])
def test_somebody_else_is_not_us(subject: str, verb: str) -> None:
    assert classify_text(f"{subject} {verb}").intent == "none"


OWN = "Acme: 20% off shoes today. Reply STOP to opt out"
TAPBACKS = {
    "en": "Liked “{}”",
    "en laughed": "Laughed at “{}”",
    "en straight": 'Emphasized "{}"',
    "en reacted": "Reacted 😂 to “{}”",
    "en removed": "Removed a heart from “{}”",
    "es": "Le encantó “{}”",
    "fr": "A adoré « {} »",
    "de": "Gefällt „{}“",
    "pt": "Gostou de “{}”",
    "it": "Ha adorato “{}”",
    "nl": "Vond ‘{}’ leuk",
    "tr": "“{}” ifadesini beğendi",
    "cut off": "Loved “{}",
}


@each("language", TAPBACKS)
@each("own", [OWN, OWN[:-8] + "…", "Please stop texting me"])
def test_our_own_words_sent_back_ask_nothing(language: str, own: str) -> None:
    assert classify_text(TAPBACKS[language].format(own)).intent == "none"


@pytest.mark.parametrize(
    "text", ["Stop sending me this: “{}”", "STOP\n> {}", "Remove me. You wrote: “{}”", "{}. Stop texting me"]
)
def test_a_request_beside_our_own_words_counts(text: str) -> None:
    assert classify_text(text.format(OWN)).intent == "opt_out"
