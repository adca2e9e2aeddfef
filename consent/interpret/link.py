"""Links: a one-click POST or a form said no for the token's address, or took back the no it had just said."""

from typing import Any
from uuid import UUID

from consent.classify.pressed import rule_of
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Decision
from consent.models.vocabulary import Action, Cause
from consent.tokens import Token, read_token

WIDER = "all"
PRESSED = "pressed-by"  # beside the headers that are kept: the row of consent/classify/pressed.py


def interpret_link(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The token is the authority for the address; the form may name other topics of its controller, or all."""
    token, headers = read_token(arrived.endpoint), arrived.envelope.headers
    scopes = scopes_of(token, headers.get("scope", ""), snapshot) or [token.scope]
    undoes = headers.get("undoes")
    entries = tuple(
        arrived.entry(place, token.key, scope=scope, **(_undo(undoes) if undoes else _NO))
        for place, scope in enumerate(scopes)
    )
    if undoes:
        return Decision("undo", "link.undo", entries)
    return Decision("opt_out", rule_of(headers.get(PRESSED, "")), entries)


_NO = {"action": Action.WITHDRAW, "cause": Cause.CHOICE}


def _undo(inbound_id: str) -> dict[str, Any]:
    """Takes back what that click said, and no earlier word: whoever holds a link can undo their own click alone."""
    return {"action": Action.LIFT, "cause": Cause.CHOICE, "undoes": UUID(inbound_id)}


def scopes_of(token: Token, written: str, snapshot: Snapshot) -> list[Scope]:
    """The scopes a form names: `all`, or topic slugs separated by commas; nothing means the token's own scope."""
    controller_id = token.scope.controller_id
    if written == WIDER or controller_id is None:
        return [Scope(controller_id, None)]
    if not written:
        return [token.scope]
    topics = [snapshot.topics_by_slug.get((controller_id, slug)) for slug in written.split(",")]
    return [Scope(controller_id, topic.id) for topic in topics if topic is not None]
