"""The confirmation of a request: the link that only the mail to its address holds, and what a press of it says.

A ticket is `inbound.key.until.topics`, signed; it names no address. A press is a yes for what was asked for and is
still wanted: a no that was said after the request has taken it back (consent/suppression.py), and it lapses in time.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from consent import configuration, inbox, ledger, status
from consent.configuration import Snapshot, TopicRule
from consent.decision import Arrived
from consent.inbox import Accepted, Arrival, Envelope, fingerprint, open_envelope
from consent.ledger import Entry
from consent.models import ConsentEvent, Inbound, Notice
from consent.models.vocabulary import Action, InboundState, TopicClass
from consent.normalise.keys import Key
from consent.resubscribing import Yes, entries_for_yes
from consent.status import Verdict
from consent.suppression import still_said
from consent.tokens import BadToken

SOURCE = "confirm:page"
CHANNEL = "email"
_SALT = "sayso.confirm"
_MAX_CHARACTERS = 320  # as much as an inbound's endpoint holds
_PARTS = 4
_ONCE = ("pressed",)


class Ticket(NamedTuple):
    """What a link confirms: the request of an inbound, for a key, about topics by their ids, until a moment."""

    inbound_id: UUID
    key: Key
    until: datetime
    topics: tuple[int, ...]


class Stage(StrEnum):
    """How it stands with a request."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"
    TAKEN_BACK = "taken_back"


class Request(NamedTuple):
    """A request as its page shows it. `topics` are those that it is, or was, about and that are there still."""

    ticket: Ticket
    controller_id: int
    stage: Stage
    topics: tuple[TopicRule, ...]
    notice: Notice | None


class Effect(NamedTuple):
    """What a check says of a topic once a press was worked off."""

    topic: TopicRule
    verdict: Verdict


def confirm_url(ticket: Ticket) -> str:
    """The page on which the owner of an address confirms."""
    return f"{settings.SAYSO_PUBLIC_ORIGIN}/confirm/{write_ticket(ticket)}"


def write_ticket(ticket: Ticket) -> str:
    until, topics = int(ticket.until.timestamp()), "-".join(str(topic) for topic in ticket.topics)
    return Signer(salt=_SALT).sign(f"{ticket.inbound_id.hex}.{ticket.key.hex()}.{until}.{topics}")


def read_ticket(text: str) -> Ticket:
    """Read a ticket, a lapsed one too. Raise `BadToken` for what we did not write."""
    if len(text) > _MAX_CHARACTERS:
        raise BadToken("too long")
    try:
        inbound_id, key, until, topics = Signer(salt=_SALT).unsign(text).split(".", _PARTS - 1)
    except (BadSignature, ValueError) as error:
        raise BadToken("not a ticket of ours") from error
    moment = datetime.fromtimestamp(int(until), UTC)
    return Ticket(UUID(hex=inbound_id), Key(bytes.fromhex(key)), moment, tuple(map(int, topics.split("-"))))


def request_of(ticket: Ticket, now: datetime) -> Request:
    """How it stands with a ticket's request now. Raise `BadToken` where no such request is on record."""
    asked = _asked(ticket)
    if not asked:
        raise BadToken("no such request")
    topics, wanted = configuration.recent().topics, _still_wanted(ticket)
    stage = _stage(ticket, bool(wanted), now)
    shown = [topics.get(event.topic_id or 0) for event in asked if stage != Stage.OPEN or event.topic_id in wanted]
    return Request(
        ticket,
        asked[0].controller_id or 0,
        stage,
        tuple(topic for topic in shown if topic is not None and CHANNEL in topic.channels),
        asked[0].notice,
    )


def _asked(ticket: Ticket) -> list[ConsentEvent]:
    """The lines of the request, in their order."""
    lines = ConsentEvent.objects.filter(inbound_id=ticket.inbound_id, key=ticket.key, action=Action.REQUEST)
    return list(lines.filter(topic_id__in=ticket.topics).select_related("notice").order_by("ordinal"))


def _still_wanted(ticket: Ticket) -> set[int | None]:
    """The topics that no later word of the person has taken back."""
    said = still_said(ledger.lines_of([ticket.key]), Action.REQUEST)
    return {line.scope.topic_id for line in said if line.inbound_id == ticket.inbound_id} & {*ticket.topics}


def _stage(ticket: Ticket, wanted: bool, now: datetime) -> Stage:
    if _press_of(ticket) is not None:
        return Stage.CONFIRMED
    if ticket.until <= now:
        return Stage.LAPSED
    return Stage.OPEN if wanted else Stage.TAKEN_BACK


def press(ticket: Ticket, request: Request, envelope: Envelope) -> Accepted:
    """Keep the press of a link: once, however often it is pressed."""
    return inbox.accept(
        Arrival(
            controller_id=request.controller_id,
            source=SOURCE,
            channel=CHANNEL,
            endpoint=write_ticket(ticket),
            envelope=envelope,
            holds=(),
            same=_ONCE,
        )
    )


def _press_of(ticket: Ticket) -> Inbound | None:
    return Inbound.objects.filter(dedupe=fingerprint(SOURCE, write_ticket(ticket), *_ONCE)).first()


def words(arrived: Arrived, snapshot: Snapshot) -> tuple[Entry, ...]:
    """What a press says: nothing, if it came too late."""
    ticket = read_ticket(arrived.endpoint)
    if arrived.received_at >= ticket.until:
        return ()
    wanted = _still_wanted(ticket)
    yeses = [
        Yes(topic, notice=_notice(event), confirms=ticket.inbound_id)
        for event in _asked(ticket)
        if event.topic_id in wanted
        and (topic := snapshot.topics.get(event.topic_id or 0)) is not None
        and _may_be_said(arrived, topic)
    ]
    return entries_for_yes(arrived, ticket.key, yeses, ledger.lines_of([ticket.key]), snapshot)


def _may_be_said(arrived: Arrived, topic: TopicRule) -> bool:
    """A browser that says «do not share» (Sec-GPC: 1) agrees to no sharing at the same moment."""
    refused = arrived.envelope.headers.get("gpc") == "1" and topic.topic_class == TopicClass.SHARING
    return arrived.channel in topic.channels and not refused


def _notice(event: ConsentEvent) -> tuple[int, str, int] | None:
    return (event.notice.pk, event.notice.slug, event.notice.version) if event.notice else None


def effects(request: Request, now: datetime) -> list[Effect]:
    """What a check says of the topics of a confirmed request, as soon as its press is worked off if it is not yet."""
    snapshot, key = configuration.recent(), request.ticket.key
    lines, pressed = ledger.lines_of([key]), _press_of(request.ticket)
    if pressed is not None and pressed.state == InboundState.PENDING and pressed.sealed_raw:
        lines += ledger.as_lines(words(_arrived(pressed, bytes(pressed.sealed_raw)), snapshot))
    return [Effect(topic, status.check_lines(snapshot, topic, CHANNEL, [key], lines, now)) for topic in request.topics]


def _arrived(inbound: Inbound, sealed: bytes) -> Arrived:
    said = (inbound.source, inbound.channel, inbound.endpoint, inbound.actor, inbound.received_at)
    envelope = open_envelope(sealed)
    return Arrived(inbound.pk, inbound.controller_id, *said, bytes(inbound.digest), inbound.attempts, envelope)
