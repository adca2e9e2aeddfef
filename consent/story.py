"""The story of a contact: what came in, what we made of it, what it changed, and what holds for it now.

Read only. Every query is bounded; older chapters are read by asking again with `before`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.utils import timezone

from consent import configuration, status
from consent.addresses import PERSON, Contact
from consent.classify.pressed import row_in, words_of
from consent.configuration import Scope, Snapshot, TopicRule
from consent.contents import Contents, contents_of
from consent.models import (
    AccessCode,
    ConsentEvent,
    Errand,
    Hold,
    Inbound,
    Permission,
    Review,
    RightsRequest,
    Suppression,
)
from consent.models.vocabulary import Action
from consent.near import near_of, wanted
from consent.normalise.keys import Key
from consent.outside import naming
from consent.points import addresses_of as addresses_of
from consent.points import contact_of_point as contact_of_point
from consent.points import readable as readable
from consent.sequels import Answered, Decided, Requested, answered, decided, requested

CHAPTERS = 25
LINES = 200
STANDING = 200
TOPICS = 200
_NAMES = {
    True: ("this person there", "anyone there", "the household"),
    False: ("the household", "anyone there"),
}  # of a postal address's keys, with a person's name and without


class Verdict(msgspec.Struct, frozen=True):
    """May a topic be sent to the contact, as of now."""

    controller: str
    topic: str
    allowed: bool
    reason: str
    also: tuple[str, ...]
    scope: str
    since: datetime | None
    evidence: UUID | None


class Standing(msgspec.Struct, frozen=True):
    """A suppression or a permission in force. `what` is its cause, or that it is confirmed. `former`: see `Story`."""

    denies: bool
    about: str
    scope: str
    what: str
    since: datetime
    until: datetime | None
    event_id: UUID
    former: bool = False


class Line(msgspec.Struct, frozen=True):
    """A line of the ledger."""

    id: UUID
    seq: int
    key: str
    about: str
    channel: str
    action: str
    cause: str
    scope: str
    basis: str
    sender: str
    source: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    undoes: UUID | None
    carried_from: UUID | None = None


class Chapter(msgspec.Struct, frozen=True):
    """One inbound with what came of it. `contents` is None for a reader who may not see it.

    `pressed` says who pressed, where it came by a link and was worked off.
    """

    inbound: Inbound
    controller: str
    pressed: str
    contents: Contents | None
    lines: tuple[Line, ...]
    reviews: tuple[Decided, ...]
    answers: tuple[Answered, ...]
    held: bool
    former: bool = False
    rights: tuple[Requested, ...] = ()


class Story(msgspec.Struct, frozen=True):
    """A contact's story, newest chapter first. `older` is what to pass as `before` for the chapters before these.

    `disconnected` are the moments at which the number was nobody's, newest first: what was said until then is
    `former`, a former holder's.
    """

    verdicts: tuple[Verdict, ...]
    standing: tuple[Standing, ...]
    chapters: tuple[Chapter, ...]
    older: UUID | None
    disconnected: tuple[datetime, ...] = ()


def keys_of(contact: Contact) -> tuple[Key, ...]:
    """Every key that has to do with a contact: those asked in a check, and those its word is about."""
    return tuple(dict.fromkeys((*contact.said, *contact.asked)))


def key_names(contact: Contact | None) -> dict[bytes, str]:
    """What each key of a postal address stands for. Other channels have one key, which needs no name."""
    if contact is None or contact.channel != "post":
        return {}
    return dict(zip(keys_of(contact), _NAMES[PERSON in contact.normal], strict=True))


def read_story(
    keys: Sequence[Key], contact: Contact | None, *, with_contents: bool, before: UUID | None = None
) -> Story:
    """The story of some keys. Without the contact, whose address is not known, there are no verdicts."""
    snapshot = configuration.recent()
    names = key_names(contact)
    chapters, older = _chapters(snapshot, keys, names, with_contents, before)
    gone = disconnections_of(keys)
    return Story(
        disconnected=gone,
        verdicts=tuple(verdicts_of(snapshot, contact)) if contact else (),
        standing=tuple(_of_whom(row, row.since, gone) for row in _standing(snapshot, keys, names)),
        chapters=tuple(_of_whom(chapter, _said_at(chapter), gone) for chapter in chapters),
        older=older,
    )


def disconnections_of(keys: Sequence[Key]) -> tuple[datetime, ...]:
    """When numbers were disconnected, newest first."""
    gone = ConsentEvent.objects.filter(key__in=keys, channel="sms", action=Action.INVALIDATE, cause="")
    return tuple(gone.order_by("-occurred_at").values_list("occurred_at", flat=True)[:LINES])


Told = TypeVar("Told", Standing, Chapter)


def _of_whom(told: Told, said_at: datetime | None, gone: Sequence[datetime]) -> Told:
    """Marked as a former holder's, if it was said before the last disconnection."""
    former = bool(gone) and said_at is not None and said_at <= gone[0]
    return msgspec.structs.replace(told, former=True) if former else told


