"""Controllers, topics, senders and accounts in memory, exactly as the database has them.

A trigger raises `consent_configuration.version` with every change. Who has just read the version passes it to
`at_version` and gets a snapshot of that version; who has not asks `recent`, which looks at the version once a second.
"""

import threading
import time
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from django.db import transaction

from consent import db, vault
from consent.intake.contract import Account
from consent.models import Controller, Notice, ProviderAccount, Sender, Topic, TopicChannel

SECRETS_PURPOSE = "account.secrets"
CREDENTIALS_PURPOSE = "account.credentials"
_LOOK_AGAIN_SECONDS = 1.0


class Scope(NamedTuple):
    """How far a word reaches. No topic: every topic of the controller; no controller: everything."""

    controller_id: int | None
    topic_id: int | None

    def contains(self, other: "Scope") -> bool:
        """Whether `other` lies within this scope."""
        if self.controller_id is None:
            return True
        return self.controller_id == other.controller_id and self.topic_id in (None, other.topic_id)


EVERYTHING = Scope(None, None)


class Carried(NamedTuple):
    """How a channel carries a topic."""

    basis: str
    grant_days: int | None


class TopicRule(msgspec.Struct, frozen=True):
    """A topic as the check and the pages see it. `line` is its scope line, the widest first."""

    id: int
    controller_id: int
    slug: str
    name: str
    topic_class: str
    channels: dict[str, Carried]
    fewer: int | None = None  # the id of the topic that brings the same less often

    @property
    def line(self) -> tuple[Scope, Scope, Scope]:
        return (EVERYTHING, Scope(self.controller_id, None), Scope(self.controller_id, self.id))


class AccountEntry(NamedTuple):
    """A configured account at a provider."""

    controller_id: int
    region: str
    account: Account


class Snapshot(msgspec.Struct, frozen=True):
    """The whole configuration at one version."""

    version: int
    controllers: dict[int, str]  # id → slug
    controller_names: dict[int, str]
    topics: dict[int, TopicRule]
    topics_by_slug: dict[tuple[int, str], TopicRule]
    senders: dict[tuple[str, str], tuple[int, str]]  # (channel, address) → (controller id, kind)
    accounts: dict[tuple[str, str], AccountEntry]  # (provider, endpoint)
    material: dict[tuple[int, int | None, str], int]  # (controller, topic, notice slug) → last material version
    controller_contacts: dict[int, str] = {}
    controller_languages: dict[int, str] = {}
    controller_kinds: dict[int, str] = {}

    def scope_name(self, scope: Scope, sender: str = "") -> str:
        """`everything`, `controller:acme`, `topic:offers` or, confined to a number of ours, `sender:+15550100001`."""
        if sender:
            return f"sender:{sender}"
        if scope.controller_id is None:
            return "everything"
        if scope.topic_id is None:
            return f"controller:{self.controllers[scope.controller_id]}"
        topic = self.topic_of(scope)
        return f"topic:{topic.slug if topic else scope.topic_id}"

    def topic_of(self, scope: Scope) -> TopicRule | None:
        """A scope's topic; None where it names none, one that is gone, or one that is not its controller's."""
        topic = self.topics.get(scope.topic_id or 0)
        return topic if topic and topic.controller_id == scope.controller_id else None

    def controller_id(self, slug: str) -> int:
        """The id of a controller. Raise `KeyError` for an unknown one."""
        for number, name in self.controllers.items():
            if name == slug:
                return number
        raise KeyError(slug)


_lock = threading.Lock()
_snapshot: Snapshot | None = None
_looked_at = 0.0


def current_version() -> int:
    """The version in the database now."""
    rows = db.fetch_again("SELECT version FROM consent_configuration")
    if not rows:
        raise RuntimeError("the configuration row is missing: run `manage.py migrate`")
    version: int = rows[0][0]
    return version


def at_version(version: int) -> Snapshot:
    """The snapshot of `version`, read anew if ours is another one."""
    global _snapshot
    known = _snapshot
    if known is not None and known.version == version:
        return known
    with _lock:
        if _snapshot is None or _snapshot.version != version:
            _snapshot = _read()
        return _snapshot


def recent() -> Snapshot:
    """A snapshot that was current within the last second."""
    global _looked_at
    known = _snapshot
    if known is not None and time.monotonic() - _looked_at < _LOOK_AGAIN_SECONDS:
        return known
    snapshot = at_version(current_version())
    _looked_at = time.monotonic()
    return snapshot


def current() -> Snapshot:
    """The snapshot of this very moment."""
    return at_version(current_version())


def known() -> Snapshot:
    """The snapshot this process has, for a reader that compares its version with the database's as it reads."""
    return _snapshot or recent()


def _read() -> Snapshot:
    with transaction.atomic():
        version = current_version()
        snapshot = _build(version)
        if current_version() == version:
            return snapshot
    return _read()


def _build(version: int) -> Snapshot:
    controllers = list(Controller.objects.all())
    topics = _topics(Topic.objects.order_by("position", "id"), TopicChannel.objects.all())
    return Snapshot(
        version=version,
        controllers={controller.pk: controller.slug for controller in controllers},
        controller_names={controller.pk: controller.name for controller in controllers},
        topics={topic.id: topic for topic in topics},
        topics_by_slug={(topic.controller_id, topic.slug): topic for topic in topics},
        senders={
            (sender.channel, sender.address): (sender.controller_id, sender.kind) for sender in Sender.objects.all()
        },
        accounts={(row.provider, row.endpoint): _account(row) for row in ProviderAccount.objects.all()},
        material=_material(Notice.objects.filter(material=True, draft=False)),
        controller_contacts={controller.pk: controller.contact for controller in controllers},
        controller_languages={controller.pk: controller.language for controller in controllers},
        controller_kinds={controller.pk: controller.kind for controller in controllers},
    )


def _topics(topics: Iterable[Topic], channels: Iterable[TopicChannel]) -> list[TopicRule]:
    carried: dict[int, dict[str, Carried]] = {}
    for row in channels:
        carried.setdefault(row.topic_id, {})[row.channel] = Carried(row.basis, row.grant_days)
    return [
        TopicRule(
            topic.pk,
            topic.controller_id,
            topic.slug,
            topic.name,
            topic.topic_class,
            carried.get(topic.pk, {}),
            topic.fewer_id,
        )
        for topic in topics
    ]


def _account(row: ProviderAccount) -> AccountEntry:
    secrets = msgspec.json.decode(vault.unseal(SECRETS_PURPOSE, row.sealed_secrets), type=list[str])
    options = {str(name): str(value) for name, value in row.options.items()}
    return AccountEntry(row.controller_id, row.region, Account(row.provider, row.endpoint, secrets, options))


def _material(notices: Iterable[Notice]) -> dict[tuple[int, int | None, str], int]:
    latest: dict[tuple[int, int | None, str], int] = {}
    for notice in notices:
        place = (notice.controller_id, notice.topic_id, notice.slug)
        latest[place] = max(latest.get(place, 0), notice.version)
    return latest
