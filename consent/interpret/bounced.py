"""What the failures in a message or in a provider's event come to: a hard bounce at once, or a count."""

from collections.abc import Iterable
from typing import Any

from consent.bounces.policy import at_once
from consent.bounces.whose import Told, who_bounced, who_was_reached
from consent.configuration import Scope
from consent.decision import Alive, Arrived, Bounced, Seen
from consent.intake.mail_event import MailEvent
from consent.letter import Reading
from consent.models.vocabulary import Action, Cause
from consent.normalise.keys import Key

_DELIVERED = frozenset({"delivered"})
_ALIVE = frozenset({"delivered", "opened", "clicked"})


def told_by_mail(arrived: Arrived, reading: Reading) -> tuple[Told, ...]:
    """The failures that a message tells of."""
    return who_bounced(reading, arrived.controller_id, arrived.received_at)


def said_at_once(told: Iterable[Told], controller_id: int) -> Iterable[dict[str, Any]]:
    """The ledger's words for what is dead without any doubt."""
    said = {"channel": "email", "scope": Scope(controller_id, None), "action": Action.INVALIDATE}
    yield from ({"key": one.key, "cause": Cause.HARD_BOUNCE, **said} for one in told if one.at_once)


def counted(told: Iterable[Told], arrived: Arrived) -> tuple[Bounced, ...]:
    """The failures that count towards the policy."""
    return tuple(Bounced(one.key, one.proved, arrived.received_at) for one in told if one.counts and not one.at_once)


def seen_in(told: Iterable[Told]) -> Iterable[Seen]:
    yield from (Seen(one.key, "email", one.contact.normal) for one in told if one.contact)


def reached(arrived: Arrived, reading: Reading) -> tuple[Alive, ...]:
    """A report of delivery forgets failures; it lifts nothing, since no mail is proof of who sent it."""
    keys = who_was_reached(reading, arrived.controller_id, arrived.received_at)
    return tuple(Alive(key, False, arrived.received_at) for key in keys)


def counted_event(event: MailEvent, keys: Iterable[Key], arrived: Arrived) -> tuple[Bounced, ...]:
    """A verified provider's word that an address fails for a while."""
    at = min(event.occurred_at or arrived.received_at, arrived.received_at)
    hard_too = event.meaning == "hard_bounce" and not at_once(at.date())
    return tuple(Bounced(key, True, at) for key in keys) if (event.fails and not event.unclear) or hard_too else ()


def alive_event(event: MailEvent, keys: Iterable[Key], arrived: Arrived) -> tuple[Alive, ...]:
    """A verified provider's word that a message arrived, or was read."""
    if event.kind not in _ALIVE or event.unclear:
        return ()
    at = min(event.occurred_at or arrived.received_at, arrived.received_at)
    return tuple(Alive(key, event.kind in _DELIVERED, at) for key in keys)