def _said_at(chapter: Chapter) -> datetime | None:
    """When the words of a chapter were said; None for the disconnection itself, which nobody said."""
    if chapter.inbound.source.startswith("disconnected:"):
        return None
    return min((line.occurred_at for line in chapter.lines), default=chapter.inbound.received_at)


def reach_of(snapshot: Snapshot, row: ConsentEvent | Suppression | Permission) -> str:
    """How far a ledger line, suppression or permission reaches, for people."""
    sender = "" if isinstance(row, Permission) or not row.sender_only else row.sender
    return scope_words(snapshot, Scope(row.controller_id, row.topic_id), sender)


def scope_words(snapshot: Snapshot, scope: Scope, sender: str = "") -> str:
    """A scope for people: `Everyone`, `Acme: everything`, `Acme: Offers`, `Acme: everything from 55501`."""
    if scope.controller_id is None:
        return "Everyone"
    controller = snapshot.controller_names.get(scope.controller_id, f"controller {scope.controller_id}")
    topic = snapshot.topic_of(scope)
    gone = f"topic {scope.topic_id}" if scope.topic_id else "everything"
    return f"{controller}: {topic.name if topic else gone}" + (f" from {sender}" if sender else "")


def verdicts_of(snapshot: Snapshot, contact: Contact, controller_id: int | None = None) -> list[Verdict]:
    """What a check says now about each topic that the contact's channel carries, of one controller or of all."""
    rules = [
        rule
        for rule in snapshot.topics.values()
        if contact.channel in rule.channels and controller_id in (None, rule.controller_id)
    ]
    rules.sort(key=lambda rule: (snapshot.controller_names[rule.controller_id], rule.id))
    return [_verdict(snapshot, rule, contact) for rule in rules[:TOPICS]]


def _verdict(snapshot: Snapshot, rule: TopicRule, contact: Contact) -> Verdict:
    now = timezone.now()
    near = near_of([contact]) if contact.channel == "post" else []
    _, [made] = status.check_many(
        rule.controller_id, rule.slug, contact.channel, [contact.asked], now, near=wanted(near)
    )
    return Verdict(
        controller=snapshot.controller_names[rule.controller_id],
        topic=rule.name,
        allowed=made.allowed,
        reason=made.reason,
        also=made.also,
        scope=scope_words(snapshot, made.scope, made.sender) if made.scope else "",
        since=made.since,
        evidence=made.evidence,
    )


def _standing(snapshot: Snapshot, keys: Sequence[Key], names: Mapping[bytes, str]) -> list[Standing]:
    denials = list(Suppression.objects.filter(key__in=keys).order_by("since")[:STANDING])
    lists = naming.entries_of([row.event_id for row in denials if naming.is_list(row.sender)])
    grants = Permission.objects.filter(key__in=keys).order_by("since")[:STANDING]
    return [_stands(snapshot, row, names, denies=True, what=_cause(row, lists)) for row in denials] + [
        _stands(snapshot, row, names, denies=False, what=_how_sure(row)) for row in grants
    ]


