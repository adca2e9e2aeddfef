"""What a STOP and a START mean: how far they reach, by what their account is configured for.

Everything of the controller, at once, unless the account's options confine it: how far a "revoke all" must reach is in
flux (47 CFR 64.1200(a)(10) and its waivers), so that it is data of each account, not code.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from consent.configuration import EVERYTHING, Scope, Snapshot
from consent.intake.contract import Message
from consent.models.vocabulary import Action, Cause
from consent.numbers import our_number

OPTION, PROGRAMME = "stop_scope", "programme"


class Reach(NamedTuple):
    """A scope, and whether it holds only for what is sent from the number that the STOP was sent to."""

    scope: Scope
    sender_only: bool = False


class Told(NamedTuple):
    """A text to a number of ours, `sender` (empty where it is not known), at an account with these options."""

    controller_id: int
    options: Mapping[str, str]
    sender: str
    received_at: datetime
    stamped_at: datetime | None = None


def told(
    snapshot: Snapshot, controller_id: int, source: str, endpoint: str, received_at: datetime, message: Message | None
) -> Told:
    """A text of an inbound, whose source is `sms:` and the provider. The message is None where it was erased."""
    entry = snapshot.accounts.get((source.partition(":")[2], endpoint))
    options = entry.account.options if entry else {}
    if message is None:
        return Told(controller_id, options, "", received_at)
    return Told(controller_id, options, our_number(message.recipient), received_at, message.occurred_at)


def stop_words(snapshot: Snapshot, text: Told, *, everything: bool = False) -> list[dict[str, Any]]:
    """What a STOP says, as fields of ledger entries. STOPALL reaches everything."""
    reaches = [Reach(EVERYTHING)] if everything else reaches_of(snapshot, text)
    return [{"action": Action.WITHDRAW, **reach._asdict(), **_said(text)} for reach in reaches]


def start_words(text: Told) -> list[dict[str, Any]]:
    """What a START says: it takes back what a STOP to the same number set, however far that reached."""
    scopes = (Scope(text.controller_id, None), EVERYTHING)
    return [{"action": Action.LIFT, "scope": scope, **_said(text)} for scope in scopes]


def _said(text: Told) -> dict[str, Any]:
    """Nothing was said after we received it, whatever its gateway's clock says (consent/lifting.py compares them)."""
    said = {"cause": Cause.STOP, "sender": text.sender, "occurred_at": text.received_at}
    if text.stamped_at is None:
        return said
    times = {"occurred_at": min(text.stamped_at, text.received_at), "stamped_at": text.stamped_at}
    return {**said, **times, "received_at": text.received_at}


def reaches_of(snapshot: Snapshot, text: Told) -> list[Reach]:
    """How far its account lets a STOP reach. An option that cannot be followed widens it: never less than was meant."""
    own = Reach(Scope(text.controller_id, None))
    match text.options.get(OPTION):
        case "sender" if text.sender:
            return [Reach(own.scope, sender_only=True)]
        case "programme":
            return _programme(snapshot, text.controller_id, text.options.get(PROGRAMME, "")) or [own]
    return [own]


def _programme(snapshot: Snapshot, controller_id: int, slugs: str) -> list[Reach]:
    """The topics of a programme; none if one of them is unknown."""
    named = [slug.strip() for slug in slugs.split(",") if slug.strip()]
    topics = [snapshot.topics_by_slug.get((controller_id, slug)) for slug in named]
    known = [Reach(Scope(controller_id, topic.id)) for topic in topics if topic is not None]
    return known if len(known) == len(named) else []
