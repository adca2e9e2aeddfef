"""The outbox sends letters: with the mail server away later, refused never again, interrupted not twice."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone
from pytest_django.fixtures import Settings

from config.local import ports
from consent import outbox, pipeline
from consent.mailing.where import SMTP
from consent.models import Errand
from tests.consent.acknowledging.writing import Office, letter
from tests.consent.mailing.server import MailServer, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def port(settings: Settings) -> int:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", ports.anywhere()
    return int(settings.EMAIL_PORT)


@pytest.fixture
def server(port: int) -> Iterator[MailServer]:
    with serving(port) as running:
        yield running


def waiting(office: Office) -> Errand:
    office.take(letter("Please unsubscribe me."))
    pipeline.drain()
    return Errand.objects.get()


def again() -> Errand:
    """Let whatever waits be due, and do it."""
    Errand.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    outbox.drain()
    return Errand.objects.get()


def test_with_the_server_away_it_is_tried_again_with_growing_waits(office: Office, port: int) -> None:
    waiting(office)
    for wait in (timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)):
        before = timezone.now()
        row = again()
        assert (row.state, row.error) == ("waiting", "ConnectionRefusedError")
        assert before + wait <= row.next_try_at <= timezone.now() + wait
    Errand.objects.update(attempts=30)
    assert again().next_try_at < timezone.now() + timedelta(hours=1)
    with serving(port) as server:
        assert again().state == "done"
        assert len(server.taken) == 1


def test_what_is_refused_for_now_is_tried_again_and_for_good_is_not(office: Office, server: MailServer) -> None:
    waiting(office)
    server.mood = "greylists"
    assert (again().state, again().state) == ("waiting", "waiting")
    server.mood = "no such user"
    row = again()
    assert (row.state, row.error, row.sealed_payload) == ("failed", "SMTPRecipientsRefused 550", None)
    server.mood = ""
    assert again().state == "failed"
    assert server.taken == []


def test_what_may_be_out_is_not_sent_again(office: Office, server: MailServer) -> None:
    waiting(office)
    server.mood = "broken"
    row = again()
    assert (row.state, row.error, row.sealed_payload) == ("unsure", "Unheard", None)
    Errand.objects.all().delete()
    Errand.objects.bulk_create([interrupted(row)])
    server.mood = ""
    assert (again().state, server.taken) == ("unsure", [])


def interrupted(row: Errand) -> Errand:
    """The row as a process leaves it that died over it."""
    row.state, row.lease, row.done_at, row.sealed_payload = "waiting", uuid4(), None, b"\0"
    return row


def test_a_text_does_not_wait_behind_letters(office: Office, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    letter_row = waiting(office)
    text = Errand.objects.get()
    text.pk, text.inbound_id, text.kind, text.next_try_at = uuid4(), uuid4(), "reply", timezone.now()
    text.save(force_insert=True)
    monkeypatch.setattr(outbox, "BATCH", 1)
    assert [row.id for _ in range(2) for row in outbox._claim()[1]] == [text.pk, letter_row.pk]


def test_three_days_later_nothing_is_sent_any_more(office: Office, server: MailServer) -> None:
    row = waiting(office)
    assert row.give_up_at == pytest.approx(timezone.now() + timedelta(days=3), abs=timedelta(minutes=1))
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        outbox.drain()
    assert (Errand.objects.get().state, server.taken) == ("expired", [])
