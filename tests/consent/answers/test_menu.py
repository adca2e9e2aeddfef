"""The confirmation that asks what to keep, and its answer."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from consent import ledger, pipeline
from consent.menu import numbers_of
from consent.models import ConsentEvent, Errand, Inbound, Permission, Suppression
from consent.suppression import derive
from tests.consent.answers.texting import NUMBER, Desk
from tests.consent.core.example import ask, entry, key_of, record
from tests.each import each

pytestmark = pytest.mark.django_db

TOPICS = ("offers", "events", "newsletter", "service")


@pytest.fixture
def asking(desk: Desk) -> Desk:
    desk.answer_by("api", menu="offers,events")
    return desk


def allowed(desk: Desk, number: str = NUMBER) -> list[str]:
    key = key_of("sms", number)
    return [topic for topic in TOPICS if ask(desk.organisation, topic, [key], "sms").allowed]


def grant(desk: Desk, topic: str) -> None:
    key, scope = key_of("sms", NUMBER), desk.organisation.scope(topic)
    record(entry(key, scope, "grant", channel="sms", basis="opt_in"))


@each(
    ("text", "numbers"),
    [
        ("1", (1,)),
        (" 2. ", (2,)),
        ("1 2", (1, 2)),
        ("1,2", (1, 2)),
        ("1 & 2", (1, 2)),
        ("１、２", (1, 2)),
        ("٢", (2,)),
        ("", ()),
        ("...", ()),
        ("1 please", ()),
        ("123", ()),
        ("²", ()),
        ("STOP 1", ()),
        ("1 " * 30, ()),
        ("1 " * 500_000, ()),
    ],
)
def test_the_numbers_of_a_text(text: str, numbers: tuple[int, ...]) -> None:
    assert numbers_of(text) == numbers


def test_the_confirmation_asks_and_all_is_stopped_meanwhile(asking: Desk) -> None:
    asking.text("STOP")
    [said] = asking.said
    assert said.endswith("1 to keep Offers, 2 to keep Events")
    assert allowed(asking) == []


def test_a_number_keeps_its_topic_and_stops_every_other(asking: Desk) -> None:
    grant(asking, "newsletter")
    asking.text("STOP")
    asking.text("1")
    assert allowed(asking) == ["offers", "service"]
    assert [asking.reason(topic) for topic in ("events", "newsletter")] == ["opted_out"] * 2
    assert not Permission.objects.exists()
    row = Inbound.objects.order_by("-id")[0]
    assert (row.outcome, row.rule, row.state) == ("keep", "menu.keep", "done")
    assert len(asking.said) == 1  # one confirmation, and no second


@pytest.mark.parametrize("words", [("1 2",), ("1", "2"), ("2,1",)])
def test_several_numbers_keep_several_topics(asking: Desk, words: tuple[str, ...]) -> None:
    asking.text("STOP")
    for text in words:
        asking.text(text)
    assert allowed(asking) == ["offers", "events", "service"]


def test_what_is_kept_is_what_was_there_and_nothing_more(asking: Desk) -> None:
    asking.answer_by("api", menu="newsletter,double")
    asking.text("STOP")
    asking.text("1")
    assert asking.reason("newsletter") == "no_consent"
    assert not Permission.objects.exists()


def test_a_permission_that_was_there_is_kept(asking: Desk) -> None:
    asking.answer_by("api", menu="newsletter,double")
    grant(asking, "newsletter")
    asking.text("STOP")
    assert asking.reason("newsletter") == "opted_out"
    asking.text("1")
    assert asking.reason("newsletter") == "granted"


def test_an_earlier_choice_against_a_topic_stands(asking: Desk) -> None:
    record(entry(key_of("sms", NUMBER), asking.organisation.scope("offers"), "withdraw", "choice", channel="sms"))
    asking.text("STOP")
    asking.text("1")
    assert allowed(asking) == ["service"]


@pytest.mark.parametrize("words", ["3", "0", "1 3", "yes please", "offers", "1 to keep Offers", "thanks"])
def test_anything_else_leaves_all_stopped(asking: Desk, words: str) -> None:
    asking.text("STOP")
    asking.text(words)
    assert asking.reason("service") in ("opted_out", "held")
    assert allowed(asking) == []


def test_a_number_without_a_question_means_nothing(asking: Desk) -> None:
    asking.text("1")
    assert not ConsentEvent.objects.exists()
    asking.answer_by("api")
    asking.text("STOP")
    asking.text("1")
    assert allowed(asking) == []


def test_an_answer_to_another_number_of_ours_or_from_somebody_else_means_nothing(asking: Desk) -> None:
    asking.text("STOP")
    asking.text("1", recipient="55501")
    asking.text("1", number="+14155550177")
    assert allowed(asking) == []


def test_after_a_day_it_is_too_late(asking: Desk) -> None:
    asking.text("STOP")
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=5), tick=False):
        asking.text("1")
    assert allowed(asking) == []


def test_a_question_that_never_went_out_has_no_answer(asking: Desk) -> None:
    asking.take("STOP")
    pipeline.drain()
    asking.take("1")
    pipeline.drain()
    assert Errand.objects.get().attempts == 0
    assert allowed(asking) == []


def test_a_stop_said_after_the_question_stands(asking: Desk) -> None:
    asking.text("STOP")
    asking.text("STOP")
    asking.text("1")
    assert allowed(asking) == []


def test_a_stop_after_the_answer_stops_all_and_is_confirmed(asking: Desk) -> None:
    for words in ("STOP", "1", "STOP"):
        asking.text(words)
    assert allowed(asking) == []
    assert len(asking.said) == 2


def test_after_a_start_there_is_nothing_to_choose_from(asking: Desk) -> None:
    for words in ("STOP", "START", "1"):
        asking.text(words)
    assert allowed(asking) == ["offers", "events", "service"]


def test_stopall_asks_nothing(asking: Desk) -> None:
    asking.text("STOPALL")
    assert "keep" not in asking.said[0]
    asking.text("1")
    assert allowed(asking) == []


def test_the_state_is_what_the_ledger_says_in_any_order(asking: Desk) -> None:
    grant(asking, "newsletter")
    for words in ("STOP", "1", "2", "STOP", "2"):
        asking.text(words)
    assert allowed(asking) == ["events", "service"]
    lines = ledger.lines_of([key_of("sms", NUMBER)])
    stored = set(Suppression.objects.values_list("controller_id", "topic_id", "cause", "sender", "event_id"))
    for order in (lines, lines[::-1], sorted(lines, key=lambda line: str(line.id)[::-1])):
        denials = derive(order).denials
        assert {(*denial.scope, denial.cause, denial.sender, denial.event_id) for denial in denials} == stored
