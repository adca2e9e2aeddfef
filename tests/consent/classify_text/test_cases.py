"""Texts in the manner of those who write them, by what they ask."""

import pytest

from consent.classify.text import classify_text
from tests.consent.classify_text.tables import cases


@pytest.mark.parametrize(("language", "text"), cases("opt_out"))
def test_a_request_to_stop_is_understood(language: str, text: str) -> None:
    assert classify_text(text).intent == "opt_out"


@pytest.mark.parametrize(("language", "text"), cases("none"))
def test_an_ordinary_text_asks_nothing(language: str, text: str) -> None:
    assert classify_text(text).intent == "none"


@pytest.mark.parametrize(("language", "text"), cases("opt_in"))
def test_a_request_to_start_is_understood(language: str, text: str) -> None:
    assert classify_text(text).intent == "opt_in"


@pytest.mark.parametrize(("language", "text"), cases("help"))
def test_a_request_for_help_is_understood(language: str, text: str) -> None:
    assert classify_text(text).intent == "help"


@pytest.mark.parametrize(("language", "text"), cases("review"))
def test_a_doubtful_text_is_held_with_a_suggestion(language: str, text: str) -> None:
    decision = classify_text(text)
    assert (decision.intent, decision.suggestion is None) == ("review", False)
