"""Asking for mail: had once, handed over without a gap, held while it cannot be had, for staff where it never can."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from consent import certificates, collecting, mailbox, outbox, pipeline
from consent.certificates import Certificates
from consent.inbox import open_envelope
from consent.models import ConsentEvent, Errand, Hold, Inbound, Review
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, make_organisation
from tests.consent.esp.holding import CREDENTIALS, holding
from tests.consent.esp.notices import ANN, LETTER, NAMES, PROVIDERS, Desk, due
from tests.consent.providers.gateways import NOW, certificate

pytestmark = pytest.mark.django_db
every_provider = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
def desk(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(certificates, "shared", Certificates(lambda url: certificate()))
    with time_machine.travel(NOW, tick=True), holding() as holder:
        made = Desk(make_organisation(), holder, client)
        for provider in PROVIDERS:
            made.set_up(provider)
        yield made


def told(desk: Desk, provider: str, **more: Any) -> Errand:
    """A notice that the pipeline has seen."""
    assert desk.tell(provider, **more) in (200, 503)
    pipeline.drain()
    return Errand.objects.latest("id")


def notice() -> Inbound:
    return Inbound.objects.get(source__startswith="esp:")


def mails() -> list[Inbound]:
    return list(Inbound.objects.filter(source="mail"))


@every_provider
def test_a_letter_is_fetched_and_read_as_any_other(desk: Desk, provider: str) -> None:
    row = told(desk, provider)
    assert outbox.drain() == 1
    row.refresh_from_db()
    assert (row.state, row.error, row.sealed_payload) == ("done", "", None)
    [mail] = mails()
    assert (mail.endpoint, mail.state, mail.verified) == (MAILBOX, "pending", False)
    assert open_envelope(mail.sealed_raw or b"").body == LETTER
    assert (notice().state, notice().outcome) == ("done", "fetched")
    assert desk.reason() == "held"  # by the letter now
    assert set(Hold.objects.values_list("inbound_id", flat=True)) == {mail.pk}
    pipeline.drain()
    assert desk.reason() == "opted_out"
    assert ConsentEvent.objects.get().inbound_id == mail.pk
    assert pipeline.drain() == 0


@every_provider
def test_it_is_asked_for_by_whom_it_is_told_to_and_once(desk: Desk, provider: str) -> None:
    told(desk, provider)
    outbox.drain()
    paths = [path.partition("?")[0] for path, _ in desk.holder.asked]
    assert paths[0].endswith(f"/{NAMES[provider]}")
    assert len(paths) == (1 if provider == "amazon_ses" else 2)
    assert desk.tell(provider) == 200
    pipeline.drain()
    outbox.drain()
    assert len(desk.holder.asked) == len(paths)
    assert len(mails()) == 1


@every_provider
@pytest.mark.parametrize("mood", ["away", "denied", "moved", "page"])
def test_while_it_cannot_be_had_the_sender_is_held(desk: Desk, provider: str, mood: str) -> None:
    row, waits = told(desk, provider), []
    desk.holder.mood = mood
    for _ in range(4):
        before = timezone.now()
        assert outbox.drain() == 1
        row.refresh_from_db()
        waits.append(round((row.next_try_at - before).total_seconds()))
        due()
    assert (waits, row.state, row.attempts) == ([2, 4, 8, 16], "waiting", 4)
    assert not any("/raw/x" in path for path, _ in desk.holder.asked)  # no redirect is followed
    assert (notice().state, desk.reason(), mails()) == ("fetching", "held", [])
    desk.holder.mood = "ok"
    outbox.drain()
    pipeline.drain()
    assert desk.reason() == "opted_out"


@every_provider
def test_with_nobody_at_the_address_the_sender_is_held(desk: Desk, provider: str) -> None:
    row = told(desk, provider)
    desk.set_up(provider, api_url="http://127.0.0.1:9/nobody")
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.error, desk.reason()) == ("waiting", "ConnectError", "held")


@every_provider
def test_one_that_is_not_there_waits_for_staff_and_is_held(desk: Desk, provider: str) -> None:
    row = told(desk, provider, raw=None)
    for _ in range(collecting.MOST_MISSES):
        assert desk.reason() == "held"
        assert outbox.drain() == 1
        due()
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "http 404")
    assert desk.reason() == "held"
    pipeline.drain()
    assert (notice().state, desk.reason()) == ("review", "held")
    review = Review.objects.get()
    assert (review.channel, review.suggestion) == ("email", "" if provider == "mailtrap" else "opt_out")
    assert review.holds.count() == 1


def test_after_three_days_it_waits_for_staff_and_is_held(desk: Desk) -> None:
    row = told(desk, "resend")
    assert row.give_up_at - notice().received_at == timedelta(days=3)
    desk.holder.mood = "away"
    with time_machine.travel(NOW + timedelta(days=3, minutes=1), tick=True):
        outbox.drain()
        row.refresh_from_db()
        assert (row.state, desk.reason()) == ("expired", "held")
        pipeline.drain()
        assert (notice().state, Review.objects.count(), desk.reason()) == ("review", 1, "held")
    assert desk.holder.asked == []


def test_what_would_be_tried_too_late_ends_at_once(desk: Desk) -> None:
    told(desk, "resend")
    desk.holder.mood = "away"
    due(give_up_at=timezone.now() + timedelta(seconds=1))
    outbox.drain()
    pipeline.drain()
    assert (Errand.objects.get().state, notice().state, desk.reason()) == ("expired", "review", "held")


def test_staff_may_ask_again_and_the_review_is_closed_when_it_comes(desk: Desk) -> None:
    row = told(desk, "resend", raw=None)
    Errand.objects.update(attempts=collecting.MOST_MISSES)
    outbox.drain()
    pipeline.drain()
    desk.holder.letters[NAMES["resend"]] = LETTER
    assert collecting.collect_again([row.pk]) == 1
    assert desk.reason() == "held"
    outbox.drain()
    assert (desk.reason(), notice().state) == ("held", "done")
    review = Review.objects.get()
    assert (review.decision, review.decided_by, bool(review.reason)) == ("none", None, True)
    pipeline.drain()
    assert desk.reason() == "opted_out"
    assert collecting.collect_again([row.pk]) == 0


def test_one_that_fails_again_leaves_the_review_open(desk: Desk) -> None:
    row = told(desk, "resend", raw=None)
    for _ in range(2):
        Errand.objects.update(attempts=collecting.MOST_MISSES, state="waiting", next_try_at=timezone.now())
        outbox.drain()
        pipeline.drain()
    row.refresh_from_db()
    assert (row.state, notice().state, Review.objects.filter(decision="").count()) == ("failed", "review", 1)
    assert desk.reason() == "held"


def test_what_ses_encrypted_is_refused_clearly(desk: Desk) -> None:
    told(desk, "amazon_ses")
    desk.holder.mood = "encrypted"
    outbox.drain()
    assert Errand.objects.values_list("state", "error").get() == (
        "failed",
        "encrypted with KMS: turn off message encryption",
    )
    pipeline.drain()
    assert (notice().state, desk.reason()) == ("review", "held")


@pytest.mark.parametrize("provider", ["mailtrap", "resend"])
def test_no_host_of_somebody_else_is_asked(desk: Desk, provider: str) -> None:
    told(desk, provider)
    desk.holder.mood = "foreign"
    outbox.drain()
    pipeline.drain()
    assert (Errand.objects.get().state, notice().state, desk.reason()) == ("failed", "review", "held")


@every_provider
def test_of_one_that_is_too_large_the_beginning_is_read(desk: Desk, provider: str, settings: Any) -> None:
    settings.SAYSO_MAX_MAIL_BYTES = 4_000
    told(desk, provider, raw=LETTER + b"\r\nz" * 20_000)
    outbox.drain()
    [mail] = mails()
    assert len(open_envelope(mail.sealed_raw or b"").body) == 4_000
    pipeline.drain()
    assert desk.reason() == "opted_out"


def test_a_beginning_that_asks_nothing_waits_for_staff(desk: Desk, settings: Any) -> None:
    settings.SAYSO_MAX_MAIL_BYTES = 4_000
    told(desk, "resend", raw=letter("Hello", "z\r\n" * 9_000), subject="Hello")
    outbox.drain()
    pipeline.drain()
    assert [mail.state for mail in mails()] == ["review"]
    assert desk.reason() == "held"


def test_one_that_came_over_smtp_too_is_one_letter(desk: Desk) -> None:
    mailbox.accept_mail(LETTER, ANN, [MAILBOX])
    told(desk, "resend")
    outbox.drain()
    assert len(mails()) == 1
    assert (notice().state, desk.reason()) == ("done", "opted_out")


def test_one_without_an_id_is_known_by_its_bytes(desk: Desk) -> None:
    raw = LETTER.replace(b"Message-ID", b"X-Nothing")
    for name in ("e1", "e2"):
        told(desk, "resend", raw=raw, name=name)
        outbox.drain()
    [mail] = mails()
    assert bytes(mail.digest) == hashlib.sha256(raw).digest()


def test_who_died_over_it_lets_another_one_fetch_it_once(desk: Desk) -> None:
    told(desk, "resend")
    lease, rows = outbox._claim()  # … and the process is frozen
    due(lease=lease)
    assert outbox.drain() == 1
    outbox._work(lease, rows)  # … and wakes up
    assert (len(mails()), Errand.objects.get().attempts, notice().state) == (1, 2, "done")


def test_a_letter_that_cannot_be_kept_is_asked_for_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of another errand of the same batch is marked all the same."""
    told(desk, "resend", name="e1")
    told(desk, "mailtrap")
    real = collecting.hand_over

    def fails_once(inbound_id: Any, *more: Any) -> None:
        real(inbound_id, *more)
        if Inbound.objects.get(pk=inbound_id).source == "esp:resend":
            raise RuntimeError

    monkeypatch.setattr(collecting, "hand_over", fails_once)
    outbox.drain()
    assert dict(Errand.objects.values_list("provider", "state")) == {"resend": "waiting", "mailtrap": "done"}
    assert Inbound.objects.get(source="esp:resend").state == "fetching"
    assert Hold.objects.filter(inbound__source="esp:resend").exists()
    monkeypatch.undo()
    due()
    outbox.drain()
    assert Inbound.objects.get(source="esp:resend").state == "done"


