"""Which texts are answered: the first STOP once, HELP, a START that gave something back, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from consent import outbox, pipeline
from consent.answering import MOST_AN_HOUR
from consent.answers import texts
from consent.models import ConsentEvent, Controller, Errand, Inbound, Sender
from consent.models.vocabulary import SenderKind
from tests.consent.answers.texting import NUMBER, Desk
from tests.consent.core.example import ACME_NUMBER
from tests.each import each

pytestmark = pytest.mark.django_db


def test_a_stop_is_confirmed_despite_the_suppression(desk: Desk) -> None:
    desk.text("STOP")
    assert desk.reason("service") == "opted_out"
    [sent] = desk.stand_in.texts
    assert (sent.sender, sent.to) == (ACME_NUMBER, NUMBER)
    assert sent.body == texts.stopped("en", "Acme Hosting", {})


def test_once_however_often_it_is_said_or_delivered(desk: Desk) -> None:
    for _ in range(3):
        desk.text("STOP", external_id="the same")
        desk.text("stop!!")
        desk.text("please take me off your list")
    assert desk.said == [texts.stopped("en", "Acme Hosting", {})]


def test_once_when_all_come_in_one_batch(desk: Desk) -> None:
    for _ in range(5):
        desk.take("STOP")
    pipeline.drain()
    outbox.drain()
    assert desk.errands() == [("stopped", "done")]


def test_an_older_stop_that_comes_late_is_not_confirmed_again(desk: Desk) -> None:
    desk.text("STOP", occurred_at=timezone.now() - timedelta(seconds=5))
    desk.text("STOP", occurred_at=timezone.now() - timedelta(seconds=60))
    assert len(desk.said) == 1


def test_help_is_answered_each_time_with_who_helps(desk: Desk) -> None:
    desk.text("HELP")
    desk.text("STOP")
    desk.text("help?")
    helped = texts.helped("en", "Acme Hosting", "privacy@acme.example", {})
    assert desk.said == [helped, texts.stopped("en", "Acme Hosting", {}), helped]


def test_a_start_is_answered_if_it_gave_something_back(desk: Desk) -> None:
    desk.text("START")
    assert desk.said == []
    for words in ("STOP", "START", "START", "STOP"):
        desk.text(words)
    stopped, started = texts.stopped("en", "Acme Hosting", {}), texts.started("en", "Acme Hosting", {})
    assert desk.said == [stopped, started, stopped]


def test_each_in_its_turn_within_one_batch(desk: Desk) -> None:
    for words in ("STOP", "START", "STOP", "STOP"):
        desk.take(words)
    pipeline.drain()
    assert [purpose for purpose, _ in desk.errands()] == ["stopped", "started", "stopped"]


def test_a_late_start_that_lifts_nothing_is_not_answered(desk: Desk) -> None:
    desk.text("STOP")
    desk.text("START", occurred_at=timezone.now() - timedelta(minutes=9))
    assert desk.reason("service") == "opted_out"
    assert len(desk.said) == 1


def test_a_stop_to_each_number_of_ours_is_confirmed_from_it(desk: Desk) -> None:
    desk.text("STOP")
    desk.text("STOP", recipient="55501")
    assert [text.sender for text in desk.stand_in.texts] == [ACME_NUMBER, "55501"]


@pytest.mark.parametrize(
    ("words", "options", "language"),
    [
        ("STOP", {}, "en"),
        ("STOP", {"language": "de"}, "de"),
        ("ARRET", {}, "fr"),
        ("ARRET", {"language": "de"}, "fr"),
        ("Bitte keine SMS mehr", {}, "de"),
        ("no quiero recibir más mensajes", {"language": "de"}, "es"),
    ],
)
def test_in_the_language_of_the_request(desk: Desk, words: str, options: dict[str, str], language: str) -> None:
    desk.answer_by("api", **options)
    desk.text(words)
    assert desk.said == [texts.stopped(language, "Acme Hosting", {})]


def test_an_account_says_it_its_own_way(desk: Desk) -> None:
    desk.answer_by("api", contact="1-800-555-0100", **{"text.stopped.en": "{controller} says goodbye."})
    desk.text("STOP")
    desk.text("HELP")
    assert desk.said == ["Acme Hosting says goodbye.", texts.helped("en", "Acme Hosting", "1-800-555-0100", {})]


def test_nothing_without_somebody_to_help(desk: Desk) -> None:
    Controller.objects.update(contact="")
    desk.text("HELP")
    assert desk.said == [texts.helped("en", "Acme Hosting", "", {})]


def test_where_the_gateway_answers_nothing_is_written(desk: Desk) -> None:
    for way in ("gateway", "", "nonsense"):
        desk.answer_by(way)
        desk.text("HELP")
    assert desk.errands() == []


@each(
    ("words", "more"),
    [
        ("thanks a lot", {}),
        ("wrong number", {}),  # in doubt
        ("", {"kind": "report", "event": "21610", "verdict": "opt_out"}),
        ("", {"kind": "report", "event": "DELIVERED"}),
        ("", {"kind": "unknown", "event": "message.read"}),
        ("STOP", {"verdict": "opt_out"}),  # the gateway read it, and answered
        ("help", {"verdict": "help"}),
        ("STOP", {"number": "Bank"}),  # nobody can be written to there
        ("STOP", {"number": "55999"}),
        ("STOP", {"recipient": "+18005550100"}),  # the network answers for a toll-free number
        (" Start ", {"recipient": "+18885550100"}),
    ],
)
def test_what_is_not_answered(desk: Desk, words: str, more: dict[str, str]) -> None:
    desk.text(words, **more)
    assert desk.errands() == []


def test_what_the_network_does_not_understand_is_confirmed_to_a_toll_free_number(desk: Desk) -> None:
    desk.text("please stop texting me", recipient="+18005550100")
    desk.text("HELP", recipient="+18005550100")
    assert [purpose for purpose, _ in desk.errands()] == ["stopped", "help"]


def test_a_number_of_our_own_is_not_answered(desk: Desk) -> None:
    Sender.objects.create(
        controller=desk.organisation.acme, channel="sms", kind=SenderKind.SENDER, address="+15550100002"
    )
    desk.text("HELP", number="+15550100002")
    assert desk.errands() == []


def test_what_is_worked_off_again_is_not_answered_again(desk: Desk) -> None:
    inbound = desk.take("HELP")
    pipeline.drain()
    again = {"state": "pending", "attempts": 0, "next_try_at": timezone.now(), "lease": None}
    Inbound.objects.filter(pk=inbound).update(**again)
    pipeline.drain()
    assert Errand.objects.count() == 1


def test_the_words_and_the_number_are_sealed_and_emptied_when_done(desk: Desk) -> None:
    desk.take("STOP")
    pipeline.drain()
    row = Errand.objects.get()
    sealed = bytes(row.sealed_payload or b"")
    assert sealed
    assert NUMBER.encode() not in sealed
    assert b"Acme" not in sealed
    outbox.drain()
    row.refresh_from_db()
    assert (row.sealed_payload, row.gateway_id) == (None, f"g-{row.pk}")


def test_the_ledger_says_the_same_whether_or_not_it_is_answered(desk: Desk) -> None:
    desk.text("STOP")
    desk.answer_by("gateway")
    desk.text("STOP", number="+14155550199")
    rows = ConsentEvent.objects.values_list("action", "cause", "sender", "source")
    assert len(set(rows)) == 1


def test_two_machines_do_not_answer_each_other_for_ever(desk: Desk) -> None:
    for _ in range(15):
        desk.take("HELP")
    pipeline.drain()
    desk.text("HELP")
    desk.text("HELP", number="+14155550177")
    assert [text.to for text in desk.stand_in.texts].count(NUMBER) == MOST_AN_HOUR
    assert len(desk.stand_in.texts) == MOST_AN_HOUR + 1


@pytest.mark.parametrize(
    "broken",
    ["ALTER TABLE consent_errand RENAME COLUMN purpose TO meant", "UPDATE consent_controller SET name = NULL"],
)
def test_what_fails_while_answering_does_not_cost_the_opt_out(desk: Desk, broken: str) -> None:
    with connection.cursor() as cursor:
        if "NULL" in broken:
            cursor.execute("ALTER TABLE consent_controller ALTER name DROP NOT NULL")
        cursor.execute(broken)
    desk.take("STOP")
    pipeline.drain()
    assert desk.reason("service") == "opted_out"
