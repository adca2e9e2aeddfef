"""Notifications of received mail as the three providers that only notify post them, and what tests do with them."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from django.test import Client
from django.utils import timezone

from consent import configuration, vault
from consent.configuration import CREDENTIALS_PURPOSE, SECRETS_PURPOSE
from consent.models import Errand, ProviderAccount
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, Organisation, ask, key_of
from tests.consent.esp.holding import CREDENTIALS, Holder
from tests.consent.esp.posts import ESPS, SVIX, Post
from tests.consent.providers.gateways import TOPIC, sns_envelope, sns_signed

ANN = "ann.lee@example.com"
SENDER = f"Ann Lee <{ANN}>"
LETTER = letter("unsubscribe", "Please take me off your e-mail list.")
PROVIDERS = ("amazon_ses", "mailtrap", "resend")
SECRETS = {"amazon_ses": TOPIC + "mail", "mailtrap": ESPS["mailtrap"].secret, "resend": SVIX}


def resend(name: str = "e1", sender: str = SENDER, to: Sequence[str] = (MAILBOX,), **more: Any) -> Any:
    data = {"email_id": name, "from": sender, "to": list(to), "cc": [], "bcc": [], "subject": "unsubscribe", **more}
    data |= {"message_id": "<1@mail.example.com>", "created_at": "2026-02-22T23:41:11.894719+00:00", "attachments": []}
    return {"type": "email.received", "created_at": "2026-02-22T23:41:12.126Z", "data": data}


def mailtrap(name: str = "1870314786754420736", sender: str = SENDER, **more: Any) -> Any:
    told = {"event": "inbound.message_received", "event_id": "27c34797-7c37-11f1", "timestamp": 1783671175722}
    return {**told, "inbox_id": 7, "message_id": name, "from": sender, **more}


def ses(name: str = "o1", sender: str = SENDER, to: Sequence[str] = (MAILBOX,), **action: Any) -> Any:
    headers = [{"name": "Return-Path", "value": f"<{ANN}>"}, {"name": "From", "value": sender}]
    headers += [{"name": "To", "value": MAILBOX}, {"name": "Subject", "value": "unsubscribe"}]
    mail = {"source": ANN, "messageId": name, "destination": list(to), "headersTruncated": False, "headers": headers}
    place = {"type": "S3", "bucketName": "our-mail", "objectKeyPrefix": "inbound", "objectKey": f"inbound/{name}"}
    receipt = {"recipients": list(to), "spamVerdict": {"status": "PASS"}, "action": {**place, **action}}
    return {"notificationType": "Received", "receipt": receipt, "mail": mail}


def signed_by_sns(event: Any, topic: str = "mail") -> Post:
    return Post(sns_signed(sns_envelope(topic, json.dumps(event).encode())).body, {}, "text/plain")


EVENTS: dict[str, Callable[..., Any]] = {"amazon_ses": ses, "mailtrap": mailtrap, "resend": resend}
NAMES = {"amazon_ses": "o1", "mailtrap": "1870314786754420736", "resend": "e1"}


def post_of(provider: str, *events: Any) -> Post:
    if provider == "amazon_ses":
        return signed_by_sns(*events)
    post: Post = ESPS[provider].post(*events)
    return post


class Desk(NamedTuple):
    """acme, the three providers, and the stand-in that holds their mail."""

    organisation: Organisation
    holder: Holder
    client: Client

    def set_up(self, provider: str, credentials: dict[str, str] | None = None, **options: str) -> ProviderAccount:
        known = CREDENTIALS[provider] if credentials is None else credentials
        values: dict[str, Any] = {
            "controller": self.organisation.acme,
            "options": {"api_url": self.holder.api_url(provider), **options},
            "sealed_secrets": vault.seal(SECRETS_PURPOSE, msgspec.json.encode([SECRETS[provider]])),
            "sealed_credentials": vault.seal(CREDENTIALS_PURPOSE, msgspec.json.encode(known)) if known else None,
        }
        configuration._snapshot = None  # it may be a second old
        account, _ = ProviderAccount.objects.update_or_create(provider=provider, endpoint="acme", defaults=values)
        return account

    def post(self, provider: str, post: Post) -> int:
        answer = self.client.post(
            f"/webhooks/email/{provider}/acme/inbound",
            data=post.body,
            content_type=post.content_type,
            headers=dict(post.headers),
        )
        return int(answer.status_code)

    def tell(self, provider: str, raw: bytes | None = LETTER, **more: Any) -> int:
        """Let the provider hold a letter and tell of it."""
        event = EVENTS[provider](**more)
        if raw is not None:
            self.holder.letters[more.get("name", NAMES[provider])] = raw
        return self.post(provider, post_of(provider, event))

    def reason(self, address: str = ANN) -> str:
        return ask(self.organisation, "offers", [key_of("email", address)]).reason


def due(**changes: Any) -> None:
    """The waits are over."""
    Errand.objects.filter(state="waiting").update(next_try_at=timezone.now() - timedelta(seconds=1), **changes)
