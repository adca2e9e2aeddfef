"""Each row of the tables shows by its own example that it decides, and by its counter-example where it ends."""

from collections import Counter

import pytest

from consent.classify.text import VERSION, classify_text
from consent.classify.text_keywords import Keyword
from consent.classify.text_rules import AUTOMATON, KEYWORDS, ROWS
from consent.classify.text_tables import Row

PHRASES = [pytest.param(row, id=row.id) for row in ROWS]
WORDS = [pytest.param(row, id=row.id) for row in KEYWORDS.rows]


@pytest.mark.parametrize("row", PHRASES)
def test_the_example_of_a_phrase_is_decided_by_it(row: Row) -> None:
    decision = classify_text(row.example)
    assert (decision.row, decision.intent, decision.language) == (row.id, row.intent, row.language)
    assert decision.version == VERSION


@pytest.mark.parametrize("row", PHRASES)
def test_the_counter_example_of_a_phrase_is_not(row: Row) -> None:
    assert row.counter
    assert classify_text(row.counter).row != row.id


@pytest.mark.parametrize("row", WORDS)
def test_every_keyword_of_a_row_is_decided_by_it(row: Keyword) -> None:
    assert {classify_text(word).row for word in row.words} == {row.id}
    assert classify_text(row.example).intent == row.intent


@pytest.mark.parametrize("row", WORDS)
def test_the_counter_example_of_a_keyword_is_not(row: Keyword) -> None:
    assert row.counter
    assert classify_text(row.counter).row != row.id


def test_no_two_rows_share_an_id_or_a_word() -> None:
    ids = Counter([row.id for row in ROWS] + [row.id for row in KEYWORDS.rows])
    words = Counter(word for row in KEYWORDS.rows for word in row.words)
    assert [name for name, count in (ids + words).items() if count > 1] == []


def test_an_id_names_its_language() -> None:
    assert [row.id for row in ROWS if row.id.split(".")[1] != row.language] == []


@pytest.mark.parametrize("row", PHRASES)
def test_what_is_held_has_a_suggestion(row: Row) -> None:
    assert (row.intent == "review") <= (row.suggestion is not None)


def test_a_pattern_is_short() -> None:
    assert AUTOMATON.longest <= 40
