"""What came of an inbound beside ledger lines, for people: what was done outside, reviews, requests about data."""

from datetime import datetime
from uuid import UUID

import msgspec

from consent.models import Errand, Review, RightsRequest
from consent.models.errand import ErrandKind, ErrandState


class Answered(msgspec.Struct, frozen=True):
    """What was done outside because of an inbound: what was said (not its words), and what became of it."""

    id: UUID
    what: str
    state: str
    error: str
    attempts: int
    sender: str
    made_at: datetime
    done_at: datetime | None
    done: bool
    word: str = "sent"


class Decided(msgspec.Struct, frozen=True):
    """A review of an inbound, open as long as `decision` is empty."""

    id: UUID
    channel: str
    suggestion: str
    decision: str
    decided_at: datetime | None
    decided_by: str
    reason: str


class Requested(msgspec.Struct, frozen=True):
    """A request about data that an inbound made."""

    id: UUID
    kind: str
    state: str
    identity: str
    due_at: datetime
    decided_at: datetime | None
    reason: str


_SAID = {
    "stopped": "The confirmation of a STOP",
    "help": "The reply to HELP",
    "started": "The reply to START",
    "subscription": "The call that accepts a subscription",
    "acknowledged": "The answer to a letter",
    "decided": "What was answered after staff decided",
    "letter": "Asking the provider for the letter",
    "confirm": "The message that asks for a confirmation",
    "code": "A code that proves the address",
    "rights": "The answer to a request about data",
    "forward": "A request about data, to the client",
}


def answered(errand: Errand) -> Answered:
    """An errand for people."""
    return Answered(
        id=errand.pk,
        what=_SAID.get(errand.purpose, errand.purpose),
        state=errand.get_state_display(),
        error=errand.error,
        attempts=errand.attempts,
        sender=errand.sender,
        made_at=errand.made_at,
        done_at=errand.done_at,
        done=errand.state == ErrandState.DONE,
        word="had" if errand.kind == ErrandKind.FETCH else "sent",
    )


def requested(row: RightsRequest) -> Requested:
    """A request about data for people."""
    kind, state, proof = row.get_kind_display(), row.get_state_display(), row.identity
    return Requested(row.pk, kind, state, proof, row.due_at, row.decided_at, row.reason)


def decided(review: Review) -> Decided:
    """A review for people."""
    return Decided(
        id=review.pk,
        channel=review.get_channel_display(),
        suggestion=review.get_suggestion_display(),
        decision=review.get_decision_display(),
        decided_at=review.decided_at,
        decided_by=str(review.decided_by or ""),
        reason=review.reason,
    )
