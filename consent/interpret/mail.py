"""Mail to the opt-out mailboxes: what it asks on e-mail and on post, and complaints."""

from collections.abc import Iterable
from typing import Any

from consent import acknowledging
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Decision, Doubt, Seen
from consent.ledger import Entry
from consent.letter import Reading, read_letter
from consent.models.vocabulary import Action, Cause


def interpret_mail(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What a message means. Bounces are recorded and change nothing: anybody can forge one, and a sender's own system
    tells us of real ones with its key."""
    reading = read_letter(arrived.envelope.body, arrived.envelope.headers, arrived.controller_id)
    entries = tuple(arrived.entry(place, **said) for place, said in enumerate(_said(reading, arrived.controller_id)))
    doubts = tuple(_doubts(reading))
    rule = f"mail.{reading.made.row} @{reading.made.version}"[:80]
    answers = acknowledging.wanted(arrived, reading, entries, doubts, snapshot)
    return Decision(_outcome(reading, entries, doubts), rule, entries, tuple(_seen(reading)), doubts, errands=answers)


def _said(reading: Reading, controller_id: int) -> Iterable[dict[str, Any]]:
    own, no = Scope(controller_id, None), {"action": Action.WITHDRAW, "cause": Cause.CHOICE}
    if reading.made.email == "suppress":
        scope = reading.token.scope if reading.token else own
        yield from ({"key": key, "channel": "email", "scope": scope, **no} for key in reading.email_keys())
    if reading.made.post == "suppress":
        for home in reading.homes:
            yield from ({"key": key, "channel": "post", "scope": own, **no} for key in home.said)
    for key, scope, _ in reading.complainants:
        yield {"key": key, "channel": "email", "scope": scope, "action": Action.OBJECT, "cause": Cause.COMPLAINT}


def _doubts(reading: Reading) -> Iterable[Doubt]:
    made = reading.made
    nobody = made.email == "suppress" and not reading.email_keys()
    if made.email == "review" or nobody:
        yield Doubt("email", _suggestion(made.suggestion, "email"), reading.email_keys())
    if made.post == "review":
        yield Doubt(
            "post", _suggestion(made.suggestion, "post"), tuple(key for home in reading.homes for key in home.said)
        )


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
    for contact in [one for one in people if one] + list(reading.homes):
        yield Seen(contact.said[0], contact.channel, contact.normal)
