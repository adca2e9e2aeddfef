"""The outbox: claimed once, tried again only if nothing was sent, never late; a gateway's opt-out is taken in."""

import logging
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import time_machine
from django.utils import timezone

from consent import outbox, pipeline, vault
from consent.configuration import CREDENTIALS_PURPOSE
from consent.models import ConsentEvent, Errand, Inbound, ProviderAccount
from tests.consent.answers.stand_in import StandIn
from tests.consent.answers.texting import NUMBER, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(desk: Desk) -> Callable[..., Errand]:
    def make(provider: str = "generic") -> Errand:
        if provider != "generic":
            desk.answer_by("api", provider)
        desk.take("STOP", provider=provider)
        pipeline.drain()
        return Errand.objects.get()

    return make


def due(row: Errand, **changes: Any) -> None:
    Errand.objects.filter(pk=row.pk).update(next_try_at=timezone.now() - timedelta(seconds=1), **changes)


@pytest.mark.parametrize("provider", ["twilio", "vonage", "generic", "sns"])
def test_a_text_goes_out_through_each_gateway(waiting: Callable[..., Errand], stand_in: StandIn, provider: str) -> None:
    row = waiting(provider)
    assert outbox.drain() == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("done", 1, "")
    assert row.gateway_id
    assert row.done_at
    [text] = stand_in.texts
    assert text.gateway == provider
    assert text.to.lstrip("+") == NUMBER[1:]
    assert outbox.drain() == 0


@pytest.mark.parametrize("provider", ["twilio", "generic", "sns"])
def test_a_number_that_opted_out_at_the_gateway_is_taken_in(
    desk: Desk, waiting: Callable[..., Errand], stand_in: StandIn, provider: str
) -> None:
    desk.answer_by("api", provider)
    desk.take("HELP", provider=provider)
    pipeline.drain()
    stand_in.mood = "opted_out"
    outbox.drain()
    row = Errand.objects.get()
    assert (row.state, row.sealed_payload) == ("failed", None)
    assert desk.reason("offers") == "held"  # from this moment on, before anything worked it off
    pipeline.drain()
    assert desk.reason("service") == "opted_out"
    assert Inbound.objects.order_by("-id")[0].outcome == "opt_out"
    assert Errand.objects.count() == 1  # it is told by the gateway, so nobody is answered


def test_with_the_gateway_down_it_is_tried_again_with_growing_waits(desk: Desk, waiting: Callable[..., Errand]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        desk.answer_by("api", api_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        row = waiting()
        waits = []
        for _ in range(4):
            before = timezone.now()
            assert outbox.drain() == 1
            row.refresh_from_db()
            waits.append(round((row.next_try_at - before).total_seconds()))
            due(row)
    assert waits == [2, 4, 8, 16]
    assert (row.state, row.attempts, row.error, row.lease) == ("waiting", 4, "ConnectError", None)
    desk.answer_by("api")
    outbox.drain()
    assert len(desk.said) == 1


def test_it_is_never_sent_late(desk: Desk, waiting: Callable[..., Errand], stand_in: StandIn) -> None:
    row = waiting()
    assert row.give_up_at - Inbound.objects.get().received_at == timedelta(minutes=5)
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        assert outbox.drain() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts, row.sealed_payload) == ("expired", 0, None)
    assert stand_in.calls == []


def test_what_would_be_tried_too_late_ends_at_once(waiting: Callable[..., Errand], stand_in: StandIn) -> None:
    row = waiting()
    stand_in.mood = "busy"
    due(row, give_up_at=timezone.now() + timedelta(seconds=1))
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.error) == ("expired", "http 503")


def test_a_text_that_the_pipeline_reached_too_late_is_not_sent(desk: Desk, stand_in: StandIn) -> None:
    desk.take("STOP", at=timezone.now() - timedelta(minutes=6))
    pipeline.drain()
    outbox.drain()
    assert desk.errands() == [("stopped", "expired")]
    assert stand_in.calls == []


@pytest.mark.parametrize("mood", ["silent", "broken"])
def test_a_text_that_may_be_out_is_not_sent_again(waiting: Callable[..., Errand], stand_in: StandIn, mood: str) -> None:
    row = waiting("twilio")
    stand_in.mood = mood
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("unsure", 1)
    stand_in.mood = "ok"
    due(row)
    assert outbox.drain() == 0
    assert len(stand_in.calls) == 1


def test_where_a_key_makes_it_one_text_it_is_sent_again(waiting: Callable[..., Errand], stand_in: StandIn) -> None:
    row = waiting("generic")
    for mood in ("silent", "broken", "ok"):
        stand_in.mood = mood
        outbox.drain()
        due(row)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("done", 3)
    assert len({headers["idempotency-key"] for _, headers, _ in stand_in.calls}) == 1


