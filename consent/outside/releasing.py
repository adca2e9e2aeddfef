"""Staff lift one entry of a list, with a reason: somebody is not dead, or was listed by mistake."""

import hashlib
import secrets

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import ledger
from consent.addresses import Contact
from consent.decision import Arrived
from consent.inbox import Envelope
from consent.models import OutsideList, Suppression
from consent.models.fields import public_id
from consent.models.vocabulary import Action, Cause
from consent.outside.evidence import keep_worked_off, scope_of, speaker
from consent.statement import Statement


class CannotRelease(Exception):
    """The list holds no such entry, or it is not staff's to lift."""


def release(outside_list: OutsideList, contact: Contact, written: str, reason: str, by: str) -> None:
    """Lift what a list says of an address, for this list alone. Raise `CannotRelease`.

    It stays lifted while the list goes on naming the entry. What it closes besides (anyone at that address) stays.
    """
    if outside_list.cause == Cause.CHOICE:
        raise CannotRelease("These are people's own words: they alone take them back.")
    key = contact.said[0]
    with transaction.atomic():
        if not Suppression.objects.filter(key=key, sender=outside_list.sender).exists():
            raise CannotRelease("This list denies no such address.")
        arrived = _kept(outside_list, contact.channel, written, reason, by)
        said = {"scope": scope_of(outside_list), "cause": outside_list.cause, "sender": outside_list.sender}
        ledger.record([arrived.entry(0, key, action=Action.LIFT, **said)])


def _kept(of: OutsideList, channel: str, written: str, reason: str, by: str) -> Arrived:
    told = {"channel": channel, "address": written, "action": "lift", "cause": of.cause, "reason": reason}
    body = msgspec.json.encode(told | {"source": of.slug[:36], "nonce": secrets.token_hex(16)})
    msgspec.json.decode(body, type=Statement)  # as whoever opens it will read it
    arrived = Arrived(
        id=public_id(),
        controller_id=of.controller_id or speaker().pk,
        source="staff",
        channel=channel,
        endpoint="",
        actor=by,
        received_at=timezone.now(),
        digest=hashlib.sha256(body).digest(),
        attempts=0,
        envelope=Envelope(body=body),
    )
    keep_worked_off(arrived, outcome="lift", rule="list.release")
    return arrived
