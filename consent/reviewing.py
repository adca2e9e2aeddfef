"""Staff decide what no rule could. The decision is evidence: who, when, why, and the lines it led to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from consent import ledger
from consent.addresses import Contact
from consent.configuration import Scope
from consent.inbox import open_envelope
from consent.ledger import Entry
from consent.models import ConsentEvent, Decision, Hold, Inbound, Review
from consent.models.vocabulary import Action, Basis, Cause, InboundState
from consent.numbers import our_number


class AlreadyDecided(Exception):
    """Somebody was quicker."""


class NoAddress(Exception):
    """The review has no address to act on, and none was given."""


def decide(review_id: UUID, decision: Decision, *, user_id: int, reason: str, contact: Contact | None = None) -> Review:
    """Decide a review. `contact` is the address that the member of staff read from it, where no rule found one.

    Raises `AlreadyDecided` and `NoAddress`. In one transaction: the ledger's lines, the decision, and the end of the
    hold.
    """
    with transaction.atomic():
        review = Review.objects.select_for_update().select_related("inbound").get(pk=review_id)
        if review.decision:
            raise AlreadyDecided
        keys = contact.said if contact else tuple(Hold.objects.filter(review=review).values_list("key", flat=True))
        if decision != Decision.NONE and not keys:
            raise NoAddress
        ledger.record(_entries(review, decision, keys, f"staff:{user_id}"))
        _close(review, decision, user_id, reason)
        return review


def _entries(review: Review, decision: Decision, keys: Sequence[bytes], actor: str) -> list[Entry]:
    said = _word(review, decision)
    if said is None:
        return []
    inbound, now = review.inbound, timezone.now()
    first = ConsentEvent.objects.filter(inbound=inbound).aggregate(last=Max("ordinal"))["last"]
    return [
        Entry(
            inbound_id=inbound.pk,
            ordinal=(-1 if first is None else first) + 1 + place,
            key=key,
            channel=review.channel,
            scope=Scope(inbound.controller_id, None),
            source=f"{inbound.source}:review"[:40],
            actor=actor,
            digest=bytes(inbound.digest),
            occurred_at=_said_at(inbound, now),
            **said,
        )
        for place, key in enumerate(keys)
    ]


def _word(review: Review, decision: Decision) -> dict[str, Any] | None:
    """What the decision means: on a number it is a STOP (or START) to ours, elsewhere the person's choice."""
    if decision == Decision.NONE:
        return None
    if review.channel == "sms":
        action = Action.WITHDRAW if decision == Decision.OPT_OUT else Action.LIFT
        return {"action": action, "cause": Cause.STOP, "sender": _sender(review.inbound)}
    if decision == Decision.OPT_OUT:
        return {"action": Action.WITHDRAW, "cause": Cause.CHOICE}
    return {"action": Action.GRANT, "basis": Basis.OPT_IN}


def _sender(inbound: Inbound) -> str:
    message = open_envelope(inbound.sealed_raw).message if inbound.sealed_raw else None
    return our_number(message.recipient) if message else ""


def _said_at(inbound: Inbound, now: datetime) -> datetime:
    return min(inbound.received_at, now)


def _close(review: Review, decision: Decision, user_id: int, reason: str) -> None:
    review.decision, review.decided_by_id, review.reason, review.decided_at = decision, user_id, reason, timezone.now()
    review.save()
    Hold.objects.filter(review=review).delete()
    if not Review.objects.filter(inbound=review.inbound, decision="").exists():
        Inbound.objects.filter(pk=review.inbound_id).update(state=InboundState.DONE, done_at=timezone.now())
