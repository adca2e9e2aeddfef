"""Mail to the opt-out mailboxes: what it asks on e-mail and on post, and complaints."""

from collections.abc import Iterable
from typing import Any

from consent import acknowledging
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Decision, Doubt, Seen
from consent.interpret import bounced
from consent.ledger import Entry
from consent.letter import Reading, read_letter
from consent.mail_proof import proved
from consent.models.vocabulary import Action, Cause
from consent.near_homes import near_homes


def interpret_mail(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What a message means. Of bounces only those that prove themselves count at once (consent/bounces/whose.py)."""
    reading = read_letter(arrived.envelope.body, arrived.envelope.headers, arrived.controller_id)
    reading = proved(reading, arrived.envelope.body)
    told = bounced.told_by_mail(arrived, reading)
    said = [*_said(reading, arrived.controller_id), *bounced.said_at_once(told, arrived.controller_id)]
    entries = tuple(arrived.entry(place, **one) for place, one in enumerate(said))
    doubts = tuple(_doubts(reading))
    rule = f"mail.{reading.made.row} @{reading.made.version}"[:80]
    outcome = "bounce" if told and not doubts else _outcome(reading, entries, doubts)
    return Decision(
        outcome,
        rule,
        entries,
        (*_seen(reading), *bounced.seen_in(told)),
        doubts,
        errands=acknowledging.wanted(arrived, reading, entries, doubts, snapshot),
        bounced=bounced.counted(told, arrived),
        alive=bounced.reached(arrived, reading),
        authenticity=reading.authenticity,
    )


def _said(reading: Reading, controller_id: int) -> Iterable[dict[str, Any]]:
    own, no = Scope(controller_id, None), {"action": Action.WITHDRAW, "cause": Cause.CHOICE}
    if reading.made.email == "suppress":
        scope = reading.token.scope if reading.token else own
        yield from ({"key": key, "channel": "email", "scope": scope, **no} for key in reading.email_keys())
    if reading.made.post == "suppress":
        for home in reading.homes:
            yield from ({"key": key, "channel": "post", "scope": own, **no} for key in home.said)
    for phone in reading.phones:
        yield {"key": phone.said[0], "channel": "sms", "scope": own, **no}
    for key, scope, _ in reading.complainants:
        yield {"key": key, "channel": "email", "scope": scope, "action": Action.OBJECT, "cause": Cause.COMPLAINT}


def _doubts(reading: Reading) -> Iterable[Doubt]:
    made = reading.made
    nobody = made.email == "suppress" and not reading.email_keys()
    if made.email == "review" or nobody:
        suggestion = "opt_out" if reading.stray else _suggestion(made.suggestion, "email")
        yield Doubt("email", suggestion, reading.keys_to_hold())
    homes = tuple(key for home in reading.homes for key in home.said)
    if made.deceased:
        yield Doubt("post", "deceased", homes)
    elif made.post == "review":
        yield Doubt("post", _suggestion(made.suggestion, "post"), homes)
    elif made.post == "suppress" and (near := near_homes(reading.homes)).keys:
        yield Doubt("post", "opt_out" if near.is_likely else "", near.keys)
    if made.sms == "review":
        yield Doubt("sms", "opt_out")


def _suggestion(suggested: str | None, channel: str) -> str:
    if suggested in (channel, "both"):
        return "opt_out"
    return "none" if suggested == "none" else ""


def _outcome(reading: Reading, entries: tuple[Entry, ...], doubts: tuple[Doubt, ...]) -> str:
    if doubts:
        return "review"
    if reading.complainants:
        return "complaint"
    if entries:
        return "opt_out"
    return "bounce" if reading.made.bounces else "none"


def _seen(reading: Reading) -> Iterable[Seen]:
    people = [reading.sender, *(contact for _, _, contact in reading.complainants)]
    for contact in [one for one in people if one] + [*reading.homes, *reading.phones]:
        yield Seen(contact.said[0], contact.channel, contact.normal, contact.home)
