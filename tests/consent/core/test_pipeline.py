"""claim → interpret → record → done: once each, whatever dies in between, and nothing stands in another's way."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from consent import inbox, pipeline, vault
from consent.inbox import Arrival, Envelope
from consent.intake.contract import Message
from consent.models import ConsentEvent, ContactPoint, Hold, Inbound, Review
from tests.consent.core.example import ACME_NUMBER, Organisation, ask, entry, key_of, record

pytestmark = pytest.mark.django_db


def number(place: int) -> str:
    return f"+1415555{place:04d}"


def text(organisation: Organisation, place: int, words: str, **more: Any) -> Inbound:
    """A text message from a number, in the inbox."""
    plain: dict[str, Any] = {"kind": "message", "recipient": ACME_NUMBER, "external_id": f"m-{place}"}
    message = Message(sender=number(place), text=words, **(plain | more))
    accepted = inbox.accept(
        Arrival(
            controller_id=organisation.acme.pk,
            source="sms:generic",
            channel="sms",
            endpoint="acme",
            envelope=Envelope(body=words.encode(), message=message),
            holds=[(key_of("sms", number(place)), organisation.scope("acme"))],
        )
    )
    return Inbound.objects.get(pk=accepted.id)


def reason(organisation: Organisation, place: int, topic: str = "offers") -> str:
    return ask(organisation, topic, [key_of("sms", number(place))], "sms").reason


def spoil(row: Inbound) -> None:
    Inbound.objects.filter(pk=row.pk).update(sealed_raw=b"\x01\x01 not what we sealed, by any means")


def make_due(row: Inbound) -> None:
    Inbound.objects.filter(pk=row.pk).update(next_try_at=timezone.now() - timedelta(seconds=1))


def test_a_drain_works_off_everything_once(organisation: Organisation) -> None:
    for place, words in enumerate(("STOP", "START", "HELP", "thanks a lot", "STOP")):
        text(organisation, place, words)
    assert pipeline.drain() == 5
    assert pipeline.drain() == 0
    assert [reason(organisation, place) for place in range(5)] == ["opted_out", *["opt_out_basis"] * 3, "opted_out"]
    assert not Hold.objects.exists()
    assert set(Inbound.objects.values_list("state", "attempts", "lease")) == {("done", 1, None)}
    assert ConsentEvent.objects.count() == 4  # two STOPs, and a START for us and for everyone


def test_the_address_is_kept_sealed_beside_the_ledger(organisation: Organisation) -> None:
    text(organisation, 1, "STOP")
    pipeline.drain()
    [point] = ContactPoint.objects.all()
    assert (bytes(point.key), point.channel) == (key_of("sms", number(1)), "sms")
    assert number(1).encode() not in bytes(point.sealed_value or b"")


def test_a_row_that_cannot_be_opened_touches_no_other(organisation: Organisation) -> None:
    bad = text(organisation, 0, "STOP")
    spoil(bad)
    for place in range(1, 5):
        text(organisation, place, "STOP")
    pipeline.drain()
    assert [reason(organisation, place) for place in range(5)] == ["held", *["opted_out"] * 4]
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, bad.error) == ("pending", 1, "InvalidTag")


def test_a_row_that_the_database_refuses_touches_no_other(organisation: Organisation) -> None:
    spoilt = text(organisation, 0, "STOP")
    record(entry(key_of("sms", number(9)), organisation.scope("acme"), "grant", inbound_id=spoilt.pk))  # its first line
    for place in range(1, 4):
        text(organisation, place, "STOP")
    pipeline.drain()
    assert [reason(organisation, place) for place in range(4)] == ["held", *["opted_out"] * 3]


def test_what_keeps_failing_waits_longer_each_time_is_set_aside_and_still_denies(organisation: Organisation) -> None:
    bad = text(organisation, 0, "STOP")
    spoil(bad)
    waits = []
    for _ in range(pipeline.MAX_ATTEMPTS):
        make_due(bad)
        before = timezone.now()
        assert pipeline.drain() == 1
        bad.refresh_from_db()
        waits.append(round((bad.next_try_at - before).total_seconds()))
    assert waits == [2, 4, 8, 16, 32, 60]
    assert (bad.state, bad.attempts) == ("set_aside", pipeline.MAX_ATTEMPTS)
    make_due(bad)
    assert pipeline.drain() == 0
    assert reason(organisation, 0) == "held"


def test_what_is_not_due_is_left_alone(organisation: Organisation) -> None:
    bad = text(organisation, 0, "STOP")
    spoil(bad)
    assert [pipeline.drain(), pipeline.drain()] == [1, 0]


def test_a_row_whose_process_died_is_taken_over_when_its_lease_is_over(organisation: Organisation) -> None:
    row = text(organisation, 0, "STOP")
    pipeline._claim(10, "attempts = 0")  # … and the process dies
    assert pipeline.drain() == 0
    row.refresh_from_db()
    assert timezone.now() < row.next_try_at <= timezone.now() + pipeline.LEASE
    make_due(row)
    assert pipeline.drain() == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, reason(organisation, 0)) == ("done", 2, "opted_out")


def test_a_row_that_kills_every_process_is_set_aside_without_being_touched_again(organisation: Organisation) -> None:
    """The attempts are counted before the work; without a bound on them it would kill one worker after another."""
    row = text(organisation, 0, "STOP")
    Inbound.objects.filter(pk=row.pk).update(attempts=pipeline.MAX_ATTEMPTS)
    assert pipeline.drain() == 1
    row.refresh_from_db()
    assert (row.state, ConsentEvent.objects.count(), reason(organisation, 0)) == ("set_aside", 0, "held")


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param({"lease": uuid4()}, id="another process took it over"),
        pytest.param({"state": "done", "lease": None}, id="another process finished it"),
        pytest.param({"state": "set_aside"}, id="it was set aside"),
    ],
)
def test_who_lost_the_lease_has_no_effect(organisation: Organisation, meanwhile: Mapping[str, Any]) -> None:
    rows = [text(organisation, place, "STOP") for place in range(2)]
    claimed = pipeline._claim(10, "attempts = 0")
    Inbound.objects.filter(pk=rows[0].pk).update(**meanwhile)
    pipeline._work(claimed)
    assert [str(line.inbound_id) for line in ConsentEvent.objects.all()] == [str(rows[1].pk)]
    rows[0].refresh_from_db()
    assert rows[0].state == meanwhile.get("state", "pending")


def test_work_done_twice_has_one_effect(organisation: Organisation) -> None:
    text(organisation, 0, "STOP")
    claimed = pipeline._claim(10, "attempts = 0")
    pipeline._work(claimed)
    pipeline._work(claimed)
    assert ConsentEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "more", "outcome"),
    [
        ("STOP", {}, "opt_out"),
        ("stop.", {"verdict": "opt_out"}, "opt_out"),
        ("lovely, thank you", {"verdict": "opt_out"}, "opt_out"),
        ("START", {}, "opt_in"),
        ("HELP", {}, "help"),
        ("see you on Tuesday", {}, "none"),
        ("", {"kind": "unknown", "event": "message.read"}, "unknown"),
        ("", {"kind": "report", "event": "DELIVERED"}, "report"),
        ("", {"kind": "report", "event": "21610", "verdict": "opt_out"}, "opt_out"),
        ("STOP", {"sender_is": "none"}, "review"),
    ],
)
def test_every_kind_of_message_ends_with_an_outcome(
    organisation: Organisation, words: str, more: dict[str, Any], outcome: str
) -> None:
    row = text(organisation, 0, words, **{name: value for name, value in more.items() if name != "sender_is"})
    if "sender_is" in more:
        nameless = Message(kind="message", sender="Bank", recipient=ACME_NUMBER, text=words, external_id="x")
        sealed = vault.seal(inbox.RAW_PURPOSE, Envelope(message=nameless).pack())
        Inbound.objects.filter(pk=row.pk).update(sealed_raw=sealed)
    pipeline.drain()
    row.refresh_from_db()
    assert (row.outcome, row.error) == (outcome, "")


@pytest.fixture
def drained(organisation: Organisation) -> Callable[[str], list[ConsentEvent]]:
    def drain(*words: str, **more: Any) -> list[ConsentEvent]:
        for word in words:
            text(organisation, 0, word, **more)
        pipeline.drain()
        return list(ConsentEvent.objects.order_by("seq"))

    return drain


def test_a_stop_silences_service_too_and_a_start_gives_back_what_was_there(
    organisation: Organisation, drained: Callable[..., list[ConsentEvent]]
) -> None:
    drained("STOP")
    assert [reason(organisation, 0, topic) for topic in ("offers", "service", "newsletter")] == ["opted_out"] * 3
    drained("START")
    found = [reason(organisation, 0, topic) for topic in ("offers", "service", "newsletter")]
    assert found == ["opt_out_basis", "service", "no_consent"]


def test_a_start_to_one_number_leaves_the_stop_to_another(
    organisation: Organisation, drained: Callable[..., list[ConsentEvent]]
) -> None:
    drained("STOP", recipient="55501")
    drained("START", recipient=ACME_NUMBER)
    assert reason(organisation, 0) == "opted_out"
    drained("START", recipient="55501")
    assert reason(organisation, 0) == "opt_out_basis"


def test_stopall_reaches_every_controller_and_a_start_of_one_ends_it(
    organisation: Organisation, drained: Callable[..., list[ConsentEvent]]
) -> None:
    [line] = drained("STOPALL")
    assert (line.controller_id, line.topic_id) == (None, None)
    assert reason(organisation, 0) == "opted_out"


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_text_counts_from_when_it_was_said_but_never_after_it_arrived(
    organisation: Organisation, minutes: int
) -> None:
    said = timezone.now() + timedelta(minutes=minutes)
    row = text(organisation, 0, "STOP", occurred_at=said)
    pipeline.drain()
    assert ConsentEvent.objects.get().occurred_at == min(said, row.received_at)


def test_an_older_start_that_comes_late_lifts_no_newer_stop(organisation: Organisation) -> None:
    text(organisation, 0, "STOP", occurred_at=timezone.now() - timedelta(minutes=5))
    pipeline.drain()
    text(organisation, 0, "START", occurred_at=timezone.now() - timedelta(minutes=9))
    pipeline.drain()
    assert reason(organisation, 0) == "opted_out"


def test_what_goes_to_review_is_held_until_somebody_decides(organisation: Organisation) -> None:
    row = text(organisation, 0, "STOP", recipient=ACME_NUMBER)
    nameless = Message(kind="message", sender="Bank", recipient=ACME_NUMBER, text="STOP", external_id="x")
    sealed = vault.seal(inbox.RAW_PURPOSE, Envelope(message=nameless).pack())
    Inbound.objects.filter(pk=row.pk).update(sealed_raw=sealed)
    pipeline.drain()
    row.refresh_from_db()
    review = Review.objects.get()
    assert (row.state, row.done_at, review.channel, review.suggestion) == ("review", None, "sms", "opt_out")
    assert not Hold.objects.filter(inbound=row).exists()  # nobody can say whose number it is
