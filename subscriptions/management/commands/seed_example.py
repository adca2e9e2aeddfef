"""The example organisation of `make up`. Running it again changes nothing that is there, but takes up new secrets."""

import os
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from consent import vault
from consent.configuration import SECRETS_PURPOSE
from consent.management.base import BaseCommand
from consent.models import Controller, Notice, ProviderAccount, Sender, Topic, TopicChannel
from consent.models.vocabulary import Basis, Channel, ControllerKind, SenderKind, TopicClass
from subscriptions.models import SignupForm, Theme
from subscriptions.models.api_key import SCOPES, ApiKey, digest_of

EMAIL, SMS, POST = Channel.EMAIL, Channel.SMS, Channel.POST
IN, OUT, FREE = Basis.OPT_IN, Basis.OPT_OUT, Basis.NONE

CONTROLLERS = [
    ("acme", "Acme Hosting", ControllerKind.OWN, "privacy@acme.example"),
    ("acme-jp", "Acme Hosting Japan", ControllerKind.AFFILIATE, "privacy@acme-jp.example"),
    ("globex", "Globex", ControllerKind.CLIENT, "privacy@globex.example"),
]

MARKETING, SERVICE, SHARING = TopicClass.MARKETING, TopicClass.SERVICE, TopicClass.SHARING
TopicRow = tuple[str, str, TopicClass, dict[Channel, Basis], str, str]

# topic, name, class, basis per channel (none: the channel does not carry it), what it brings, how often
NEWSLETTER: TopicRow = (
    *("newsletter", "Newsletter", MARKETING, {EMAIL: IN}),
    *("News of our data centres, and how customers use them.", "Every week"),
)
DIGEST: TopicRow = (
    *("newsletter-monthly", "Newsletter, once a month", MARKETING, {EMAIL: IN}),
    *("The best of four newsletters in one.", "On the first Monday of the month"),
)
OFFERS: TopicRow = (
    *("offers", "Offers", MARKETING, {EMAIL: OUT, SMS: IN, POST: OUT}),
    *("Discounts on hosting and domains.", "About twice a month"),
)
EVENTS: TopicRow = (
    *("events", "Events", MARKETING, {EMAIL: OUT, SMS: IN, POST: OUT}),
    *("Invitations to webinars and open days near you.", "Up to five times a year"),
)
PARTNERS: TopicRow = (
    *("partner-offers", "Offers of our partners", MARKETING, {EMAIL: IN, SMS: IN, POST: IN}),
    *("What companies that we work with offer you. We send it; they do not get your address.", "About once a month"),
)
SERVICES: TopicRow = (
    *("service", "Service messages", SERVICE, {EMAIL: FREE, SMS: FREE, POST: FREE}),
    *("Invoices, outages, and changes of your contract.", "When there is something that you must know"),
)
DATA: TopicRow = (
    *("data-sharing", "Sharing your data with partners", SHARING, {EMAIL: IN, SMS: IN, POST: IN}),
    *("Whether we may pass your name and address on to companies that we work with.", ""),
)
TOPICS = [NEWSLETTER, DIGEST, OFFERS, EVENTS, PARTNERS, SERVICES, DATA]
OTHER_TOPICS = {"acme-jp": [NEWSLETTER, OFFERS, SERVICES], "globex": [OFFERS, SERVICES]}
FEWER = {NEWSLETTER[0]: DIGEST[0]}

SENDERS = [
    (SMS, SenderKind.SENDER, "+15550100001"),
    (SMS, SenderKind.SENDER, "55501"),
    (EMAIL, SenderKind.SENDER, "news@acme.example"),
    (EMAIL, SenderKind.OPT_OUT, "unsubscribe@acme.example"),
    (EMAIL, SenderKind.PRIVACY, "privacy@acme.example"),
    (EMAIL, SenderKind.BOUNCE, "bounces@acme.example"),
]

