"""Whether an address is asked: once a day, and never in spite of more than a word of its owner's own."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from consent.models import ConsentEvent, Errand, Notice, Sender
from subscriptions.models import ApiKey
from subscriptions.models.api_key import digest_of
from tests.consent.confirming.asking import ANN, Desk, key, ticket_in
from tests.consent.core.example import MAILBOX, entry, record

pytestmark = pytest.mark.django_db


def test_an_address_is_asked_once_a_day_by_one_controller(desk: Desk) -> None:
    desk.sign_up("newsletter")
    desk.sign_up("double")
    assert len(desk.work()) == 1
    desk.sign_up("newsletter", address="Ann@HOME.example")
    assert not desk.work()
    assert desk.reasons("newsletter", "double") == ["unconfirmed", "unconfirmed"]
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        desk.sign_up("double")
        assert len(desk.work()) == 1


def test_two_people_are_asked_each(desk: Desk) -> None:
    desk.sign_up("newsletter")
    desk.sign_up("newsletter", address="bob@home.example")
    assert len(desk.work()) == 2


@pytest.mark.parametrize("cause", ["complaint", "hard_bounce", "deceased", "minor"])
@pytest.mark.parametrize("scope", ["everything", "acme", "newsletter"])
def test_some_are_never_asked(desk: Desk, cause: str, scope: str) -> None:
    record(entry(key(), desk.organisation.scope(scope), "invalidate", cause))
    desk.sign_up("newsletter")
    assert not desk.work()
    assert ConsentEvent.objects.filter(action="request").count() == 1


@pytest.mark.parametrize(("cause", "mails"), [("hard_bounce", 0), ("deceased", 0), ("complaint", 1), ("minor", 1)])
def test_what_another_controller_knows_counts_where_the_address_is_dead(desk: Desk, cause: str, mails: int) -> None:
    record(entry(key(), desk.organisation.scope("globex"), "invalidate", cause))
    desk.sign_up("newsletter")
    assert len(desk.work()) == mails


@pytest.mark.parametrize("scope", ["acme", "newsletter"])
def test_who_said_no_and_signs_up_themself_is_asked_once(desk: Desk, scope: str) -> None:
    record(entry(key(), desk.organisation.scope(scope), "withdraw", "choice"))
    desk.sign_up("newsletter")
    assert len(desk.work()) == 1
    desk.sign_up("newsletter")
    assert not desk.work()


@pytest.mark.parametrize(
    "address", [MAILBOX, "no-reply@home.example", "mailer-daemon@home.example", "jürgen@home.example"]
)
def test_no_machine_and_no_mailbox_of_ours_is_asked(desk: Desk, address: str) -> None:
    desk.sign_up("newsletter", address=address)
    assert not desk.work()


def test_a_controller_without_an_address_of_its_own_asks_nobody(desk: Desk) -> None:
    Sender.objects.all().delete()
    desk.sign_up("newsletter")
    assert not desk.work()
    assert desk.reasons("newsletter") == ["unconfirmed"]


def test_a_topic_that_went_since_is_left_out(desk: Desk) -> None:
    desk.sign_up("gone")
    assert not desk.work()
    assert not ConsentEvent.objects.exists()


def test_the_mail_is_in_the_language_of_the_form(desk: Desk) -> None:
    desk.sign_up("newsletter", language="de")
    [message] = desk.work()
    assert message.extra_headers["Content-Language"] == "de"


KEY = "sayso_test_key_of_confirmations"
TELL = {"channel": "email", "address": ANN, "action": "opt_in", "topic": "newsletter", "confirm": True}


@pytest.fixture
def client(desk: Desk) -> Client:
    ApiKey.objects.create(
        controller=desk.organisation.acme, name="shop", prefix="x", digest=digest_of(KEY), scopes=["consent:write"]
    )
    return Client(headers={"Authorization": f"Bearer {KEY}"})


def tell(client: Client, **changed: Any) -> Any:
    return client.post("/v1/events", json.dumps(TELL | changed), content_type="application/json")


def test_a_system_starts_a_confirmed_opt_in(desk: Desk, client: Client) -> None:
    told = tell(client, source="shop", notice={"slug": "form", "version": 1, "language": "en"})
    assert told.status_code == 202
    [message] = desk.work()
    status = client.get(told.json()["status_url"]).json()
    assert (status["outcome"], [line["action"] for line in status["events"]]) == ("request", ["request"])
    asked = ConsentEvent.objects.get()
    assert (asked.source, asked.notice_id) == ("api:shop", desk.notice.pk)
    assert desk.reasons("newsletter") == ["unconfirmed"]
    desk.press(ticket_in(message))
    assert desk.reasons("newsletter") == ["granted"]


def test_without_confirm_a_system_vouches_for_the_confirmation_as_before(desk: Desk, client: Client) -> None:
    tell(client, confirm=False, basis="confirmed_opt_in", topic="double")
    assert not desk.work()
    assert desk.reasons("double") == ["granted"]


@pytest.mark.parametrize("scope", ["acme", "newsletter", "everything"])
def test_a_system_makes_us_ask_nobody_who_said_no(desk: Desk, client: Client, scope: str) -> None:
    record(entry(key(), desk.organisation.scope(scope), "withdraw", "choice"))
    assert tell(client).status_code == 202
    assert not desk.work()
    assert not Errand.objects.exists()


def test_a_no_to_another_topic_does_not_keep_a_system_from_asking(desk: Desk, client: Client) -> None:
    record(entry(key(), desk.organisation.scope("offers"), "withdraw", "choice"))
    tell(client)
    assert len(desk.work()) == 1


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"action": "opt_out"}, "/confirm", "not_to_be_confirmed"),
        ({"channel": "sms", "address": "+15551234567", "topic": "offers"}, "/confirm", "not_to_be_confirmed"),
        ({"topic": "*"}, "/topic", "too_wide"),
        ({"basis": "opt_in"}, "/basis", "contradicts_confirm"),
    ],
)
def test_what_cannot_be_confirmed_by_mail_is_refused(
    client: Client, changed: dict[str, Any], pointer: str, code: str
) -> None:
    told = tell(client, **changed)
    assert told.status_code in (400, 422)
    assert (told.json()["errors"][0]["pointer"], told.json()["errors"][0]["code"]) == (pointer, code)


def test_a_controller_that_cannot_write_refuses_to_ask(client: Client) -> None:
    Sender.objects.all().delete()
    assert tell(client).json()["errors"][0]["code"] == "no_sender"


def test_a_draft_is_no_wording_that_anybody_saw(desk: Desk, client: Client) -> None:
    Notice.objects.filter(pk=desk.notice.pk).update(draft=True)
    told = tell(client, notice={"slug": "form", "version": 1, "language": "en"})
    assert told.json()["errors"][0]["code"] == "unknown_notice"
