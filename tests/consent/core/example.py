"""A small organisation for tests with a database, and short ways to tell of a word and to ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import configuration, ledger, status, vault
from consent.addresses import contact
from consent.configuration import SECRETS_PURPOSE, Scope
from consent.ledger import Entry
from consent.models import Controller, ProviderAccount, Sender, Topic, TopicChannel
from consent.models.fields import public_id
from consent.models.vocabulary import Basis, ControllerKind, SenderKind, TopicClass
from consent.normalise.keys import Key
from consent.status import Verdict

ACME_NUMBER = "+15550100001"
GENERIC_SECRET = "the secret of the generic account"
INFOBIP_SECRET = "sayso:the password of the infobip account"
MAILBOX = "unsubscribe@acme.example"
PRIVACY = "privacy@acme.example"

# slug, class, basis on every channel
TOPICS = [
    ("offers", TopicClass.MARKETING, Basis.OPT_OUT),
    ("events", TopicClass.MARKETING, Basis.OPT_OUT),
    ("newsletter", TopicClass.MARKETING, Basis.OPT_IN),
    ("double", TopicClass.MARKETING, Basis.CONFIRMED_OPT_IN),
    ("service", TopicClass.SERVICE, Basis.NONE),
    ("data-sharing", TopicClass.SHARING, Basis.OPT_IN),
]
ACCOUNTS = [("generic", GENERIC_SECRET), ("infobip", INFOBIP_SECRET)]


class Organisation(NamedTuple):
    """`acme` with its topics, and `globex` with two of its own."""

    acme: Controller
    globex: Controller
    topics: Mapping[str, Topic]

    def scope(self, written: str) -> Scope:
        """`everything`, `acme`, `globex`, or a topic of acme."""
        if written == "everything":
            return configuration.EVERYTHING
        if written in ("acme", "globex"):
            return Scope(getattr(self, written).pk, None)
        return Scope(self.acme.pk, self.topics[written].pk)


def make_organisation() -> Organisation:
    """Made by few statements: a thousand tests begin with it."""
    acme = Controller(slug="acme", name="Acme", kind=ControllerKind.OWN)
    globex = Controller(slug="globex", name="Globex", kind=ControllerKind.CLIENT)
    Controller.objects.bulk_create([acme, globex])
    owned = [(acme, row) for row in TOPICS] + [(globex, row) for row in (TOPICS[0], TOPICS[4])]
    topics = [
        Topic(controller=owner, slug=slug, name=slug.title(), topic_class=topic_class)
        for owner, (slug, topic_class, _) in owned
    ]
    Topic.objects.bulk_create(topics)
    TopicChannel.objects.bulk_create(
        TopicChannel(topic=topic, channel=channel, basis=basis)
        for topic, (_, (_, _, basis)) in zip(topics, owned, strict=True)
        for channel in ("email", "sms", "post")
    )
    Sender.objects.bulk_create(
        Sender(controller=acme, channel="email", kind=purpose, address=address)
        for purpose, address in ((SenderKind.OPT_OUT, MAILBOX), (SenderKind.PRIVACY, PRIVACY))
    )
    ProviderAccount.objects.bulk_create(account(acme, provider, secret, region="US") for provider, secret in ACCOUNTS)
    return Organisation(acme, globex, {topic.slug: topic for topic in topics[: len(TOPICS)]})


def account(owner: Controller, provider: str, secret: str, **more: Any) -> ProviderAccount:
    """An account at a gateway or a mail provider, not saved yet."""
    sealed = vault.seal(SECRETS_PURPOSE, msgspec.json.encode([secret]))
    return ProviderAccount(controller=owner, provider=provider, endpoint="acme", sealed_secrets=sealed, **more)


def ago(**units: float) -> datetime:
    return timezone.now() - timedelta(**units)


def key_of(channel: str, address: Any) -> Key:
    return contact(channel, address).said[0]


def entry(key: bytes, scope: Scope, action: str, cause: str = "", **more: Any) -> Entry:
    """A ledger entry with an inbound of its own, said an hour ago."""
    plain: dict[str, Any] = {
        "inbound_id": public_id(),
        "ordinal": 0,
        "key": key,
        "channel": "email",
        "scope": scope,
        "action": action,
        "cause": cause,
        "source": "api",
        "digest": b"\0" * 32,
        "occurred_at": ago(hours=1),
    }
    return Entry(**(plain | more))


def record(*entries: Entry) -> list[UUID]:
    with transaction.atomic():
        return ledger.record(entries)


def ask(
    organisation: Organisation, topic: str, keys: Sequence[Key], channel: str = "email", sender: str | None = None
) -> Verdict:
    """What a check of acme's topic says now."""
    _, [verdict] = status.check_many(organisation.acme.pk, topic, channel, [keys], timezone.now(), sender)
    return verdict
