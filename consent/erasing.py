"""Erasing a person at one controller: what is personal is emptied, and the no that is left keeps working.

The ledger, and the keys in it, stay (GDPR 17(3)(b) and 21(3): a no must be kept to be obeyed): from a key no address
can be read. First of all the no is recorded, so that no import and no word of a system can bring the erased back; it is
lifted by what the person says themself (consent/rules.py).

What stays besides: what other controllers keep, addresses that somebody else has too, and the files of outside lists
and mail runs, which name many people and go by rules of their own.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Max, Q
from django.utils import timezone

from consent import db, ledger, vault
from consent.access import proofs
from consent.addresses import Contact
from consent.configuration import Scope
from consent.contents import LIST
from consent.inbox import RAW_PURPOSE, open_envelope
from consent.ledger import Entry
from consent.models import AccessCode, ConsentEvent, ContactPoint, Hold, Inbound, Move, Person, RightsRequest
from consent.models.vocabulary import Action, Cause, InboundState
from consent.normalise.keys import Key
from consent.points import contact_of_point
from consent.rules import ERASURE
from consent.whose import Subject


class StillHeld(Exception):
    """A request about one of the addresses waits, for the pipeline or for staff: it comes first."""


class Erased(NamedTuple):
    """How many rows were emptied."""

    addresses: int
    inbounds: int
    people: int


def erase(subject: Subject, inbound: Inbound, actor: str) -> Erased:
    """Erase a person, for the request that came in with `inbound`. In the caller's transaction: all of it or nothing.

    Raise `StillHeld`.
    """
    db.assert_in_transaction()
    keys = list(subject.keys)
    held = Hold.objects.filter(key__in=keys, inbound__controller_id=subject.controller_id)
    if held.exists():
        raise StillHeld
    ledger.record(_entries(subject, inbound, actor))
    emptied = _empty_inbounds(subject, _inbounds_of(subject))
    gone = _empty_addresses(subject)
    people = _empty_names(subject.person)
    AccessCode.objects.filter(key__in=keys, void_at=None).update(void_at=timezone.now())
    proofs.end_all(keys)
    return Erased(gone, emptied, people)


def _entries(subject: Subject, inbound: Inbound, actor: str) -> list[Entry]:
    """The no that stays, at every address that is theirs now."""
    last = ConsentEvent.objects.filter(inbound=inbound).aggregate(last=Max("ordinal"))["last"]
    first = 0 if last is None else last + 1
    places = dict.fromkeys(_said(subject))
    return [
        Entry(
            inbound_id=inbound.pk,
            ordinal=first + place,
            key=key,
            channel=channel,
            scope=Scope(subject.controller_id, None),
            action=Action.WITHDRAW,
            cause=Cause.CHOICE,
            source=ERASURE,
            actor=actor,
            digest=bytes(inbound.digest),
            occurred_at=timezone.now(),
        )
        for place, (channel, key) in enumerate(places)
    ]


def _said(subject: Subject) -> Iterable[tuple[str, Key]]:
    points = {Key(point.key): point for point in ContactPoint.objects.filter(key__in=subject.present)}
    for span in subject.spans:
        if span.until is None:
            found: Contact | None = contact_of_point(points.get(span.key))
            yield from ((span.channel, key) for key in (found.said if found else (span.key,)))


def _inbounds_of(subject: Subject) -> set[UUID]:
    """The inbounds that told of the person: not what a number's other holders said, nor lists."""
    keys, controller_id = list(subject.keys), subject.controller_id
    found = set(ConsentEvent.objects.filter(subject.said()).values_list("inbound_id", flat=True))
    moves = Move.objects.filter(Q(old_key__in=keys) | Q(new_key__in=keys), controller_id=controller_id)
    found |= set(moves.values_list("inbound_id", flat=True))
    for model in (AccessCode, RightsRequest):
        rows = model.objects.filter(key__in=keys, controller_id=controller_id)
        found |= set(rows.values_list("inbound_id", flat=True))
    return found


def _empty_inbounds(subject: Subject, ids: set[UUID]) -> int:
    own = Inbound.objects.filter(pk__in=ids, controller_id=subject.controller_id, state=InboundState.DONE)
    own = own.exclude(source__startswith=LIST).exclude(sealed_raw=None)
    wholes = {whole for inbound in own.iterator(chunk_size=200) if (whole := _whole_of(inbound))} - ids
    for keeper in Inbound.objects.select_for_update().filter(pk__in=wholes).exclude(sealed_raw=None):
        _empty_bytes(keeper)
    return int(own.update(sealed_raw=None))


def _whole_of(inbound: Inbound) -> UUID | None:
    """The inbound that keeps the bytes of the request of which this one is a part."""
    return open_envelope(inbound.sealed_raw or b"").part_of


def _empty_bytes(whole: Inbound) -> None:
    """Take the bytes of a request of several people away; the one message that the row is about stays."""
    envelope = open_envelope(whole.sealed_raw or b"")
    kept = type(envelope)(message=envelope.message, mail_event=envelope.mail_event)
    Inbound.objects.filter(pk=whole.pk).update(sealed_raw=vault.seal(RAW_PURPOSE, kept.pack()))


_EMPTY = """
UPDATE consent_contactpoint point SET sealed_value = NULL
WHERE point.key = ANY(%(keys)s) AND point.sealed_value IS NOT NULL
AND NOT EXISTS (
    SELECT FROM consent_contactperiod period JOIN consent_person person ON person.id = period.person_id
    WHERE period.contact_point_id = point.key AND period.until IS NULL
    AND NOT (person.controller_id = %(controller)s AND person.id = %(person)s)
)
AND NOT EXISTS (
    SELECT FROM consent_consentevent event WHERE event.key = point.key AND event.controller_id <> %(controller)s
)
RETURNING 1
"""


def _empty_addresses(subject: Subject) -> int:
    """Empty the addresses that nobody else has, at this controller or another one."""
    person = subject.person.pk if subject.person else UUID(int=0)
    wanted = {"keys": list(subject.keys), "controller": subject.controller_id, "person": person}
    return len(db.fetch(_EMPTY, wanted))


def _empty_names(person: Person | None) -> int:
    """The person's name, also under the ids that turned out to be theirs."""
    if person is None:
        return 0
    same = Person.objects.filter(Q(pk=person.pk) | Q(merged_into=person)).exclude(sealed_name=None)
    return int(same.update(sealed_name=None))