def test_who_died_over_a_text_may_have_sent_it(waiting: Callable[..., Errand], stand_in: StandIn) -> None:
    row = waiting("twilio")
    outbox._claim()  # … and the process dies
    assert outbox.drain() == 0  # the lease holds
    due(row)
    assert outbox.drain() == 1
    row.refresh_from_db()
    assert (row.state, row.error, stand_in.calls) == ("unsure", "interrupted", [])


def test_who_died_over_a_text_with_a_key_sends_it(waiting: Callable[..., Errand], stand_in: StandIn) -> None:
    row = waiting("generic")
    outbox._claim()
    due(row)
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.attempts, len(stand_in.texts)) == ("done", 2, 1)


def test_who_lost_the_lease_marks_nothing(waiting: Callable[..., Errand], stand_in: StandIn) -> None:
    row = waiting()
    lease, rows = outbox._claim()
    Errand.objects.filter(pk=row.pk).update(state="done", lease=None)
    outbox._work(lease, rows)
    row.refresh_from_db()
    assert (row.state, row.gateway_id) == ("done", "")


def test_what_is_claimed_is_nobody_elses(waiting: Callable[..., Errand]) -> None:
    waiting()
    assert len(outbox._claim()[1]) == 1
    assert outbox._claim()[1] == []


def test_a_refusal_ends_it(waiting: Callable[..., Errand], stand_in: StandIn) -> None:
    row = waiting("twilio")
    wrong = {"account_sid": "AC1", "auth_token": "an old one"}
    sealed = vault.seal(CREDENTIALS_PURPOSE, msgspec.json.encode(wrong))
    ProviderAccount.objects.filter(provider="twilio").update(sealed_credentials=sealed)
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.error, stand_in.texts) == ("failed", "http 401", [])


def test_an_account_without_credentials_waits_for_them(desk: Desk, waiting: Callable[..., Errand]) -> None:
    row = waiting("twilio")
    ProviderAccount.objects.filter(provider="twilio").update(sealed_credentials=None)
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.error) == ("waiting", "account CredentialsMissing")
    desk.answer_by("api", "twilio")
    due(row)
    outbox.drain()
    assert len(desk.said) == 1


def test_one_that_cannot_be_opened_costs_no_other(desk: Desk) -> None:
    for place in range(3):
        desk.take("STOP", number=f"+1415555020{place}")
    pipeline.drain()
    first = Errand.objects.order_by("id")[0]
    Errand.objects.filter(pk=first.pk).update(sealed_payload=b"\x01\x01 not what we sealed, by any means")
    outbox.drain()
    assert [state for _, state in desk.errands()] == ["waiting", "done", "done"]


def test_more_than_a_batch(desk: Desk) -> None:
    for place in range(outbox.BATCH + 5):
        desk.take("STOP", number=f"+1415555{place:04d}")
    pipeline.drain()
    assert outbox.drain() == outbox.BATCH + 5
    assert len({text.to for text in desk.stand_in.texts}) == outbox.BATCH + 5


def test_no_log_names_a_person(
    waiting: Callable[..., Errand], stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="consent")
    waiting("twilio")
    stand_in.mood = "opted_out"
    outbox.drain()
    assert "errand" in caplog.text
    assert NUMBER[1:] not in caplog.text


def subscription(desk: Desk, url: str) -> Errand:
    desk.take("", number="", kind="unknown", recipient="", event="SubscriptionConfirmation", confirm_url=url)
    pipeline.drain()
    return Errand.objects.get()


def test_a_subscription_is_accepted_by_one_call(desk: Desk, stand_in: StandIn) -> None:
    row = subscription(desk, f"{stand_in.api_url('subscribe')}/?Action=ConfirmSubscription&Token=123")
    assert (row.kind, row.purpose) == ("confirm", "subscription")
    assert row.key is None
    outbox.drain()
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.sealed_payload) == ("done", None)
    assert [path for path, _, _ in stand_in.calls] == ["/subscribe/?Action=ConfirmSubscription&Token=123"]
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("mood", ["busy", "broken", "silent"])
def test_a_subscription_is_tried_again_for_two_days(desk: Desk, stand_in: StandIn, mood: str) -> None:
    row = subscription(desk, f"{stand_in.api_url('subscribe')}/?Token=1")
    stand_in.mood = mood
    outbox.drain()
    row.refresh_from_db()
    assert row.state == "waiting"
    assert row.give_up_at - row.made_at > timedelta(days=1)
    stand_in.mood = "ok"
    due(row)
    outbox.drain()
    assert desk.errands() == [("subscription", "done")]
