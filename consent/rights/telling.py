"""Who is written about a request: the person, at a mailbox of theirs; the client for whom we keep the data."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from consent import vault
from consent.access.reaching import may_be_reached
from consent.access.ways import NoWay, mailbox_of
from consent.addresses import contact
from consent.configuration import Snapshot
from consent.decision import Answer, Wanted
from consent.models import ContactPoint, Person
from consent.models.errand import ErrandKind, ErrandWay
from consent.models.rights import Identity, Right
from consent.models.vocabulary import ControllerKind
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.points import readable
from consent.resolve import VALUE_PURPOSE
from consent.rights import words
from consent.rights.claim import Claim, key_in
from consent.rights.words import About
from consent.whose import Subject, subject_of


class Reader(NamedTuple):
    """A mailbox of the person, and the language in which they are written to."""

    key: Key
    address: str
    language: str


def reader_of(subject: Subject, key: Key, language: str = "") -> Reader | None:
    """The person's mailbox: that for which it was asked, else another one of theirs; None if we know of none."""
    wanted = [key, *(one for one in subject.present if one != key)]
    points = {
        Key(point.key): point
        for point in ContactPoint.objects.filter(key__in=wanted, channel="email", sealed_value__isnull=False)
    }
    for one in wanted:
        point = points.get(one)
        if point is not None and may_be_reached(subject.controller_id, "email", one):
            address = vault.unseal(VALUE_PURPOSE, point.sealed_value or b"").decode()
            return Reader(one, address, point.language or language)
    return None


def about(snapshot: Snapshot, controller_id: int, kind: str, due: datetime, language: str) -> About:
    """What letters of a controller about a request have in common."""
    return About(
        controller=snapshot.controller_names[controller_id],
        contact=snapshot.controller_contacts.get(controller_id, ""),
        kind=kind,
        due=due,
        language=language or snapshot.controller_languages.get(controller_id, "en"),
        is_client=is_client(snapshot, controller_id),
    )


def is_client(snapshot: Snapshot, controller_id: int) -> bool:
    """Whether we are a processor for this controller."""
    return snapshot.controller_kinds.get(controller_id) == ControllerKind.CLIENT


def letter_to(
    snapshot: Snapshot, controller_id: int, to: Reader, answer: Answer, kind: ErrandKind
) -> tuple[Wanted, ...]:
    """A letter to a person; nothing where no mailbox of ours could send it."""
    return _letter(snapshot, controller_id, to.key, to.address, answer, kind)


def _letter(
    snapshot: Snapshot, controller_id: int, key: Key, to: str, answer: Answer, kind: ErrandKind
) -> tuple[Wanted, ...]:
    try:
        sender = mailbox_of(snapshot, controller_id)
    except NoWay:
        return ()
    way = ErrandWay.MAIL
    return (Wanted(kind=kind, purpose=str(kind), way=way, key=key, sender=sender, to=to, answer=answer),)


def is_for_client(snapshot: Snapshot, controller_id: int, claim: Claim) -> bool:
    """Whether a client decides about it: who asks is known, and more than a silence is asked."""
    decides = claim.kind in (Right.ACCESS, Right.OBJECTION, Right.ERASURE) and claim.proof != Identity.NONE
    handed_out = claim.kind == Right.ACCESS and claim.proof == Identity.CODE
    return is_client(snapshot, controller_id) and decides and not handed_out


def forward(
    snapshot: Snapshot, controller_id: int, inbound_id: UUID, claim: Claim, due: datetime
) -> tuple[Wanted, ...]:
    """The letter to the client: who asks for what, and by when."""
    subject = subject_of(controller_id, claim.channel, key_in(claim))
    told = about(snapshot, controller_id, claim.kind, due, "en")
    address, ids = address_of(claim.channel, key_in(claim)), ids_of(subject.person)
    return _letter_to_client(snapshot, controller_id, words.forwarded(told, inbound_id, address, ids))


def _letter_to_client(snapshot: Snapshot, controller_id: int, answer: Answer) -> tuple[Wanted, ...]:
    """A letter to the client's contact; nothing where that is no e-mail address: then staff must call."""
    try:
        to = contact("email", snapshot.controller_contacts.get(controller_id, ""))
    except InvalidAddress:
        return ()
    return _letter(snapshot, controller_id, to.said[0], to.normal, answer, ErrandKind.FORWARD)


def ids_of(person: Person | None) -> list[str]:
    """The controller's own ids of a person, those of merged ones too."""
    if person is None:
        return []
    merged = Person.objects.filter(merged_into=person).order_by("pk").values_list("external_id", flat=True)
    return [person.external_id, *merged[:100]]


def address_of(channel: str, key: Key) -> str:
    """An address for people; empty where it is not kept."""
    point = ContactPoint.objects.filter(key=key, channel=channel, sealed_value__isnull=False).first()
    return readable(vault.unseal(VALUE_PURPOSE, point.sealed_value or b"").decode()) if point else ""
