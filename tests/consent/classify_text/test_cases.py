"""Texts in the manner of those who write them, by what they ask."""

import pytest

from consent.classify.text import classify_text
from tests.consent.classify_text.tables import cases


@pytest.mark.parametrize("intent", ["opt_out", "none", "opt_in", "help", "review"])
def test_every_text_of_the_table_is_understood(intent: str) -> None:
    read = [(text, classify_text(text)) for _, text in cases(intent)]
    assert read
    assert [(text, decision.row) for text, decision in read if decision.intent != intent] == []


def test_a_doubtful_text_is_held_with_a_suggestion() -> None:
    assert [text for _, text in cases("review") if classify_text(text).suggestion is None] == []
