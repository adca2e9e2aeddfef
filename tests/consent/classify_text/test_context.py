"""What is known beside the text: the gateway's verdict, whether it answers us, its language; and what is answered."""

import pytest

from consent.classify.text import VERSION, TextDecision, classify_text
from consent.classify.text_explain import explain_text
from consent.intake.contract import Verdict
from tests.each import each


@each("verdict", ["opt_out", "opt_in", "help"])
@each("text", ["STOP", "START", "hello", ""])
def test_the_gateway_outranks_the_text(verdict: Verdict, text: str) -> None:
    assert classify_text(text, verdict=verdict) == TextDecision(verdict, f"gateway.{verdict}", VERSION)


@pytest.mark.parametrize("text", ["enough", "out", "stop acme", "block", "leave"])
def test_a_weak_word_counts_in_answer_to_us(text: str) -> None:
    assert classify_text(text).intent == "review"
    assert classify_text(text, reply_to_us=True).intent == "opt_out"


def test_a_lone_keyword_needs_no_thread() -> None:
    assert [classify_text("remove", reply_to_us=known).intent for known in (False, True)] == ["opt_out", "opt_out"]


def test_a_known_language_settles_a_word_that_is_weak_without() -> None:
    assert classify_text("para").intent == "review"
    assert classify_text("para", language="es").intent == "opt_out"


@each("text", ["", " ", "\x00", "\ud800", "🙂", ".", "\u200b", "12345"])
def test_nothing_is_asked_by_nothing(text: str) -> None:
    assert classify_text(text) == TextDecision("none", "none", VERSION)


@pytest.mark.parametrize("text", ["yes please", "Yes I can", "yes!! see you", "oh yes"])
def test_yes_counts_only_alone(text: str) -> None:
    assert classify_text(text).intent == "none"
    assert classify_text("Yes").intent == "opt_in"


def test_stop_and_start_in_one_text_is_never_a_consent() -> None:
    assert {
        classify_text(text).intent for text in ("STOP START", "start stop", "Stop. Start.", "START no wait STOP")
    } == {"review"}


def test_an_explanation() -> None:
    assert explain_text({"text": "Stop, please", "language": None}) == {
        "intent": "opt_out",
        "row": "keyword.en.stop",
        "language": "en",
        "scope": "sender",
        "version": VERSION,
        "suggestion": None,
    }


def test_an_explanation_tells_of_other_channels() -> None:
    answer = explain_text({"text": "STOP. Also no more letters to my house", "reply_to_us": True})
    assert [part["scope"] for part in answer["also"]] == ["post"]


@pytest.mark.parametrize("item", [{"text": 1}, {"text": "a", "language": 2}, {"text": "a", "reply_to_us": "yes"}])
def test_an_item_that_cannot_be_read(item: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^\w+: not "):
        explain_text(item)


def test_an_item_without_a_text() -> None:
    with pytest.raises(KeyError):
        explain_text({})
