"""A copy of a person's data (GDPR 15 and 20), section by section, as it is read: docs/RIGHTS.md names every member.

It holds what is theirs and nobody else's (GDPR 15(4)): no words of a number's other holders, nothing of a family's
mailbox that is known to be of several, no letter that somebody else wrote, no request that holds others' messages too.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from django.db.models import Q

from consent import vault
from consent.configuration import Scope, Snapshot
from consent.contents import LIST
from consent.inbox import Envelope, open_envelope
from consent.letter import read_letter
from consent.models import (
    AccessCode,
    ConsentEvent,
    ContactPeriod,
    ContactPoint,
    Errand,
    Inbound,
    Notice,
    Permission,
    RightsRequest,
    Suppression,
)
from consent.moves.people import moves_of, name_of
from consent.normalise.keys import Key
from consent.points import contact_of_point, readable
from consent.resolve import VALUE_PURPOSE
from consent.rights.telling import ids_of
from consent.story import verdicts_of
from consent.whose import Subject

Row = dict[str, Any]
_CHUNK = 200
# Sources whose whole body is of the one person, apart from letters, where that depends on who wrote them.
_THEIRS = ("api", "staff", "link", "page", "move")


class Copy:
    """A copy. Each section is read as it is asked for."""

    def __init__(self, subject: Subject, snapshot: Snapshot) -> None:
        self.subject = subject
        self.snapshot = snapshot
        self.own = Q(controller_id=subject.controller_id) | Q(controller_id=None)
        points = ContactPoint.objects.filter(key__in=subject.keys)
        self.points = {Key(point.key): point for point in points}
        self.written = {key: _written(point) for key, point in self.points.items()}

    def sections(self) -> Iterator[tuple[str, Iterator[Row]]]:
        """The sections by name, in order."""
        yield "person", self.person()
        yield "addresses", self.addresses()
        yield "may_be_sent", self.may_be_sent()
        yield "refused", self.refused()
        yield "allowed", self.allowed()
        yield "record", self.record()
        yield "received", self.received()
        yield "sent", self.sent()
        yield "moves", self.moves()
        yield "requests", self.requests()

    def address(self, key: bytes) -> str | None:
        """The address of a key; None where it is not kept."""
        return self.written.get(Key(key)) or None

    def person(self) -> Iterator[Row]:
        person = self.subject.person
        if person is not None:
            yield {"external_ids": ids_of(person), "name": name_of(person) or None, "known_since": person.created_at}

    def addresses(self) -> Iterator[Row]:
        """With the time in which they were the person's, where the controller told of it."""
        periods = ContactPeriod.objects.filter(person=self.subject.person) if self.subject.person else ()
        told = {(Key(row.contact_point_id), row.until): row.since for row in periods}
        for span in self.subject.spans:
            since, point = told.get((span.key, span.until)), self.points.get(span.key)
            yield {
                "channel": span.channel,
                "address": self.address(span.key),
                "since": since,
                "until": span.until,
                "first_seen": point.first_seen if point else None,
                "language": (point.language if point else "") or None,
            }

    def may_be_sent(self) -> Iterator[Row]:
        """What a check says now of each present address and topic."""
        for key in self.subject.present:
            found = contact_of_point(self.points.get(key))
            for one in verdicts_of(self.snapshot, found, self.subject.controller_id) if found else ():
                yield {
                    "address": self.address(key),
                    "topic": one.topic,
                    "allowed": one.allowed,
                    "reason": one.reason,
                    "since": one.since,
                }

    def refused(self) -> Iterator[Row]:
        for row in Suppression.objects.filter(self.subject.said("since"), self.own).order_by("since"):
            yield self._standing(row) | {"cause": row.cause}

    def allowed(self) -> Iterator[Row]:
        for row in Permission.objects.filter(self.subject.said("since"), self.own).order_by("since"):
            yield self._standing(row) | {"confirmed": row.confirmed}

    def _standing(self, row: Suppression | Permission) -> Row:
        return {
            "address": self.address(row.key),
            "scope": self._scope(row),
            "since": row.since,
            "until": row.until,
            "line": row.event_id,
        }

    def _scope(self, row: Suppression | Permission | ConsentEvent) -> str:
        sender = "" if isinstance(row, Permission) or not row.sender_only else row.sender
        return self.snapshot.scope_name(Scope(row.controller_id, row.topic_id), sender)

    def record(self) -> Iterator[Row]:
        """The ledger's lines, with the wording that was seen."""
        lines = ConsentEvent.objects.filter(self.subject.said(), self.own).select_related("notice").order_by("seq")
        for line in lines.iterator(chunk_size=_CHUNK):
            yield {
                "id": line.pk,
                "address": self.address(line.key),
                "channel": line.channel,
                "action": line.action,
                "cause": line.cause or None,
                "scope": self._scope(line),
                "basis": line.basis or None,
                "sender": line.sender or None,
                "source": line.source,
                "occurred_at": line.occurred_at,
                "recorded_at": line.recorded_at,
                "expires_at": line.expires_at,
                "notice": _notice(line.notice),
                "received": line.inbound_id,
                "undoes": line.undoes,
                "evidence_sha256": bytes(line.digest).hex(),
            }

    def received(self) -> Iterator[Row]:
        """What came in about the person, with its content where all of it is theirs."""
        ids = self._inbound_ids()
        rows = Inbound.objects.filter(pk__in=ids, controller_id=self.subject.controller_id).order_by("id")
        for inbound in rows.iterator(chunk_size=_CHUNK):
            yield {
                "id": inbound.pk,
                "received_at": inbound.received_at,
                "source": inbound.source,
                "channel": inbound.channel,
                "proved": inbound.verified,
                "outcome": inbound.outcome or None,
                "sha256": bytes(inbound.digest).hex(),
                "content": self._content(inbound),
            }

    def _inbound_ids(self) -> set[Any]:
        lines = ConsentEvent.objects.filter(self.subject.said(), self.own).values_list("inbound_id", flat=True)
        moves = (one.inbound_id for one in self._moves())
        codes = AccessCode.objects.filter(self.subject.said("made_at"), controller_id=self.subject.controller_id)
        asked = (rows.values_list("inbound_id", flat=True) for rows in (codes, self._requests()))
        return {*lines, *moves, *(one for ids in asked for one in ids)}

    def _content(self, inbound: Inbound) -> Row | None:
        if not inbound.sealed_raw or inbound.source.startswith(LIST) or not self._is_about_them_alone(inbound):
            return None
        try:
            envelope = open_envelope(inbound.sealed_raw)
        except (InvalidTag, KeyError, IndexError, msgspec.DecodeError):
            return None
        found: Row = {}
        if envelope.message is not None:
            found["message"] = msgspec.to_builtins(envelope.message)
        if envelope.mail_event is not None and len(envelope.mail_event.recipients) == 1:
            found["event"] = msgspec.to_builtins(envelope.mail_event)
        if envelope.message is None and envelope.mail_event is None and self._is_their_body(inbound, envelope):
            found |= {"headers": dict(envelope.headers), "body": _text(envelope.body)}
        return found or None

    def _is_about_them_alone(self, inbound: Inbound) -> bool:
        keys = set(self.subject.keys)
        for point in self.points.values():
            contact = contact_of_point(point)
            keys |= set(contact.said) if contact else set()
        told = ConsentEvent.objects.filter(inbound=inbound).values_list("key", flat=True)
        return all(Key(key) in keys for key in told)

    def _is_their_body(self, inbound: Inbound, envelope: Envelope) -> bool:
        kind = inbound.source.partition(":")[0]
        if kind != "mail":
            return kind in _THEIRS
        sender = read_letter(envelope.body, envelope.headers, inbound.controller_id).sender
        return sender is not None and sender.said[0] in self.subject.keys

    def sent(self) -> Iterator[Row]:
        """Messages of ours about all this. Their words are not kept once they are sent."""
        rows = Errand.objects.filter(self.subject.said("made_at"), controller_id=self.subject.controller_id)
        for row in rows.defer("sealed_payload").order_by("id").iterator(chunk_size=_CHUNK):
            yield {
                "address": self.address(row.key or b""),
                "purpose": row.purpose,
                "way": row.way,
                "state": row.state,
                "made_at": row.made_at,
                "done_at": row.done_at,
                "sender": row.sender or None,
                "because_of": row.inbound_id,
            }

    def moves(self) -> Iterator[Row]:
        for one in self._moves():
            yield {"channel": one.channel, "from": one.old, "to": one.new, "moved_on": one.moved_on, "kind": one.kind}

    def _moves(self) -> list[Any]:
        """Between addresses that are all the person's."""
        keys = set(self.subject.keys)
        found = moves_of(self.subject.controller_id, list(keys))
        return [one for one in found if one.old_key in keys and one.new_key in keys]

    def requests(self) -> Iterator[Row]:
        for row in self._requests().order_by("received_at"):
            yield {
                "kind": row.kind,
                "state": row.state,
                "address": self.address(row.key),
                "received_at": row.received_at,
                "due_at": row.due_at,
                "decided_at": row.decided_at,
                "reason": row.reason or None,
            }

    def _requests(self) -> Any:
        return RightsRequest.objects.filter(self.subject.said("received_at"), controller_id=self.subject.controller_id)


def _written(point: ContactPoint) -> str:
    return readable(vault.unseal(VALUE_PURPOSE, point.sealed_value).decode()) if point.sealed_value else ""


def _notice(notice: Notice | None) -> Mapping[str, Any] | None:
    if notice is None:
        return None
    return {"slug": notice.slug, "version": notice.version, "language": notice.language, "text": notice.text}


def _text(body: bytes) -> Row | str:
    """Bytes as text; what is none, in base64."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