def test_who_was_not_named_is_acknowledged_once_the_letter_is_here(desk: Desk) -> None:
    desk.holder.fields = {"to": [MAILBOX]}
    assert desk.tell("mailtrap", sender="Ann Lee ") == 503
    pipeline.drain()
    assert desk.tell("mailtrap", sender="Ann Lee ") == 503
    outbox.drain()
    assert desk.reason() == "held"
    assert desk.tell("mailtrap", sender="Ann Lee ") == 200
    assert len(mails()) == 1


@pytest.mark.parametrize("known", [True, False])
def test_of_mailtrap_the_letter_says_whose_mailbox_it_is(desk: Desk, known: bool) -> None:
    raw = LETTER.replace(MAILBOX.encode(), b"list@else.example")
    if known:
        desk.set_up("mailtrap", mailbox=MAILBOX)
    told(desk, "mailtrap", raw=raw)
    outbox.drain()
    pipeline.drain()
    assert len(mails()) == known
    assert (notice().state, desk.reason()) == (("done", "opted_out") if known else ("review", "held"))


@pytest.mark.parametrize(("provider", "text"), [("resend", "text"), ("mailtrap", "text_body")])
def test_without_a_raw_message_it_is_put_together(desk: Desk, provider: str, text: str) -> None:
    told(desk, provider)
    desk.holder.mood = "fields"
    desk.holder.fields = {
        **{"from": f"Ann <{ANN}>", "to": [MAILBOX], "subject": "unsubscribe"},
        **{"headers": {"Received": ["by mx", "from x"], "Message-ID": "<9@x>"}, text: "Please."},
    }
    outbox.drain()
    pipeline.drain()
    assert desk.reason() == "opted_out"


def test_an_answer_that_is_no_message_at_all_waits_for_staff(desk: Desk) -> None:
    told(desk, "resend")
    desk.holder.mood = "fields"
    outbox.drain()
    pipeline.drain()
    assert (Errand.objects.get().state, desk.reason()) == ("failed", "held")


@every_provider
def test_credentials_that_are_taken_away_are_waited_for(desk: Desk, provider: str) -> None:
    row = told(desk, provider)
    desk.set_up(provider, credentials={})
    outbox.drain()
    row.refresh_from_db()
    assert (row.state, row.error, desk.reason()) == ("waiting", "account ValueError", "held")
    desk.set_up(provider, credentials=CREDENTIALS[provider])
    due()
    outbox.drain()
    assert len(mails()) == 1


def test_an_account_that_another_controller_has_now_asks_for_nothing(desk: Desk) -> None:
    told(desk, "resend")
    account = desk.set_up("resend")
    account.controller = desk.organisation.globex
    account.save()
    outbox.drain()
    assert (Errand.objects.get().error, desk.holder.asked) == ("account DoesNotExist", [])
