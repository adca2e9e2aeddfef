"""Every provider: what is forged, old, mangled or without a secret is refused, and nothing is written."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client

from consent import pipeline, vault
from consent.configuration import SECRETS_PURPOSE
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.models import Hold, Inbound, ProviderAccount
from tests.consent.core.example import Organisation
from tests.consent.esp import posts
from tests.consent.esp.conftest import Send
from tests.consent.esp.posts import ESPS, WHO, Esp, Post
from tests.each import each

pytestmark = pytest.mark.django_db
every_esp = each("esp", ESPS.values())
every_esp_anew = pytest.mark.parametrize("esp", ESPS.values(), ids=ESPS)


def test_every_provider_is_here() -> None:
    assert {*ESPS, "amazon_ses"} == set(MAIL_PROVIDERS)


@every_esp_anew
def test_a_genuine_post_is_taken_once(esp: Esp, send: Send) -> None:
    post = esp.post(esp.bounce(WHO))
    assert [send(esp.name, post).status_code for _ in range(3)] == [200] * 3
    assert Inbound.objects.get().source == f"esp:{esp.name}"
    assert Hold.objects.count() == 1


@every_esp
def test_a_post_with_another_secret_is_refused(esp: Esp, send: Send) -> None:
    refused = [send(esp.name, esp.post(esp.bounce(WHO), secret="some:other secret of nobody"))]
    if esp.name not in ("mailgun", "unisender_go"):  # theirs stands in the body
        refused.append(send(esp.name, esp.post(esp.bounce(WHO))._replace(headers={})))
    assert {answer.status_code for answer in refused} == {403}
    assert not Inbound.objects.exists()


@every_esp
def test_a_changed_body_is_refused(esp: Esp, send: Send) -> None:
    if esp.secret == posts.BASIC or esp.name == "mailgun":  # a password, and a signature of time and token alone
        return
    post = esp.post(esp.bounce(WHO))
    assert send(esp.name, post._replace(body=post.body.replace(b"jane", b"john"))).status_code == 403
    assert not Inbound.objects.exists()


@every_esp_anew
@pytest.mark.parametrize("secrets", [[], [""], ["no:key é at all"]])
def test_an_account_without_a_secret_takes_nothing(
    esp: Esp, secrets: list[str], send: Send, organisation: Organisation
) -> None:
    sealed = vault.seal(SECRETS_PURPOSE, msgspec.json.encode(secrets))
    account = ProviderAccount.objects.get(provider=esp.name)
    account.sealed_secrets = sealed
    account.save()
    assert send(esp.name, esp.post(esp.bounce(WHO), secret="")).status_code == 403
    assert send(esp.name, esp.post(esp.bounce(WHO))).status_code == 403
    assert not Inbound.objects.exists()


@every_esp
@each(
    "body",
    [b"", b"{", b"[]", b"{}", b"null", b"7", b"\xff\xfe", b"[" * 50_000, b'{"a":' * 40_000, b"a=b&" * 3_000, b'"x"'],
)
def test_a_mangled_body_is_never_an_error_of_ours(esp: Esp, body: bytes, send: Send) -> None:
    genuine = esp.post(esp.bounce(WHO))
    for content_type in (posts.JSON, posts.FORM, "multipart/form-data; boundary=x", "text/plain"):
        assert send(esp.name, Post(body, genuine.headers, content_type)).status_code < 500


@every_esp
def test_genuine_events_of_strange_shapes_are_kept_for_a_person(esp: Esp, send: Send) -> None:
    shapes: list[Any] = [{}, [], None, 7, "x", {"event": 7, "email": [WHO]}, {"event": "a new one", "email": WHO}]
    for strange in shapes:
        assert send(esp.name, esp.post(strange)).status_code in (200, 400)
    pipeline.drain()
    assert not Inbound.objects.exclude(outcome__in=("review", "unknown", "report")).exists()


def test_a_body_that_is_too_large_is_told_so(send: Send) -> None:
    assert send("brevo", Post(b" " * 3_000_000, ESPS["brevo"].post({}).headers)).status_code == 413


@pytest.mark.parametrize("make", [posts.mailgun, posts.sendgrid])
def test_an_old_signature_is_a_replay(make: Callable[..., Post], send: Send) -> None:
    name = make.__name__
    post = make(ESPS[name].bounce(WHO), at=time.time() - 3 * 86_400)
    assert send(name, post).status_code == 403
    assert not Inbound.objects.exists()


def test_what_does_not_exist_is_not_found_and_an_account_that_does_not_is_forbidden(send: Send) -> None:
    post = ESPS["brevo"].post(ESPS["brevo"].bounce(WHO))
    assert send("brevo", post, "/webhooks/email/nobody/tracking").status_code == 404
    assert send("brevo", post, "/webhooks/email/brevo/globex/tracking").status_code == 403
    assert send("brevo", post, "/webhooks/email/brevo/tracking").status_code == 200  # the only account is meant


def test_two_accounts_need_their_names(send: Send, organisation: Organisation) -> None:
    known = ProviderAccount.objects.get(provider="brevo")
    ProviderAccount.objects.create(
        controller=organisation.globex, provider="brevo", endpoint="globex", sealed_secrets=known.sealed_secrets
    )
    post = ESPS["brevo"].post(ESPS["brevo"].bounce(WHO))
    assert send("brevo", post, "/webhooks/email/brevo/tracking").status_code == 403
    assert send("brevo", post, "/webhooks/email/brevo/globex/tracking").status_code == 200
    assert Inbound.objects.get().controller == organisation.globex


@pytest.mark.usefixtures("organisation")
def test_looking_writes_nothing(client: Client) -> None:
    assert client.head("/webhooks/email/mandrill/acme/tracking").status_code == 200
    assert client.get("/webhooks/email/unisender_go/acme/tracking").status_code == 200
    assert client.get("/webhooks/email/brevo/acme/tracking").status_code == 405
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("name", ["mailtrap", "resend", "sendgrid"])
def test_a_provider_that_signs_may_be_proved_by_password_instead(name: str, send: Send) -> None:
    account = ProviderAccount.objects.get(provider=name)
    account.sealed_secrets = vault.seal(SECRETS_PURPOSE, msgspec.json.encode([posts.BASIC]))
    account.options = {"authentication": "basic"}
    account.save()
    esp = ESPS[name]
    signed = esp.post(esp.bounce(WHO))
    assert send(name, signed).status_code == 403
    password = ESPS["brevo"].post({}).headers
    assert send(name, signed._replace(headers=password)).status_code == 200
    assert Inbound.objects.count() == 1
