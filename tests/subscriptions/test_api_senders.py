"""`sender`: a STOP that is confined to one number of ours counts for what is sent from there."""

from typing import Any

import pytest
from django.test import Client

from consent import pipeline
from consent.models import ProviderAccount, Sender
from tests.consent.core import doors
from tests.consent.core.example import ACME_NUMBER, Organisation, make_organisation
from tests.each import each
from tests.subscriptions.test_api_access import Caller, caller

pytestmark = pytest.mark.django_db
NUMBER = "+14155550134"


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    ProviderAccount.objects.update(options={"stop_scope": "sender"})
    for address in (ACME_NUMBER, "55501"):
        Sender.objects.create(controller=made.acme, channel="sms", kind="sender", address=address)
    Sender.objects.create(controller=made.globex, channel="sms", kind="sender", address="55502")
    return made


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    assert doors.generic(Client(), NUMBER, "STOP").status_code == 200
    pipeline.drain()
    return caller(organisation.acme, "check")


def asked(acme: Caller, path: str, **body: Any) -> Any:
    return acme.call("POST", path, {"channel": "sms", "topic": "service", **body})


@pytest.mark.parametrize(
    ("sender", "allowed", "scope"),
    [
        (ACME_NUMBER, False, f"sender:{ACME_NUMBER}"),
        ("15550100001", False, f"sender:{ACME_NUMBER}"),
        ("55501", True, None),
        (None, False, f"sender:{ACME_NUMBER}"),
    ],
)
def test_a_check_may_name_its_sender(acme: Caller, sender: str | None, allowed: bool, scope: str | None) -> None:
    named = {"sender": sender} if sender else {}
    answer = asked(acme, "/v1/check", address=NUMBER, **named).json()
    assert (answer["allowed"], answer["scope"]) == (allowed, scope)
    [row] = asked(acme, "/v1/check/bulk", addresses=[NUMBER], **named).json()["results"]
    assert (row["allowed"], row["scope"]) == (allowed, scope)


@each("sender", ["55509", "55502", "+15550109999", "", "news@acme.example", "x" * 5_000])
@each("address", [NUMBER, "no number"])
def test_an_unknown_sender_is_an_error_that_names_it(acme: Caller, sender: str, address: str) -> None:
    for answer in (
        asked(acme, "/v1/check", address=address, sender=sender),
        asked(acme, "/v1/check/bulk", addresses=[address], sender=sender),
    ):
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/sender", "unknown_sender")


def test_a_number_sends_no_mail(acme: Caller) -> None:
    body = {"channel": "email", "topic": "offers", "address": "ann@example.org", "sender": ACME_NUMBER}
    assert acme.call("POST", "/v1/check", body).json()["errors"][0]["pointer"] == "/sender"


def test_the_history_names_the_number(organisation: Organisation, acme: Caller) -> None:
    reader = caller(organisation.acme, "people:read")
    history = reader.call("GET", f"/v1/contacts/status?channel=sms&address=%2B{NUMBER[1:]}").json()
    assert history["history"][0]["scope"] == f"sender:{ACME_NUMBER}"
    assert {row["scope"] for row in history["topics"] if not row["allowed"] and row["scope"]} == {
        f"sender:{ACME_NUMBER}"
    }
