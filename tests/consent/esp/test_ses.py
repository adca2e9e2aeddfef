"""Amazon SES: Amazon signs, the topic is the secret, and nothing is fetched but the certificate."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from django.test import Client
from time_machine import travel

from consent import certificates, pipeline, vault
from consent.certificates import Certificates
from consent.configuration import SECRETS_PURPOSE
from consent.models import Errand, Inbound, ProviderAccount
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, Organisation, ask, key_of
from tests.consent.providers.gateways import NOW, TOPIC, certificate, sns_envelope, sns_signed

pytestmark = pytest.mark.django_db
CONFIRM = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=2f"


@pytest.fixture(autouse=True)
def _account(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sealed = vault.seal(SECRETS_PURPOSE, msgspec.json.encode([TOPIC + "mail"]))
    ProviderAccount.objects.create(
        controller=organisation.acme, provider="amazon_ses", endpoint="acme", sealed_secrets=sealed
    )
    monkeypatch.setattr(certificates, "shared", Certificates(lambda url: certificate()))
    with travel(NOW, tick=False):
        yield


def bounce(kind: str = "Permanent") -> dict[str, Any]:
    dead = {"emailAddress": "ann@example.org", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    full = {"emailAddress": "bob@example.org", "diagnosticCode": "smtp; 552 5.2.2 mailbox full"}
    told = {"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [dead, full]}
    mail = {"messageId": "m", "destination": ["ann@example.org", "bob@example.org", "zoe@example.org"]}
    return {"eventType": "Bounce", "bounce": told, "mail": mail}


def post(client: Client, event: Any, topic: str = "mail", **changed: str) -> httpx.Response:
    request = sns_signed({**sns_envelope(topic, json.dumps(event).encode()), **changed})
    answer: Any = client.post("/webhooks/email/amazon_ses/tracking", data=request.body, content_type="text/plain")
    return answer  # type: ignore[no-any-return]


def test_mail_in_the_notification(client: Client, organisation: Organisation) -> None:
    content = base64.b64encode(letter("unsubscribe", "Please take me off your e-mail list.")).decode()
    receipt = {"recipients": [MAILBOX], "action": {"type": "SNS", "encoding": "BASE64"}}
    mail = {"notificationType": "Received", "mail": {"source": "x@example.com"}, "receipt": receipt, "content": content}
    path = "/webhooks/email/amazon_ses/acme/inbound"
    for event, status in ((mail, 200), ({**mail, "content": None}, 400)):
        body = sns_signed(sns_envelope("mail", json.dumps(event).encode())).body
        assert client.post(path, data=body, content_type="text/plain").status_code == status
    pipeline.drain()
    assert reason(organisation, "ann.lee@example.com") == "opted_out"


def reason(organisation: Organisation, address: str) -> str:
    return ask(organisation, "offers", [key_of("email", address)]).reason


def test_each_recipient_has_its_own_failure(client: Client, organisation: Organisation) -> None:
    assert [post(client, bounce()).status_code for _ in range(2)] == [200, 200]
    pipeline.drain()
    assert Inbound.objects.count() == 2
    assert reason(organisation, "ann@example.org") == "hard_bounce"
    assert reason(organisation, "bob@example.org") == reason(organisation, "zoe@example.org") == "opt_out_basis"


def test_what_passes_leaves_the_address_alone(client: Client, organisation: Organisation) -> None:
    post(client, bounce("Transient"))
    pipeline.drain()
    assert reason(organisation, "ann@example.org") == "opt_out_basis"


def test_another_topic_or_a_forged_signature_is_refused(client: Client) -> None:
    assert post(client, bounce(), topic="theirs").status_code == 403
    request = sns_signed(sns_envelope("mail", json.dumps(bounce()).encode()))
    forged = request.body.replace(b"ann@", b"eve@")
    answer = client.post("/webhooks/email/amazon_ses/tracking", data=forged, content_type="text/plain")
    assert answer.status_code == 403
    assert not Inbound.objects.exists()


def test_a_subscription_is_confirmed_later_and_never_in_the_request(client: Client) -> None:
    asked = {"Type": "SubscriptionConfirmation", "SubscribeURL": CONFIRM, "Token": "2f"}
    assert post(client, "You have chosen to subscribe", **asked).status_code == 200
    pipeline.drain()
    assert Inbound.objects.get().outcome == "unknown"
    assert Errand.objects.count() == 1


@pytest.mark.parametrize("event", ["hello", 7, None, [], {"eventType": "Bounce"}, {"eventType": "Open", "mail": []}])
def test_strange_events_are_kept_for_a_person_or_as_unknown(client: Client, event: Any) -> None:
    assert post(client, event).status_code == 200
    pipeline.drain()
    assert Inbound.objects.get().outcome in ("review", "unknown")
