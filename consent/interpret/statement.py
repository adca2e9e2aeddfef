"""Statements of authenticated systems and of staff."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from consent.configuration import Snapshot, TopicRule
from consent.decision import Arrived, Decision, Identified, Seen
from consent.ledger import Entry
from consent.models.vocabulary import Action, Basis, Cause
from consent.requesting import Wish, decision_of
from consent.statement import Resolved, Statement, resolve

_decode = msgspec.json.Decoder(Statement)

# A stated cause → the ledger's action for it
_ACTIONS = {
    Cause.HARD_BOUNCE: Action.INVALIDATE,
    Cause.DECEASED: Action.INVALIDATE,
    Cause.MINOR: Action.INVALIDATE,
    Cause.COMPLAINT: Action.OBJECT,
    Cause.LISTED: Action.OBJECT,
    Cause.PAUSED: Action.WITHDRAW,
}


def interpret_statement(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What a statement means. It was checked when it was accepted, and is checked again here."""
    statement = _decode.decode(arrived.envelope.body)
    resolved = resolve(statement, arrived.controller_id, snapshot, arrived.received_at)
    contact = resolved.contact
    seen = (Seen(contact.said[0], statement.channel, contact.normal, contact.home),)
    people = _people(statement, seen[0].key)
    if statement.confirm and resolved.topic:
        asked = decision_of(
            arrived, _wish(arrived, statement, resolved, resolved.topic, snapshot), snapshot, "statement.confirm"
        )
        return msgspec.structs.replace(asked, seen=seen, people=people)
    entries = tuple(_entries(arrived, statement, resolved))
    return Decision(statement.action, f"statement.{statement.action}", entries, seen, people=people)


def _people(statement: Statement, key: bytes) -> tuple[Identified, ...]:
    known = statement.person
    return (Identified(known.external_id, known.name or "", key),) if known else ()


def _wish(arrived: Arrived, statement: Statement, resolved: Resolved, topic: TopicRule, snapshot: Snapshot) -> Wish:
    """A yes that counts once the address has confirmed it; asked in the language of the wording."""
    spoken = statement.notice.language if statement.notice else snapshot.controller_languages[arrived.controller_id]
    source = _source(arrived, statement)
    return Wish(resolved.contact, [topic], [topic.name], spoken, resolved.notice, source=source)


def _source(arrived: Arrived, statement: Statement) -> str:
    return f"{arrived.source}:{statement.source}"[:40] if statement.source else arrived.source


def _entries(arrived: Arrived, statement: Statement, resolved: Resolved) -> list[Entry]:
    said: dict[str, Any] = {
        "scope": resolved.scope,
        "occurred_at": min(statement.occurred_at or arrived.received_at, arrived.received_at),
        "source": _source(arrived, statement),
    }
    words: list[dict[str, Any]]
    match statement.action:
        case "opt_out":
            words = [{"action": Action.WITHDRAW, "cause": Cause.CHOICE}] * len(resolved.contact.said)
        case "suppress":
            word = {
                "action": _ACTIONS[Cause(statement.cause or "")],
                "cause": statement.cause,
                "expires_at": statement.until,
            }
            words = [word] * len(resolved.contact.said)
        case "lift":
            words = [{"action": Action.LIFT, "cause": statement.cause}]
        case "opt_in":
            words = [_grant(statement, resolved, said["occurred_at"])]
    return [arrived.entry(place, resolved.contact.said[place], **(said | word)) for place, word in enumerate(words)]


def _grant(statement: Statement, resolved: Resolved, occurred_at: datetime) -> dict[str, Any]:
    days = resolved.topic.channels[statement.channel].grant_days if resolved.topic else None
    return {
        "action": Action.GRANT,
        "basis": statement.basis or Basis.OPT_IN,
        "notice": resolved.notice,
        "expires_at": occurred_at + timedelta(days=days) if days else None,
    }
