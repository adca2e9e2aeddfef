"""What an authenticated system or a member of staff tells us about one address."""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from consent.addresses import Contact, contact
from consent.configuration import Scope, Snapshot, TopicRule
from consent.mailboxes import writes_from
from consent.models import Notice
from consent.models.vocabulary import Cause
from consent.normalise.errors import InvalidAddress

StatedAction = Literal["opt_in", "opt_out", "suppress", "lift"]
StatedCause = Literal["hard_bounce", "complaint", "deceased", "minor", "listed", "paused"]


class NoticeSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The wording the person saw."""

    slug: str
    version: int
    language: str


class PersonKnown(msgspec.Struct, frozen=True):
    """The person as the controller knows them. Further members are kept with the evidence."""

    external_id: str
    name: str | None = None


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One word about one address. `topic` is a slug, or `*` for every topic of the controller."""

    channel: Literal["email", "sms", "post"]
    address: str | dict[str, str]
    action: StatedAction
    topic: str = "*"
    occurred_at: datetime | None = None
    basis: str | None = None
    notice: NoticeSeen | None = None
    source: str | None = None
    evidence: dict[str, Any] | None = None
    person: PersonKnown | None = None
    cause: StatedCause | None = None
    until: datetime | None = None
    reason: str | None = None
    confirm: bool = False  # of an opt-in: it counts once the address has confirmed it
    nonce: str | None = None  # ours: without it the evidence's digest could be tried against all numbers


class Rejected(Exception):
    """A statement that cannot be taken. `pointer` is the JSON pointer of the member at fault."""

    def __init__(self, pointer: str, code: str, detail: str) -> None:
        super().__init__(f"{pointer}: {detail}")
        self.pointer = pointer
        self.code = code
        self.detail = detail


class Resolved(msgspec.Struct, frozen=True):
    """A statement whose every reference was found."""

    contact: Contact
    scope: Scope
    topic: TopicRule | None
    notice: tuple[int, str, int] | None


_BASES = frozenset({"opt_in", "confirmed_opt_in", "opt_out"})
_MAX_AHEAD = timedelta(hours=1)
MAX_SOURCE_CHARACTERS = 36


def resolve(statement: Statement, controller_id: int, snapshot: Snapshot, now: datetime) -> Resolved:
    """Check a statement against the configuration. Raise `Rejected` naming the first member at fault."""
    _check_times(statement, now)
    _check_words(statement)
    _check_confirmation(statement, controller_id, snapshot)
    topic = _topic(statement, controller_id, snapshot)
    return Resolved(
        contact=stated_contact(statement),
        scope=Scope(controller_id, topic.id if topic else None),
        topic=topic,
        notice=_notice(statement, controller_id),
    )


def stated_contact(statement: Statement) -> Contact:
    """The contact of a statement. Raise `Rejected` for an address that is none."""
    try:
        return contact(statement.channel, statement.address)
    except InvalidAddress as error:
        raise Rejected("/address", error.code, error.detail) from error


def _check_times(statement: Statement, now: datetime) -> None:
    for name in ("occurred_at", "until"):
        moment = getattr(statement, name)
        if moment is not None and moment.tzinfo is None:
            raise Rejected(f"/{name}", "no_time_zone", "a time needs its offset, such as 2026-01-31T12:00:00Z")
    if statement.occurred_at is not None and statement.occurred_at > now + _MAX_AHEAD:
        raise Rejected("/occurred_at", "in_future", "this has not happened yet")


def _check_words(statement: Statement) -> None:
    if statement.basis is not None and statement.basis not in _BASES:
        raise Rejected("/basis", "unknown_basis", f"one of {', '.join(sorted(_BASES))}")
    if statement.source is not None and len(statement.source) > MAX_SOURCE_CHARACTERS:
        raise Rejected("/source", "too_long", f"at most {MAX_SOURCE_CHARACTERS} characters")
    if statement.person is not None and not 0 < len(statement.person.external_id) <= 200:
        raise Rejected("/person/external_id", "bad_length", "1 to 200 characters")
    if statement.until is not None and statement.cause != "paused":
        raise Rejected("/until", "not_a_pause", "only a pause ends by itself")
    if statement.action in ("suppress", "lift") and not statement.cause:
        raise Rejected("/reason", "missing", f"one of {', '.join(c for c in Cause if c not in ('stop', 'choice'))}")


def _check_confirmation(statement: Statement, controller_id: int, snapshot: Snapshot) -> None:
    """What a mail can ask: a yes of an e-mail address to one topic, from a controller that can write to it."""
    if not statement.confirm:
        return
    if statement.action != "opt_in" or statement.channel != "email":
        raise Rejected("/confirm", "not_to_be_confirmed", "only an opt_in of email is confirmed by mail")
    if statement.topic == "*":
        raise Rejected("/topic", "too_wide", "a confirmation is about one topic")
    if statement.basis not in (None, "confirmed_opt_in"):
        raise Rejected("/basis", "contradicts_confirm", "what is confirmed becomes a confirmed_opt_in")
    if writes_from(snapshot, controller_id) is None:
        raise Rejected("/confirm", "no_sender", "this controller has no address that mail is sent from")


def _topic(statement: Statement, controller_id: int, snapshot: Snapshot) -> TopicRule | None:
    if statement.topic == "*":
        return None
    topic = snapshot.topics_by_slug.get((controller_id, statement.topic))
    if topic is None:
        raise Rejected("/topic", "unknown_topic", "this controller has no such topic")
    if statement.channel not in topic.channels:
        raise Rejected("/topic", "not_carried", f"this topic is not carried by {statement.channel}")
    return topic


def _notice(statement: Statement, controller_id: int) -> tuple[int, str, int] | None:
    seen = statement.notice
    if seen is None:
        return None
    notice = Notice.objects.filter(
        controller_id=controller_id,
        slug=seen.slug,
        version=seen.version,
        language=seen.language,
        draft=False,
    ).first()
    if notice is None:
        raise Rejected("/notice", "unknown_notice", "this controller has no such notice, version and language")
    return (notice.pk, notice.slug, notice.version)
