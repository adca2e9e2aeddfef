"""How a text is taken apart: names after capitals, labels, last clauses, keys hit beside the right one, numbers."""

import pytest

from consent.classify import text_rules
from consent.classify.text import classify_text
from consent.classify.text_normal import LIMIT, sentences
from consent.classify.text_rules import matches, read_words
from tests.each import each

NAMED = [
    ("STOP ACME", "opt_out"),
    ("ARRÊT ACME", "opt_out"),
    ("BAJA PROMO", "opt_out"),
    ("RET ACME", "opt_out"),
    ("stop acme", "review"),
    ("STOP LYING", "none"),
    ("STOP SIGN", "none"),
    ("STOP IT", "opt_out"),
]


@each(("text", "intent"), NAMED)
def test_a_name_after_a_keyword_in_capitals(text: str, intent: str) -> None:
    assert classify_text(text).intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "Abmelden? Antworten Sie mit STOPP",
        "Abmelden: STOP an 12345",
        "Sale today! Opt out: STOP",
        "Your statement is ready. Unsub: reply STOP",
    ],
)
def test_a_label_before_an_instruction_is_none(text: str) -> None:
    assert classify_text(text).intent == "none"


@pytest.mark.parametrize("text", ["Unsub. Stop.", "STOP! Enough.", "Stop: wrong person", "opt out. stop"])
def test_two_requests_are_no_label(text: str) -> None:
    assert classify_text(text).intent == "opt_out"


CLAUSES = [
    ("I'm all for her, now stop texting me", "opt_out"),
    ("I didn't get the job, take me off the list", "opt_out"),
    ("tell your mother, stop calling", "none"),
    ("he goes on, never stop", "none"),
]


@pytest.mark.parametrize(("text", "intent"), CLAUSES)
def test_a_request_may_fill_the_last_clause(text: str, intent: str) -> None:
    assert classify_text(text).intent == intent


@pytest.mark.parametrize("text", ["stop tecting me", "unsubscrobe me please", "no more mesdages", "stop conracting me"])
def test_a_neighbouring_key_is_forgiven(text: str) -> None:
    assert classify_text(text).intent == "opt_out"


@pytest.mark.parametrize("text", ["stop testing me", "no more massages", "stop falling for me"])
def test_another_word_is_itself(text: str) -> None:
    assert classify_text(text).intent != "opt_out"


@pytest.mark.parametrize(
    ("text", "intent"),
    [("STOP 2", "opt_out"), ("exit 42", "none"), ("remove 5551234567", "opt_out"), ("end 3", "none")],
)
def test_a_short_number_counts_something(text: str, intent: str) -> None:
    assert classify_text(text).intent == intent


def test_what_is_held_for_a_reason_confirms_no_weak_word() -> None:
    assert classify_text("please don't call, text instead").intent == "review"


@pytest.mark.parametrize("piece", ["退订不要", "stop texting me ", "ѕтор тех "])
def test_many_matches_in_one_sentence_do_not_copy_it_each_time(piece: str) -> None:
    for part in sentences((piece * LIMIT)[:LIMIT]):
        standing = matches(text_rules.without_fillers(read_words(part)))
        assert standing
        assert max(len(match.rest) for match in standing) <= 40
