"""Events of mail providers: which of them silence an address, and how far."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from consent import answering
from consent.addresses import Contact, contact
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Decision, Doubt, Seen
from consent.intake.contract import Message
from consent.intake.mail_event import MailEvent
from consent.interpret import bounced
from consent.interpret.notice import interpret_notice
from consent.models.vocabulary import Action, Cause
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.tokens import BadToken, Token, read_token

# what an event tells of → what is recorded, and the outcome that staff read
_SAID: dict[str, tuple[Action, Cause, str]] = {
    "opt_out": (Action.WITHDRAW, Cause.CHOICE, "opt_out"),
    "complaint": (Action.OBJECT, Cause.COMPLAINT, "complaint"),
    "hard_bounce": (Action.INVALIDATE, Cause.HARD_BOUNCE, "bounce"),
}


class About(NamedTuple):
    """Whom an event is about: the keys, their addresses as far as they are known, and how far an opt-out reaches."""

    keys: tuple[Key, ...]
    contacts: tuple[Contact, ...]
    scope: Scope


def about(event: MailEvent, controller_id: int) -> About:
    """The inbox asks it whom to hold, the pipeline what to record."""
    contacts = tuple(_contacts(event.recipients))
    keys = tuple(dict.fromkeys(key for one in contacts for key in one.said))
    token, own = _token(event.token, controller_id), Scope(controller_id, None)
    if token is not None and not keys:  # a provider that hides the address still hands back our id
        return About((token.key,), (), token.scope)
    # A message to several carries one of their tokens: it tells nothing of the others.
    return About(keys, contacts, token.scope if token is not None and keys == (token.key,) else own)


def _contacts(recipients: Iterable[str]) -> Iterable[Contact]:
    for written in recipients:
        try:
            yield contact("email", written.strip().strip("<>"))
        except InvalidAddress:
            continue


def _token(written: str, controller_id: int) -> Token | None:
    try:
        token = read_token(written)
    except BadToken:
        return None
    return token if token.channel == "email" and token.scope.controller_id == controller_id else None


def interpret_esp(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What an event or a notice of mail means.

    A yes is never taken; deliveries, opens, clicks and delays count for and against bounces.
    """
    event, notice = arrived.envelope.mail_event, arrived.envelope.mail_notice
    if notice is not None:
        return interpret_notice(arrived, notice)
    if event is None:
        raise ValueError("a provider's inbound without its event")
    rule = f"{arrived.source.partition(':')[2]}.{event.name or event.kind} {event.meaning}".strip()[:80]
    who = about(event, arrived.controller_id)
    seen = tuple(Seen(one.said[0], "email", one.normal) for one in who.contacts)
    if event.kind == "unreadable" or (event.meaning and (event.unclear or not who.keys)):
        suggestion = "opt_out" if event.meaning in ("opt_out", "complaint") else ""
        return Decision("review", rule, seen=seen, doubts=(Doubt("email", suggestion, who.keys),))
    if not event.meaning:
        outcome = "unknown" if event.kind == "unknown" else "report"
        counts = bounced.counted_event(event, who.keys, arrived)
        return Decision(
            "bounce" if counts else outcome,
            rule,
            seen=seen if counts else (),
            errands=answering.subscription(_asked(event)),
            bounced=counts,
            alive=bounced.alive_event(event, who.keys, arrived),
        )
    if event.meaning == "hard_bounce" and (counts := bounced.counted_event(event, who.keys, arrived)):
        return Decision("bounce", rule, seen=seen, bounced=counts)
    action, cause, outcome = _SAID[event.meaning]
    scope = who.scope if cause == Cause.CHOICE else Scope(arrived.controller_id, None)
    said: dict[str, Any] = {"channel": "email", "scope": scope, "action": action, "cause": cause}
    if event.occurred_at is not None:
        said["occurred_at"] = min(event.occurred_at, arrived.received_at)
    entries = tuple(arrived.entry(place, key, **said) for place, key in enumerate(who.keys))
    return Decision(outcome, rule, entries, seen)


def _asked(event: MailEvent) -> Message:
    return Message("unknown", "", "", "", event.event_id, event=event.name, confirm_url=event.confirm_url)
