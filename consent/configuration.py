"""Controllers, topics, senders and accounts in memory, exactly as the database has them.

A trigger raises `consent_configuration.version` with every change. Who has just read the version passes it to
`at_version` and gets a snapshot of that version; who has not asks `recent`, which looks at the version once a second.
"""

import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from django.db import transaction

from consent import db, vault
from consent.intake.contract import Account

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


_CONTROLLERS = "SELECT id, slug, name, contact, language, kind FROM consent_controller"
_TOPICS = """
SELECT id, controller_id, slug, name, topic_class, fewer_id FROM consent_topic ORDER BY position, id
"""
_CARRIED = "SELECT topic_id, channel, basis, grant_days FROM consent_topicchannel"
_SENDERS = "SELECT channel, address, controller_id, kind FROM consent_sender"
_ACCOUNTS = "SELECT controller_id, region, provider, endpoint, sealed_secrets, options FROM consent_provideraccount"
_MATERIAL = """
SELECT controller_id, topic_id, slug, max(version) FROM consent_notice WHERE material AND NOT draft GROUP BY 1, 2, 3
"""


def _build(version: int) -> Snapshot:
    """Each process reads this anew after every change, so without models: to build those queries took longest."""
    controllers, topics = db.fetch(_CONTROLLERS), _topics()
    return Snapshot(
        version=version,
        controllers={number: slug for number, slug, *_ in controllers},
        controller_names={number: name for number, _, name, *_ in controllers},
        topics={topic.id: topic for topic in topics},
        topics_by_slug={(topic.controller_id, topic.slug): topic for topic in topics},
        senders={(channel, address): (owner, kind) for channel, address, owner, kind in db.fetch(_SENDERS)},
        accounts={(entry.account.provider, entry.account.endpoint): entry for entry in _accounts()},
        material={(owner, topic, slug): latest for owner, topic, slug, latest in db.fetch(_MATERIAL)},
        controller_contacts={number: contact for number, _, _, contact, *_ in controllers},
        controller_languages={number: language for number, *_, language, _ in controllers},
        controller_kinds={number: kind for number, *_, kind in controllers},
    )


def _topics() -> list[TopicRule]:
    carried: dict[int, dict[str, Carried]] = {}
    for topic, channel, basis, grant_days in db.fetch(_CARRIED):
        carried.setdefault(topic, {})[channel] = Carried(basis, grant_days)
    return [
        TopicRule(number, owner, slug, name, topic_class, carried.get(number, {}), fewer)
        for number, owner, slug, name, topic_class, fewer in db.fetch(_TOPICS)
    ]


def _accounts() -> Iterator[AccountEntry]:
    for owner, region, provider, endpoint, sealed, options in db.fetch(_ACCOUNTS):
        secrets = msgspec.json.decode(vault.unseal(SECRETS_PURPOSE, sealed), type=list[str])
        texts = {str(name): str(value) for name, value in options.items()}
        yield AccountEntry(owner, region, Account(provider, endpoint, secrets, texts))
