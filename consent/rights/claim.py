"""A request about somebody's data on its way into the inbox. From the commit on it denies what it is sure to end."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from consent import inbox
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived
from consent.inbox import Accepted, Arrival, Envelope
from consent.ledger import Entry
from consent.models import ContactPoint
from consent.models.rights import BY_SYSTEM, Identity, Right
from consent.models.vocabulary import Action, Cause, TopicClass
from consent.normalise.keys import Key
from consent.points import contact_of_point
from consent.whose import Span, Subject, subject_of

PAGE, STAFF, SYSTEM = "page:rights", "staff:rights", BY_SYSTEM
_SILENCE = frozenset({Right.OBJECTION, Right.ERASURE})


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked, as it is kept. `key` (hex) is that of `channel`'s address for which it was asked; `address` the
    address itself where staff typed it. `how` and `note` are staff's or a system's, `received_at` when it reached them.
    A system's word that it knows who asks is proof as staff's is, with its evidence in `note`."""

    kind: Right
    channel: Literal["email", "sms", "post"]
    key: str
    proof: Identity
    address: str = ""
    language: str = ""
    how: str = ""
    note: str = ""
    received_at: datetime | None = None
    nonce: str = ""  # ours: without it the evidence's digest could be tried


class Denied(NamedTuple):
    """A key that a request silences, within a scope."""

    channel: str
    key: Key
    scope: Scope


_decode = msgspec.json.Decoder(Claim)


def claim_in(body: bytes) -> Claim:
    """The request that an inbound keeps."""
    return _decode.decode(body)


def key_in(claim: Claim) -> Key:
    """The key for which it was asked."""
    return Key(bytes.fromhex(claim.key))


def accept_claim(
    claim: Claim, controller_id: int, snapshot: Snapshot, *, source: str, actor: str = "", same: Sequence[str] = ()
) -> Accepted:
    """Keep a request."""
    return inbox.accept(
        Arrival(
            controller_id=controller_id,
            source=source,
            channel=claim.channel,
            actor=actor,
            envelope=Envelope(body=msgspec.json.encode(msgspec.structs.replace(claim, nonce=secrets.token_hex(16)))),
            holds=[(one.key, one.scope) for one in denied_by(claim, controller_id, snapshot)],
            verified=claim.proof != Identity.NONE,
            same=same,
        )
    )


def denied_by(claim: Claim, controller_id: int, snapshot: Snapshot) -> list[Denied]:
    """What a request silences at once: at every address of the person if it is proved whose request it is, else at the
    one address. Nobody is harmed by a silence that an owner can lift."""
    subject = subject_of(controller_id, claim.channel, key_in(claim))
    proved = claim.proof != Identity.NONE
    places = list(_said(subject if proved else subject._replace(spans=_own(subject, key_in(claim)))))
    return [Denied(channel, key, scope) for channel, key in places for scope in _scopes(claim, controller_id, snapshot)]


def silence(arrived: Arrived, claim: Claim, snapshot: Snapshot, *, first: int = 0) -> tuple[Entry, ...]:
    """The ledger's words for what a request silences, numbered from `first` on."""
    action = Action.OBJECT if claim.kind == Right.OBJECTION else Action.WITHDRAW
    denied = denied_by(claim, arrived.controller_id, snapshot)
    return tuple(
        arrived.entry(place, one.key, channel=one.channel, scope=one.scope, action=action, cause=Cause.CHOICE)
        for place, one in enumerate(denied, start=first)
    )


def _own(subject: Subject, key: Key) -> tuple[Span, ...]:
    return tuple(span for span in subject.spans if span.key == key)


def _said(subject: Subject) -> Iterable[tuple[str, Key]]:
    """The keys that a word of the person is about, at each address that is theirs now."""
    points = {Key(point.key): point for point in ContactPoint.objects.filter(key__in=subject.present)}
    for channel, key in dict.fromkeys((one.channel, one.key) for one in subject.spans if one.until is None):
        found = contact_of_point(points.get(key))
        yield from ((channel, one) for one in (found.said if found else (key,)))


def _scopes(claim: Claim, controller_id: int, snapshot: Snapshot) -> list[Scope]:
    if claim.kind in _SILENCE:
        return [Scope(controller_id, None)]
    if claim.kind != Right.SHARING:
        return []
    return [
        Scope(controller_id, topic.id)
        for topic in snapshot.topics.values()
        if topic.controller_id == controller_id and topic.topic_class == TopicClass.SHARING
    ]
