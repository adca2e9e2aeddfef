"""The example organisation of `make up`. Running it again changes nothing that is there, but takes up new secrets."""

import os
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from consent import vault
from consent.configuration import SECRETS_PURPOSE
from consent.models import Controller, Notice, ProviderAccount, Sender, Topic, TopicChannel
from consent.models.vocabulary import Basis, Channel, ControllerKind, SenderKind, TopicClass
from subscriptions.models.api_key import SCOPES, ApiKey, digest_of

EMAIL, SMS, POST = Channel.EMAIL, Channel.SMS, Channel.POST
IN, OUT, FREE = Basis.OPT_IN, Basis.OPT_OUT, Basis.NONE

CONTROLLERS = [
    ("acme", "Acme Hosting", ControllerKind.OWN, "privacy@acme.example"),
    ("acme-jp", "Acme Hosting Japan", ControllerKind.AFFILIATE, "privacy@acme-jp.example"),
    ("globex", "Globex", ControllerKind.CLIENT, "privacy@globex.example"),
]

# topic, name, class, basis per channel (none: the channel does not carry it)
TOPICS = [
    ("newsletter", "Newsletter", TopicClass.MARKETING, {EMAIL: IN}),
    ("offers", "Offers", TopicClass.MARKETING, {EMAIL: OUT, SMS: IN, POST: OUT}),
    ("events", "Events", TopicClass.MARKETING, {EMAIL: OUT, SMS: IN, POST: OUT}),
    ("partner-offers", "Offers of our partners", TopicClass.MARKETING, {EMAIL: IN, SMS: IN, POST: IN}),
    ("service", "Service messages", TopicClass.SERVICE, {EMAIL: FREE, SMS: FREE, POST: FREE}),
    ("data-sharing", "Sharing your data with partners", TopicClass.SHARING, {EMAIL: IN, SMS: IN, POST: IN}),
]
OTHER_TOPICS = {"acme-jp": TOPICS[:2] + TOPICS[4:5], "globex": TOPICS[1:2] + TOPICS[4:5]}

SENDERS = [
    (SMS, SenderKind.SENDER, "+15550100001"),
    (SMS, SenderKind.SENDER, "55501"),
    (EMAIL, SenderKind.SENDER, "news@acme.example"),
    (EMAIL, SenderKind.OPT_OUT, "unsubscribe@acme.example"),
    (EMAIL, SenderKind.PRIVACY, "privacy@acme.example"),
    (EMAIL, SenderKind.BOUNCE, "bounces@acme.example"),
]

# provider → the environment variable that holds its secret
ACCOUNTS = {"twilio": "SAYSO_TWILIO_AUTH_TOKEN", "generic": "SAYSO_GENERIC_SMS_SECRET"}


class Command(BaseCommand):
    help = "Creates the example organisation acme, with the secrets of the environment."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            controllers = {slug: _controller(slug, *rest) for slug, *rest in CONTROLLERS}
            acme = controllers["acme"]
            _topics(acme, TOPICS)
            for slug, topics in OTHER_TOPICS.items():
                _topics(controllers[slug], topics)
            _senders(acme)
            _notice(acme)
            for provider, variable in ACCOUNTS.items():
                _account(acme, provider, os.environ.get(variable, ""))
            _api_key(acme, os.environ.get("SAYSO_API_KEY", ""))
            _admin(os.environ.get("SAYSO_ADMIN_USER", ""), os.environ.get("SAYSO_ADMIN_PASSWORD", ""))


def _controller(slug: str, name: str, kind: str, contact: str) -> Controller:
    return Controller.objects.get_or_create(slug=slug, defaults={"name": name, "kind": kind, "contact": contact})[0]


def _topics(controller: Controller, topics: list[tuple[str, str, TopicClass, dict[Channel, Basis]]]) -> None:
    for slug, name, topic_class, channels in topics:
        topic, _ = Topic.objects.get_or_create(
            controller=controller, slug=slug, defaults={"name": name, "topic_class": topic_class}
        )
        for channel, basis in channels.items():
            TopicChannel.objects.get_or_create(topic=topic, channel=channel, defaults={"basis": basis})


def _senders(controller: Controller) -> None:
    for channel, kind, address in SENDERS:
        Sender.objects.get_or_create(
            channel=channel, address=address, defaults={"controller": controller, "kind": kind}
        )


def _notice(controller: Controller) -> None:
    Notice.objects.get_or_create(
        controller=controller,
        slug="newsletter-form",
        version=1,
        language="en",
        defaults={"text": "Send me the newsletter. I can stop it at any time.", "published_at": timezone.now()},
    )


def _account(controller: Controller, provider: str, secret: str) -> None:
    if not secret:
        return
    sealed = vault.seal(SECRETS_PURPOSE, msgspec.json.encode([secret]))
    account, made = ProviderAccount.objects.get_or_create(
        provider=provider,
        endpoint=controller.slug,
        defaults={"controller": controller, "sealed_secrets": sealed, "region": "US"},
    )
    if not made and _secrets(account) != [secret]:
        account.sealed_secrets = sealed
        account.save()


def _secrets(account: ProviderAccount) -> list[str]:
    return msgspec.json.decode(vault.unseal(SECRETS_PURPOSE, account.sealed_secrets), type=list[str])


def _api_key(controller: Controller, token: str) -> None:
    if token:
        ApiKey.objects.get_or_create(
            digest=digest_of(token),
            defaults={"controller": controller, "name": "make up", "prefix": token[:12], "scopes": list(SCOPES)},
        )


def _admin(name: str, password: str) -> None:
    if not name or not password:
        return
    user, _ = get_user_model().objects.get_or_create(username=name, defaults={"is_staff": True, "is_superuser": True})
    if not user.check_password(password):
        user.set_password(password)
        user.save()
