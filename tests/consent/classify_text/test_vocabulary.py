"""The tables of words: each row has a worked example, which contains a word of the row and needs that row."""

import re
from itertools import chain

import pytest

from consent.classify import text_data
from consent.classify.text import classify_text
from consent.classify.text_normal import fold, sentences, words_of
from consent.classify.text_rules import ROWS, read_words, without_fillers
from consent.classify.text_scope import channels
from consent.classify.text_tables import languages, word_classes
from tests.each import each


def rows(name: str) -> list[object]:
    return [pytest.param(*fields, id=f"{fields[0]}-{number}") for number, fields in enumerate(text_data.lines(name))]


def words(text: str) -> list[str]:
    return list(chain.from_iterable(read_words(part) for part in sentences(text)))


@each(("latin", "lookalikes", "example"), rows("confusables.tsv"))
def test_a_letter_that_looks_like_another(latin: str, lookalikes: str, example: str) -> None:
    assert set(fold(example)) & set(lookalikes)
    plain = "".join(latin if letter in lookalikes else letter for letter in fold(example))
    assert classify_text(example).row == classify_text(plain).row != "none"


@each(("meant", "variants", "example"), rows("spellings.tsv"))
def test_a_short_spelling(meant: str, variants: str, example: str) -> None:
    assert set(variants.split()) & set(chain.from_iterable(words_of(part) for part in sentences(example)))
    assert meant in words(example)


@each(("language", "mistyped", "example"), rows("slips.tsv"))
def test_a_slip_in_a_word_of_requests(language: str, mistyped: str, example: str) -> None:
    written = set(chain.from_iterable(words_of(part) for part in sentences(example)))
    assert set(mistyped.split()) & (set(words(example)) - written)
    assert classify_text(example).intent == "opt_out"


@each(("beside", "others", "example"), rows("ordinary.tsv"))
def test_an_ordinary_word_beside_a_known_one(beside: str, others: str, example: str) -> None:
    assert set(words_of(fold(others))) & set(words_of(fold(example)))
    assert classify_text(example).intent == "none"
    assert beside


@each(("language", "alternatives", "example"), rows("fillers.tsv"))
def test_a_word_that_changes_nothing(language: str, alternatives: str, example: str) -> None:
    said = words(example)
    assert len(without_fillers(said)) < len(said)
    assert any(set(words_of(fold(written))) <= set(said) for written in alternatives.split("|"))
    assert classify_text(example).intent == "opt_out"


@each(("channel", "names", "example"), rows("channels.tsv"))
def test_a_word_that_names_a_channel(channel: str, names: str, example: str) -> None:
    assert channel in channels(words(example))
    assert classify_text(example).intent == "opt_out"


@each(("name", "members", "example"), rows("markers.tsv"))
def test_a_set_that_the_reading_needs(name: str, members: str, example: str) -> None:
    assert any(word in fold(example) for word in members.split())
    assert classify_text(example)


def test_every_name_for_alternatives_stands_in_a_row_with_an_example() -> None:
    used = {(row.language, name) for row in ROWS for name in re.findall(r"<([\w.-]+)>", row.pattern)}
    nested = {
        (language, name)
        for language in languages()
        for alternatives in word_classes(language).values()
        for name in re.findall(r"<([\w.-]+)>", alternatives)
    }
    assert [
        (language, name)
        for language in languages()
        for name in word_classes(language)
        if (language, name) not in used | nested
    ] == []
