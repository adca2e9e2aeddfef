"""Links: a one-click POST or a form said no (or, on the page, yes again) for the token's address."""

from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Decision
from consent.models.vocabulary import Action, Basis, Cause
from consent.tokens import Token, read_token

WIDER = "all"


def interpret_link(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The token is the authority for the address; the form may name other topics of its controller, or all."""
    token, headers = read_token(arrived.endpoint), arrived.envelope.headers
    scopes = scopes_of(token, headers.get("scope", ""), snapshot) or [token.scope]
    yes = headers.get("word") == "yes"
    entries = tuple(
        arrived.entry(place, token.key, scope=scope, **(_yes(scope) if yes else _NO))
        for place, scope in enumerate(scopes)
    )
    return Decision("opt_in" if yes else "opt_out", "link.yes" if yes else "link.no", entries)


_NO = {"action": Action.WITHDRAW, "cause": Cause.CHOICE}


def _yes(scope: Scope) -> dict[str, str]:
    """Undoing "all" takes back that no, and says yes to nothing; a yes to one topic is a yes."""
    if scope.topic_id is None:
        return {"action": Action.LIFT, "cause": Cause.CHOICE}
    return {"action": Action.GRANT, "basis": Basis.OPT_IN}


def scopes_of(token: Token, written: str, snapshot: Snapshot) -> list[Scope]:
    """The scopes a form names: `all`, or topic slugs separated by commas; nothing means the token's own scope."""
    controller_id = token.scope.controller_id
    if written == WIDER or controller_id is None:
        return [Scope(controller_id, None)]
    if not written:
        return [token.scope]
    topics = [snapshot.topics_by_slug.get((controller_id, slug)) for slug in written.split(",")]
    return [Scope(controller_id, topic.id) for topic in topics if topic is not None]