def _how_sure(row: Permission) -> str:
    if row.requested:
        return "asked for, not confirmed"
    return "confirmed" if row.confirmed else "not confirmed"


def _cause(row: Suppression, lists: Mapping[UUID, str]) -> str:
    whose = lists.get(row.event_id, row.sender)
    return row.get_cause_display() + (f" ({whose})" if whose else "")


def _stands(
    snapshot: Snapshot, row: Suppression | Permission, names: Mapping[bytes, str], *, denies: bool, what: str
) -> Standing:
    return Standing(denies, names.get(row.key, ""), reach_of(snapshot, row), what, row.since, row.until, row.event_id)


def _chapters(
    snapshot: Snapshot, keys: Sequence[Key], names: Mapping[bytes, str], with_contents: bool, before: UUID | None
) -> tuple[tuple[Chapter, ...], UUID | None]:
    ids = _inbound_ids(keys, before)
    shown = ids[:CHAPTERS]
    inbounds = Inbound.objects.filter(pk__in=shown).order_by("-id")
    lines = _by_inbound(ConsentEvent.objects.filter(key__in=keys, inbound_id__in=shown).order_by("seq")[:LINES])
    reviews = _by_inbound(Review.objects.filter(inbound_id__in=shown).select_related("decided_by")[:LINES])
    errands = _by_inbound(Errand.objects.filter(inbound_id__in=shown).defer("sealed_payload").order_by("id")[:LINES])
    held = set(Hold.objects.filter(key__in=keys, inbound_id__in=shown).values_list("inbound_id", flat=True))
    rights = _by_inbound(RightsRequest.objects.filter(inbound_id__in=shown).select_related("inbound")[:LINES])
    chapters = tuple(
        Chapter(
            inbound=inbound,
            controller=snapshot.controller_names.get(inbound.controller_id, ""),
            pressed=words_of(row_in(inbound.rule)),
            contents=contents_of(inbound) if with_contents else None,
            lines=tuple(line_of(snapshot, event, names) for event in lines.get(inbound.pk, ())),
            reviews=tuple(decided(review) for review in reviews.get(inbound.pk, ())),
            answers=tuple(answered(errand) for errand in errands.get(inbound.pk, ())),
            held=inbound.pk in held,
            rights=tuple(requested(row) for row in rights.get(inbound.pk, ())),
        )
        for inbound in inbounds
    )
    return chapters, shown[-1] if len(ids) > len(shown) else None


def _inbound_ids(keys: Sequence[Key], before: UUID | None) -> list[UUID]:
    """The newest inbounds that told of the keys, in the order of their ids, which is that of their arrival."""
    tables: tuple[Any, ...] = (ConsentEvent, Hold, RightsRequest, AccessCode)
    told = [table.objects.filter(key__in=keys).values_list("inbound_id", flat=True) for table in tables]
    if before is not None:
        told = [rows.filter(inbound_id__lt=before) for rows in told]
    return list(told[0].union(*told[1:]).order_by("-inbound_id")[: CHAPTERS + 1])


def _by_inbound(rows: Any) -> dict[UUID, list[Any]]:
    grouped: dict[UUID, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.inbound_id, []).append(row)
    return grouped


def line_of(snapshot: Snapshot, event: ConsentEvent, names: Mapping[bytes, str] | None = None) -> Line:
    """A ledger line for people. `names` are those of keys."""
    return Line(
        id=event.pk,
        seq=event.seq,
        key=bytes(event.key).hex(),
        about=(names or {}).get(event.key, ""),
        channel=event.get_channel_display(),
        action=event.get_action_display(),
        cause=event.get_cause_display(),
        scope=reach_of(snapshot, event),
        basis=event.get_basis_display(),
        sender="" if naming.is_list(event.sender) else event.sender,
        source=event.source,
        actor=event.actor,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        expires_at=event.expires_at,
        undoes=event.undoes,
        carried_from=event.carried_from,
    )
