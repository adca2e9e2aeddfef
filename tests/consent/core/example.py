"""A small organisation for tests with a database, and short ways to tell of a word and to ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from consent import configuration, db, ledger, status, vault
from consent.addresses import contact
from consent.configuration import SECRETS_PURPOSE, Scope
from consent.ledger import Entry
from consent.models import Controller, ProviderAccount, Topic
from consent.models.fields import public_id
from consent.models.vocabulary import Basis, ControllerKind, SenderKind, TopicClass
from consent.normalise.keys import Key
from consent.status import Verdict

Row = TypeVar("Row", bound=Model)

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


# A thousand tests begin with it: one statement, whatever rows it has.
_MAKE = """
WITH acme AS (
    INSERT INTO consent_controller (slug, name, kind, contact) VALUES ('acme', 'Acme', %(own)s, '') RETURNING id
), globex AS (
    INSERT INTO consent_controller (slug, name, kind, contact) VALUES ('globex', 'Globex', %(client)s, '') RETURNING id
), topic AS (
    INSERT INTO consent_topic (controller_id, slug, name, topic_class, description)
    SELECT CASE WHEN place <= %(of_acme)s THEN acme.id ELSE globex.id END, slug, initcap(slug), topic_class, ''
    FROM acme, globex, unnest(%(slugs)s::text[], %(classes)s::text[]) WITH ORDINALITY AS row (slug, topic_class, place)
    ORDER BY place RETURNING id, controller_id, slug, topic_class
), carried AS (
    INSERT INTO consent_topicchannel (topic_id, channel, basis)
    SELECT topic.id, channel, basis FROM topic
    JOIN (SELECT DISTINCT * FROM unnest(%(slugs)s::text[], %(bases)s::text[])) AS row (slug, basis) USING (slug),
        unnest(ARRAY['email', 'sms', 'post']) AS channel
), sender AS (
    INSERT INTO consent_sender (controller_id, channel, kind, address)
    SELECT acme.id, 'email', kind, address
    FROM acme, unnest(%(purposes)s::text[], %(mailboxes)s::text[]) AS row (kind, address)
), account AS (
    INSERT INTO consent_provideraccount (controller_id, provider, endpoint, sealed_secrets, options, region)
    SELECT acme.id, provider, 'acme', sealed, '{}', 'US'
    FROM acme, unnest(%(providers)s::text[], %(sealed)s::bytea[]) AS row (provider, sealed)
)
SELECT acme.id, globex.id, topic.id, topic.controller_id, topic.slug, topic.topic_class
FROM acme, globex, topic ORDER BY topic.id
"""


def make_organisation() -> Organisation:
    every = [*TOPICS, TOPICS[0], TOPICS[4]]
    rows = db.fetch(
        _MAKE,
        {
            "own": ControllerKind.OWN.value,
            "client": ControllerKind.CLIENT.value,
            "of_acme": len(TOPICS),
            "slugs": [slug for slug, _, _ in every],
            "classes": [topic_class.value for _, topic_class, _ in every],
            "bases": [basis.value for _, _, basis in every],
            "purposes": [SenderKind.OPT_OUT.value, SenderKind.PRIVACY.value],
            "mailboxes": [MAILBOX, PRIVACY],
            "providers": [provider for provider, _ in ACCOUNTS],
            "sealed": [sealed(secret) for _, secret in ACCOUNTS],
        },
    )
    acme, globex = rows[0][:2]
    own = _read(Controller, id=acme, slug="acme", name="Acme", kind=ControllerKind.OWN)
    client = _read(Controller, id=globex, slug="globex", name="Globex", kind=ControllerKind.CLIENT)
    topics = {
        slug: _read(Topic, id=number, controller=own, slug=slug, name=slug.title(), topic_class=topic_class)
        for _, _, number, owner, slug, topic_class in rows
        if owner == acme
    }
    return Organisation(own, client, topics)


def _read(model: type[Row], **values: Any) -> Row:
    """An object of a row that is there."""
    found = model(**values)
    found._state.adding, found._state.db = False, "default"
    return found


def sealed(secret: str) -> bytes:
    return vault.seal(SECRETS_PURPOSE, msgspec.json.encode([secret]))


def account(owner: Controller, provider: str, secret: str, **more: Any) -> ProviderAccount:
    """An account at a gateway or a mail provider, not saved yet."""
    return ProviderAccount(controller=owner, provider=provider, endpoint="acme", sealed_secrets=sealed(secret), **more)


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
