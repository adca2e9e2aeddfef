"""Staff decide what no rule could. The decision is evidence: who, when, why, and the lines it led to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from consent import acknowledging, configuration, ledger, resolve
from consent.addresses import Contact
from consent.configuration import Scope
from consent.decision import Seen
from consent.inbox import open_envelope
from consent.ledger import Entry
from consent.models import ConsentEvent, ContactPoint, Decision, Hold, Inbound, Review
from consent.models.vocabulary import Action, Basis, Cause, InboundState
from consent.rules import REVIEWED
from consent.stopping import start_words, stop_words, told


class AlreadyDecided(Exception):
    """Somebody was quicker."""


class NotTheirWord(Exception):
    """A yes from somebody whom nothing proved to be the person (GDPR 7(1))."""


class WrongChannel(Exception):
    """The address given is of another channel than the review."""


class NoAddress(Exception):
    """The review has no address to act on, and none was given."""


def decide(review_id: UUID, decision: Decision, *, user_id: int, reason: str, contact: Contact | None = None) -> Review:
    """Decide a review. `contact` is the address that the member of staff read from it, where no rule found one.

    Raises `AlreadyDecided`, `NoAddress`, `NotTheirWord` and `WrongChannel`. In one transaction: the ledger's lines, the
    decision, and the end of the hold.
    """
    with transaction.atomic():
        review = Review.objects.select_for_update(of=("self", "inbound")).select_related("inbound").get(pk=review_id)
        _require_sound(review, decision, contact)
        keys = _keys(review, decision, contact)
        if contact is not None:
            resolve.keep_address(Seen(contact.said[0], contact.channel, contact.normal, contact.home), timezone.now())
        ledger.record(_entries(review, decision, keys, f"staff:{user_id}"))
        _close(review, decision, user_id, reason)
        acknowledging.decided(review.inbound)
        return review


def _require_sound(review: Review, decision: Decision, contact: Contact | None) -> None:
    if review.decision:
        raise AlreadyDecided
    if decision == Decision.OPT_IN and not review.inbound.verified:
        raise NotTheirWord
    if contact is not None and contact.channel != review.channel:
        raise WrongChannel


def _keys(review: Review, decision: Decision, contact: Contact | None) -> tuple[bytes, ...]:
    """A no is about all the keys of an address; a yes, and a death, about the person's own."""
    if contact is not None:
        return contact.said if decision == Decision.OPT_OUT else contact.said[:1]
    keys = tuple(Hold.objects.filter(review=review).order_by("id").values_list("key", flat=True))
    if decision == Decision.DECEASED:
        kept = {bytes(key) for key in ContactPoint.objects.filter(key__in=keys).values_list("key", flat=True)}
        keys = tuple(key for key in keys if bytes(key) in kept)
    if decision != Decision.NONE and not keys:
        raise NoAddress
    return keys


def _entries(review: Review, decision: Decision, keys: Sequence[bytes], actor: str) -> list[Entry]:
    inbound = review.inbound
    last = ConsentEvent.objects.filter(inbound=inbound).aggregate(last=Max("ordinal"))["last"]
    first = 0 if last is None else last + 1
    words = [(key, said) for key in keys for said in _words(review, decision)]
    return [
        Entry(
            inbound_id=inbound.pk,
            ordinal=first + place,
            key=key,
            channel=review.channel,
            source=f"{inbound.source}{REVIEWED}"[:40],
            actor=actor,
            digest=bytes(inbound.digest),
            **{"occurred_at": inbound.received_at, **said},
        )
        for place, (key, said) in enumerate(words)
    ]


def _words(review: Review, decision: Decision) -> list[dict[str, Any]]:
    """What the decision means: on a number it is a STOP (or START) to ours, elsewhere the person's choice."""
    own = Scope(review.inbound.controller_id, None)
    if decision == Decision.NONE:
        return []
    if decision == Decision.DECEASED:
        return [{"scope": own, "action": Action.INVALIDATE, "cause": Cause.DECEASED}]
    if review.channel == "sms" and review.inbound.source.startswith("sms"):
        return _words_of_text(review.inbound, decision)
    if decision == Decision.OPT_OUT:
        return [{"scope": own, "action": Action.WITHDRAW, "cause": Cause.CHOICE}]
    return [{"scope": own, "action": Action.GRANT, "basis": Basis.OPT_IN}]


def _words_of_text(inbound: Inbound, decision: Decision) -> list[dict[str, Any]]:
    snapshot = configuration.current()
    message = open_envelope(inbound.sealed_raw).message if inbound.sealed_raw else None
    text = told(snapshot, inbound.controller_id, inbound.source, inbound.endpoint, inbound.received_at, message)
    return stop_words(snapshot, text) if decision == Decision.OPT_OUT else start_words(text)


def _close(review: Review, decision: Decision, user_id: int, reason: str) -> None:
    review.decision, review.decided_by_id, review.reason, review.decided_at = decision, user_id, reason, timezone.now()
    review.save()
    Hold.objects.filter(review=review).delete()
    if not Review.objects.filter(inbound=review.inbound, decision="").exists():
        done = {"state": InboundState.DONE, "outcome": decision, "done_at": timezone.now()}
        Inbound.objects.filter(pk=review.inbound_id).update(**done)
        Hold.objects.filter(inbound=review.inbound).delete()  # those at addresses that the person went to
