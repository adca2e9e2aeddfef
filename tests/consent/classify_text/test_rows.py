"""Each row of the tables shows by its own example that it decides, and by its counter-example where it ends."""

from collections import Counter
from collections.abc import Sequence

import pytest

from consent.classify.text import VERSION, classify_text
from consent.classify.text_keywords import Keyword
from consent.classify.text_rules import KEYWORDS, ROWS, automaton
from consent.classify.text_tables import Row


def test_the_example_of_a_phrase_is_decided_by_it() -> None:
    read = [(row, classify_text(row.example)) for row in ROWS]
    wrong = [
        row.id for row, made in read if (made.row, made.intent, made.language) != (row.id, row.intent, row.language)
    ]
    assert wrong == []
    assert {made.version for _, made in read} == {VERSION}


def test_every_keyword_of_a_row_is_decided_by_it() -> None:
    wrong = [word for row in KEYWORDS.rows for word in row.words if classify_text(word).row != row.id]
    assert wrong + [row.id for row in KEYWORDS.rows if classify_text(row.example).intent != row.intent] == []


@pytest.mark.parametrize("rows", [ROWS, KEYWORDS.rows], ids=["phrases", "keywords"])
def test_the_counter_example_is_not_decided_by_its_row(rows: Sequence[Row | Keyword]) -> None:
    assert [row.id for row in rows if not row.counter or classify_text(row.counter).row == row.id] == []


def test_no_two_rows_share_an_id_or_a_word() -> None:
    ids = Counter([row.id for row in ROWS] + [row.id for row in KEYWORDS.rows])
    words = Counter(word for row in KEYWORDS.rows for word in row.words)
    assert [name for name, count in (ids + words).items() if count > 1] == []


def test_an_id_names_its_language() -> None:
    assert [row.id for row in ROWS if row.id.split(".")[1] != row.language] == []


def test_what_is_held_has_a_suggestion() -> None:
    assert [row.id for row in ROWS if row.intent == "review" and row.suggestion is None] == []


def test_a_pattern_is_short() -> None:
    assert automaton().longest <= 40
