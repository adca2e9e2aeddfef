"""Answering in the response to the gateway's post: at once, once, and never at the cost of taking the text in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import msgspec
import pytest
from django.db import connection
from django.test import Client
from twilio.request_validator import RequestValidator

from consent import outbox, pipeline, vault
from consent.answers import texts
from consent.configuration import SECRETS_PURPOSE
from consent.models import Errand, Hold, Inbound, ProviderAccount
from tests.consent.core.doors import generic
from tests.consent.core.example import ACME_NUMBER, Organisation, ask, key_of, make_organisation

NUMBER = "+14155550123"
TOKEN = "the token of the twilio account"
STOPPED = texts.stopped("en", "Acme", {})
HELPED = texts.helped("en", "Acme", "", {})
STARTED = texts.started("en", "Acme", {})
Texted = Callable[..., str]


@pytest.fixture
def organisation(db: None) -> Organisation:
    organisation = make_organisation()
    twilio = vault.seal(SECRETS_PURPOSE, msgspec.json.encode([TOKEN]))
    ProviderAccount.objects.create(
        controller=organisation.acme, provider="twilio", endpoint="acme", sealed_secrets=twilio, region="US"
    )
    ProviderAccount.objects.update(options={"answers": "response"})
    return organisation


def post(words: str, sid: str, number: str = NUMBER, **more: str) -> Any:
    fields = {"MessageSid": sid, "From": number, "To": ACME_NUMBER, "Body": words, **more}
    signature = RequestValidator(TOKEN).compute_signature("https://testserver/webhooks/sms/twilio/acme", fields)
    return Client().post(
        "/webhooks/sms/twilio/acme",
        data=urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


@pytest.fixture
def texted(organisation: Organisation, settings: Any) -> Texted:
    """Post a text as Twilio does; give what the response says to the person."""
    settings.SAYSO_PUBLIC_ORIGIN = "https://testserver"
    numbers = iter(range(100))

    def tell(words: str, sid: str = "", **more: str) -> str:
        answer = post(words, sid or f"SM{next(numbers)}", **more)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "Response"
        return root.findtext("Message", "")

    return tell


@pytest.mark.parametrize("worked_off", [True, False])
def test_each_is_answered_as_it_would_be_by_a_call(texted: Texted, worked_off: bool) -> None:
    said = []
    for words in ("START", "HELP", "STOP", "stop please", "HELP", "START", "START", "STOP", "thanks a lot"):
        said.append(texted(words))
        if worked_off:
            pipeline.drain()
    assert said == ["", HELPED, STOPPED, "", HELPED, STARTED, "", STOPPED, ""]
    pipeline.drain()
    outbox.drain()
    rows = Errand.objects.values_list("way", "state", "attempts")
    assert set(rows) == {("response", "done", 1)}
    assert rows.count() == 5


def test_the_same_delivery_again_is_answered_without_a_text(texted: Texted) -> None:
    assert [texted("STOP", sid="SM1") for _ in range(3)] == [STOPPED, "", ""]
    assert Inbound.objects.count() == Errand.objects.count() == 1


def test_it_is_taken_in_and_held_as_ever(organisation: Organisation, texted: Texted) -> None:
    texted("STOP")
    assert ask(organisation, "service", [key_of("sms", NUMBER)], "sms").reason == "held"
    pipeline.drain()
    assert ask(organisation, "service", [key_of("sms", NUMBER)], "sms").reason == "opted_out"


def test_no_words_are_kept_with_it(texted: Texted) -> None:
    texted("STOP")
    row = Errand.objects.get()
    assert (row.sealed_payload, row.purpose, row.error, row.gateway_id) == (None, "stopped", "", "")


@pytest.mark.parametrize(
    ("words", "more"),
    [("STOP", {"OptOutType": "STOP"}), ("STOP", {"From": "55999"}), ("STOP", {"To": "+18005550100"}), ("1", {})],
)
def test_what_somebody_else_answers_is_left_to_them(texted: Texted, words: str, more: dict[str, str]) -> None:
    assert texted(words, **more) == ""
    assert not Errand.objects.exists()


def test_what_fails_while_answering_does_not_cost_the_text(texted: Texted) -> None:
    ProviderAccount.objects.filter(provider="twilio").update(options={"answers": "response", "text.help.en": 7})
    connection.cursor().execute("ALTER TABLE consent_errand RENAME COLUMN purpose TO meant")
    assert texted("HELP") == ""
    assert Inbound.objects.count() == Hold.objects.count() == 1


def test_other_accounts_are_not_looked_at(texted: Texted) -> None:
    ProviderAccount.objects.update(options={"answers": "gateway"})
    assert texted("STOP") == ""
    pipeline.drain()
    assert not Errand.objects.exists()


def test_the_generic_gateway_is_told_in_json(organisation: Organisation, client: Client) -> None:
    reply = generic(client, NUMBER, "STOP").json()["reply"]
    assert reply == {"from": ACME_NUMBER, "to": NUMBER, "text": STOPPED}
    assert generic(client, NUMBER, "STOP").json() == {}


def test_a_provider_that_takes_no_text_in_its_response_gets_none(organisation: Organisation, client: Client) -> None:
    from tests.consent.core.doors import infobip

    message = {"messageId": "1", "from": NUMBER, "to": ACME_NUMBER, "text": "STOP"}
    assert infobip(client, [message]).content == b"{}"
    pipeline.drain()
    assert not Errand.objects.exists()