# Of sign-up forms (docs/SIGN_UP.md). A controller that writes to people needs an address of its own.
SIGN_UP = "sign-up"
WORDING = (
    "I want {name} to send me by e-mail what I have chosen here. "
    "I can stop it at any time, by the link in every message."
)
OTHER_SENDERS = {"acme-jp": "news@acme-jp.example", "globex": "news@globex.example"}
POSTAL_ADDRESS = "12 Harbour Street\nSpringfield, IL 62701\nUSA"

# provider → the environment variable that holds its secret
ACCOUNTS = {"twilio": "SAYSO_TWILIO_AUTH_TOKEN", "generic": "SAYSO_GENERIC_SMS_SECRET"}


class Command(BaseCommand):
    help = "Creates the example organisation acme, with the secrets of the environment."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            controllers = {slug: _controller(slug, *rest) for slug, *rest in CONTROLLERS}
            acme = controllers["acme"]
            _topics(acme, TOPICS)
            _fewer(acme)
            for slug, topics in OTHER_TOPICS.items():
                _topics(controllers[slug], topics)
            _senders(acme)
            _notice(acme)
            for slug, controller in controllers.items():
                _signup(controller, OTHER_SENDERS.get(slug))
            _theme(acme)
            for provider, variable in ACCOUNTS.items():
                _account(acme, provider, os.environ.get(variable, ""))
            _api_key(acme, os.environ.get("SAYSO_API_KEY", ""))
            _admin(os.environ.get("SAYSO_ADMIN_USER", ""), os.environ.get("SAYSO_ADMIN_PASSWORD", ""))


def _controller(slug: str, name: str, kind: str, contact: str) -> Controller:
    return Controller.objects.get_or_create(slug=slug, defaults={"name": name, "kind": kind, "contact": contact})[0]


def _topics(controller: Controller, topics: list[TopicRow]) -> None:
    """Make those that are missing; what staff changed in the others stays."""
    Topic.objects.bulk_create(
        [
            Topic(
                controller=controller,
                slug=slug,
                topic_class=topic_class,
                position=position,
                name=name,
                description=description,
                frequency=frequency,
            )
            for position, (slug, name, topic_class, _, description, frequency) in enumerate(topics)
        ],
        ignore_conflicts=True,
    )
    made = {topic.slug: topic for topic in Topic.objects.filter(controller=controller)}
    TopicChannel.objects.bulk_create(
        [
            TopicChannel(topic=made[slug], channel=channel, basis=basis)
            for slug, _, _, channels, _, _ in topics
            for channel, basis in channels.items()
        ],
        ignore_conflicts=True,
    )


def _fewer(controller: Controller) -> None:
    for slug, less in FEWER.items():
        topics = Topic.objects.filter(controller=controller)
        topics.filter(slug=slug, fewer=None).update(fewer=topics.get(slug=less))


def _senders(controller: Controller) -> None:
    Sender.objects.bulk_create(
        [
            Sender(controller=controller, channel=channel, kind=kind, address=address)
            for channel, kind, address in SENDERS
        ],
        ignore_conflicts=True,
    )


def _notice(controller: Controller) -> None:
    Notice.objects.get_or_create(
        controller=controller,
        slug="newsletter-form",
        version=1,
        language="en",
        defaults={"text": "Send me the newsletter. I can stop it at any time.", "published_at": timezone.now()},
    )


def _signup(controller: Controller, sender: str | None) -> None:
    if sender:
        given = {"controller": controller, "kind": SenderKind.SENDER}
        Sender.objects.get_or_create(channel=EMAIL, address=sender, defaults=given)
    text = {"text": WORDING.format(name=controller.name), "published_at": timezone.now()}
    Notice.objects.get_or_create(controller=controller, slug=SIGN_UP, version=1, language="en", defaults=text)
    SignupForm.objects.get_or_create(controller=controller, defaults={"notice_slug": SIGN_UP})


def _theme(controller: Controller) -> None:
    Theme.objects.get_or_create(controller=controller, defaults={"postal_address": POSTAL_ADDRESS})


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
