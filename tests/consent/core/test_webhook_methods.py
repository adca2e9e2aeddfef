"""By which methods gateways call, and what a refusal leaves behind: nothing."""

from urllib.parse import urlencode, urlsplit

import msgspec
import pytest
from django.test import Client
from time_machine import travel

from consent import configuration, pipeline, vault
from consent.configuration import SECRETS_PURPOSE
from consent.intake.registry import PROVIDERS
from consent.models import Inbound, ProviderAccount
from tests.consent.core.example import Organisation, ask, key_of
from tests.consent.providers import gateways
from tests.consent.providers.gateways import GATEWAYS, NOW, mac, messagebird_claims, token
from tests.consent.signatures.proofs import MANGLED
from tests.each import each

pytestmark = pytest.mark.django_db
SECRET = "a secret of these tests, 0123456789"
PATH = "/webhooks/sms/{}/acme"
BY_GET = ["vonage", "messagebird"]


@pytest.fixture(autouse=True)
def _accounts(organisation: Organisation) -> None:
    for provider in set(PROVIDERS) - {"generic", "infobip"}:
        add_account(organisation, provider, SECRET)


def add_account(organisation: Organisation, provider: str, *secrets: str) -> None:
    sealed = vault.seal(SECRETS_PURPOSE, msgspec.json.encode(secrets))
    ProviderAccount.objects.create(
        controller=organisation.acme, provider=provider, endpoint="acme", sealed_secrets=sealed, region="US"
    )
    configuration._snapshot = None


def vonage_query(text: str, number: str = "14155550142") -> str:
    fields = {"msisdn": number, "to": "15550100001", "messageId": "m-1", "text": text, "timestamp": gateways.SECONDS}
    return f"?{urlencode({**fields, 'sig': gateways.vonage_text(SECRET, fields)})}"


@each("provider", PROVIDERS)
@each("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(client: Client, provider: str, method: str) -> None:
    if method == "GET" and provider in BY_GET:
        return
    answer = client.generic(method, PATH.format(provider) + "?From=1&Body=STOP")
    assert answer.status_code == 405
    assert answer["Allow"] == ("GET, POST" if provider in BY_GET else "POST")
    assert not Inbound.objects.exists()


def test_which_may_call_by_get() -> None:
    assert [name for name, provider in PROVIDERS.items() if "GET" in provider.METHODS] == sorted(BY_GET)


@travel(NOW, tick=False)
def test_a_signed_get_of_vonage_is_obeyed(organisation: Organisation, client: Client) -> None:
    assert client.get(PATH.format("vonage") + vonage_query("STOP")).status_code == 200
    pipeline.drain()
    assert ask(organisation, "offers", [key_of("sms", "+14155550142")], "sms").reason == "opted_out"


@travel(NOW, tick=False)
def test_a_head_of_a_signed_query_changes_nothing(client: Client) -> None:
    assert client.head(PATH.format("vonage") + vonage_query("STOP")).status_code == 405
    assert not Inbound.objects.exists()


@travel(NOW, tick=False)
@pytest.mark.parametrize("change", [("STOP", "STOQ"), ("sig=", "sig=0"), ("msisdn=1", "msisdn=2"), ("&sig", "&gis")])
def test_an_unsigned_or_changed_get_writes_nothing(client: Client, change: tuple[str, str]) -> None:
    assert client.get(PATH.format("vonage") + vonage_query("STOP").replace(*change)).status_code == 403
    assert client.get(PATH.format("messagebird") + "?id=1&originator=1&recipient=2&body=STOP").status_code == 403
    assert not Inbound.objects.exists()


@travel(NOW, tick=False)
def test_a_signed_get_of_messagebird_is_obeyed(organisation: Organisation, client: Client, settings: object) -> None:
    path = PATH.format("messagebird") + "?id=m-1&originator=14155550142&recipient=15550100001&body=STOP"
    url = f"{origin()}{path}"
    signed = token(SECRET, messagebird_claims(url, b""))
    assert client.get(path, headers={"MessageBird-Signature-JWT": signed}).status_code == 200
    pipeline.drain()
    assert ask(organisation, "offers", [key_of("sms", "+14155550142")], "sms").reason == "opted_out"


def origin() -> str:
    from django.conf import settings

    parts = urlsplit(settings.SAYSO_PUBLIC_ORIGIN)
    return f"{parts.scheme}://{parts.netloc}"


def sinch_post(client: Client, secret: str, number: str) -> int:
    body = msgspec.json.encode({"type": "mo_text", "id": f"m{number}", "from": number, "to": "55501", "body": "STOP"})
    signature = gateways.b64(mac(secret, b"%s.n.%s" % (body, gateways.SECONDS.encode())))
    prefix = "X-Sinch-Webhook-Signature"
    headers = {prefix: signature, f"{prefix}-Nonce": "n", f"{prefix}-Timestamp": gateways.SECONDS}
    answer = client.post(PATH.format("sinch"), data=body, content_type="application/json", headers=headers)
    return answer.status_code


def rotate(*secrets: str) -> None:
    sealed = vault.seal(SECRETS_PURPOSE, msgspec.json.encode(secrets))
    ProviderAccount.objects.filter(provider="sinch").update(sealed_secrets=sealed)
    configuration._looked_at = 0.0


@travel(NOW, tick=False)
def test_a_secret_is_rotated_without_a_gap(client: Client) -> None:
    new = "the new secret, 0123456789"
    assert [sinch_post(client, secret, "14155550101") for secret in (SECRET, new)] == [200, 403]
    rotate(new, SECRET)
    assert [sinch_post(client, secret, "14155550102") for secret in (SECRET, new)] == [200, 200]
    rotate(new)
    assert [sinch_post(client, secret, "14155550103") for secret in (SECRET, new)] == [403, 200]
    rotate("")
    assert sinch_post(client, "", "14155550104") == 403
    assert Inbound.objects.count() == 3


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_forged_or_mangled_is_refused_and_writes_nothing(client: Client, provider: str) -> None:
    proofs = {gateway.proof: "Basic eDp5" for gateway in GATEWAYS.values() if gateway.proof}
    for body in MANGLED.values():
        for content_type in (
            "application/json",
            "application/x-www-form-urlencoded",
            "text/plain",
            "multipart/form-data",
        ):
            for headers in ({}, proofs):
                answer = client.post(PATH.format(provider), data=body, content_type=content_type, headers=headers)
                assert answer.status_code in (400, 403, 413)
    assert not Inbound.objects.exists()
