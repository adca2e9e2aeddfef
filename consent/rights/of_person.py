"""Requests about the data of a person whom their controller names by its own id.

A request is about an address, and through it about its holder (consent/whose.py): here is the address by which a
person is found, and what was asked of them before.
"""

from uuid import UUID

from consent.inbox import open_envelope
from consent.models import Inbound, Person, RightsRequest
from consent.models.vocabulary import Channel
from consent.moves.people import Address, addresses
from consent.normalise.keys import Key
from consent.rights.claim import SYSTEM, Claim, claim_in, key_in
from consent.whose import Subject, holders_of, subject_of

_ORDER = [str(channel) for channel in (Channel.EMAIL, Channel.SMS, Channel.POST)]


def address_for(person: Person) -> Address | None:
    """The address by which a request is about the person: one of now, if they alone have it, where we can write to
    them first. None where none is known."""
    known = sorted(addresses(person.pk, former=False), key=lambda one: _ORDER.index(one.channel))
    alone = [one for one in known if holders_of(person.controller_id, one.key) == [person.pk]]
    return next(iter(alone or known), None)


def subject_for(person: Person) -> Subject | None:
    """What is known to be the person's; None where no address is."""
    found = address_for(person)
    return subject_of(person.controller_id, found.channel, found.key) if found else None


def requests_of(subject: Subject, before: UUID | None, limit: int) -> list[RightsRequest]:
    """What was asked of a person, the newest first, before a request of that id."""
    rows = RightsRequest.objects.filter(subject.said("received_at"), controller_id=subject.controller_id)
    rows = rows.filter(pk__lt=before) if before else rows
    return list(rows.select_related("inbound").order_by("-pk")[:limit])


def request_of(subject: Subject, inbound_id: UUID) -> RightsRequest | None:
    """One of them, by the inbound that it came in with."""
    rows = RightsRequest.objects.filter(subject.said("received_at"), controller_id=subject.controller_id)
    return rows.filter(inbound_id=inbound_id).select_related("inbound").first()


def waiting(subject: Subject, inbound_id: UUID) -> tuple[Inbound, Claim] | None:
    """One that a system told and the pipeline has not worked off yet."""
    inbound = Inbound.objects.filter(pk=inbound_id, controller_id=subject.controller_id, source=SYSTEM).first()
    if inbound is None or inbound.sealed_raw is None:
        return None
    claim = claim_in(open_envelope(inbound.sealed_raw).body)
    return (inbound, claim) if Key(key_in(claim)) in subject.keys else None
