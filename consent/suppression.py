"""Suppressions and permissions, derived from ledger lines. Pure: the same lines in any order give the same result.

- Order is the time it happened (consent/lifting.py); at a tie the denial wins, and of several yeses the least of them.
- A denial lives until a later word lifts it: an explicit lift of its cause, or, for a person's own no, a later yes
  of theirs whose scope contains it.
- An undo takes back the words of one inbound as if they had never been said, and nothing else.
- A permission lives until a later withdrawal whose scope contains it. A STOP does not end it but silences it, so that a
  START gives back what was there, and nothing else.
- A request is a yes that nobody has confirmed: it allows nothing, lifts nothing, and stands only where no permission
  does. A later no takes it back as it would a yes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from consent.configuration import Scope
from consent.lifting import Lifts
from consent.models.vocabulary import Action, Basis, Cause
from consent.rules import CAUSES, ERASURE, REVIEWED, SECOND_HAND, SYSTEMS

_DENIES = frozenset({Action.WITHDRAW.value, Action.OBJECT.value, Action.INVALIDATE.value})
_ENDS = frozenset({Action.EXPIRE.value, Action.INVALIDATE.value, Action.WITHDRAW.value, Action.OBJECT.value})
# Causes whose denial also takes back the permission itself; the others only stand in front of it.
_TAKES_BACK = frozenset({"", Cause.CHOICE.value})


class Line(NamedTuple):
    """A ledger line, as far as state depends on it. `notice` is (slug, version)."""

    id: UUID
    key: bytes
    scope: Scope
    action: str
    cause: str
    basis: str
    sender: str
    source: str
    occurred_at: datetime
    expires_at: datetime | None
    notice: tuple[str, int] | None
    inbound_id: UUID | None = None
    undoes: UUID | None = None
    sender_only: bool = False
    stamped_at: datetime | None = None
    received_at: datetime | None = None
    channel: str = ""

    @property
    def clock(self) -> str:
        """Whose clock stamped it; staff's reading of a text has the text's stamp."""
        return self.source.removesuffix(REVIEWED) if self.stamped_at else ""


class Denial(NamedTuple):
    """A suppression: its first living evidence, and until when it holds (None: for good).

    With `sender_only` it denies only what is sent from `sender`.
    """

    key: bytes
    scope: Scope
    cause: str
    sender: str
    since: datetime
    until: datetime | None
    event_id: UUID
    sender_only: bool = False
    channel: str = ""


class Grant(NamedTuple):
    """A permission; with `requested` no more than the wish for one, which lapses at `until`."""

    key: bytes
    scope: Scope
    since: datetime
    until: datetime | None
    event_id: UUID
    confirmed: bool
    notice: tuple[str, int] | None
    channel: str = ""
    requested: bool = False


class State(NamedTuple):
    """All that holds for the keys of some lines."""

    denials: list[Denial]
    grants: list[Grant]


def derive(lines: Iterable[Line]) -> State:
    """The state that the complete history of some keys amounts to."""
    by_key: dict[bytes, list[Line]] = {}
    for line in lines:
        by_key.setdefault(line.key, []).append(line)
    state = State([], [])
    for told in by_key.values():
        history = _not_undone(told)
        state.denials.extend(_denials(history))
        state.grants.extend(_grants(history))
    return state


def living_denials(lines: Iterable[Line]) -> list[Line]:
    """The lines of one key that deny and that nothing took back."""
    return [line for _, living in _living(_not_undone(lines)) for line in living]


def still_said(lines: Iterable[Line], action: str) -> list[Line]:
    """The yeses or requests (`action`) of one key that no later word has taken back."""
    history = _not_undone(lines)
    return [
        line
        for line in history
        if line.action == action and not any(_takes_back(other, line.scope, line.occurred_at) for other in history)
    ]


def _not_undone(told: Iterable[Line]) -> list[Line]:
    known = list(told)
    undone = {line.undoes for line in known if line.undoes}
    return [line for line in known if not line.undoes and line.inbound_id not in undone]


def _denials(history: list[Line]) -> Iterable[Denial]:
    for (scope, cause, sender), living in _living(history):
        first = min(living, key=_order)
        narrow = all(line.sender_only for line in living)
        said = (scope, cause, sender, first.occurred_at, _until(living), first.id, narrow)
        yield Denial(first.key, *said, first.channel)


def _living(history: list[Line]) -> Iterable[tuple[tuple[Scope, str, str], list[Line]]]:
    said: dict[tuple[Scope, str, str], list[Line]] = {}
    for line in history:
        if line.cause and line.action in _DENIES:
            said.setdefault((line.scope, line.cause, line.sender), []).append(line)
    for (scope, cause, sender), lines in said.items():
        lifting = [line for line in history if _may_lift(line, scope, cause, sender)]
        lifts = Lifts(lifting)
        living = [line for line in lines if not (_own(lifting) if line.source == ERASURE else lifts).lift(line)]
        if living:
            yield (scope, cause, sender), living


def _own(lifting: list[Line]) -> Lifts:
    """Those that no system said."""
    return Lifts(line for line in lifting if line.source.partition(":")[0] != SYSTEMS)


def _may_lift(line: Line, scope: Scope, cause: str, sender: str) -> bool:
    if line.action == Action.LIFT:
        # A START takes back what STOP set at its number, however far that reached by the account's options of then.
        reaches = line.scope.contains(scope) if cause == Cause.STOP else line.scope == scope
        return line.cause == cause and reaches and line.sender in ("", sender)
    is_yes = line.action == Action.GRANT and SECOND_HAND not in line.source.lower()
    return is_yes and CAUSES[cause].by_person and line.scope.contains(scope)


def _until(living: list[Line]) -> datetime | None:
    ends = [line.expires_at for line in living]
    return None if None in ends else max(end for end in ends if end is not None)


def _grants(history: list[Line]) -> Iterable[Grant]:
    given = _standing(history, Action.GRANT)
    yield from given.values()
    for scope, wish in _standing(history, Action.REQUEST).items():
        if scope not in given:
            yield wish._replace(requested=True, confirmed=False)


def _standing(history: list[Line], action: str) -> dict[Scope, Grant]:
    """What the last words of a kind give, scope by scope, where no later word has taken it back."""
    said: dict[Scope, list[Line]] = {}
    for line in history:
        if line.action == action:
            said.setdefault(line.scope, []).append(line)
    standing = {}
    for scope, lines in said.items():
        latest = max(line.occurred_at for line in lines)
        if not any(_takes_back(other, scope, latest) for other in history):
            standing[scope] = _least([line for line in lines if line.occurred_at == latest], history)
    return standing


def _takes_back(line: Line, scope: Scope, granted_at: datetime) -> bool:
    ends = line.action in _ENDS and line.cause in _TAKES_BACK
    return ends and line.scope.contains(scope) and line.occurred_at >= granted_at


def _least(grants: list[Line], history: list[Line]) -> Grant:
    """The permission of one scope and moment. Where several were given at once, it is what all of them give."""
    first = min(grants, key=_order)
    return Grant(
        first.key,
        first.scope,
        first.occurred_at,
        min((line.expires_at for line in grants if line.expires_at), default=None),
        first.id,
        all(_confirmed(line, history) for line in grants),
        min((line.notice for line in grants if line.notice), default=None),
        first.channel,
    )


def _confirmed(grant: Line, history: list[Line]) -> bool:
    return grant.basis == Basis.CONFIRMED_OPT_IN or any(
        line.action == Action.CONFIRM and line.scope == grant.scope and line.occurred_at >= grant.occurred_at
        for line in history
    )


def _order(line: Line) -> tuple[datetime, UUID]:
    # The id settles a tie between equal words: which of them is shown does not change what they say.
    return (line.occurred_at, line.id)


def as_rows(state: State) -> tuple[Sequence[tuple[Any, ...]], Sequence[tuple[Any, ...]]]:
    """Rows for the tables, in the order of `SUPPRESSION_COLUMNS` and `PERMISSION_COLUMNS`."""
    suppressions = [
        (d.key, *d.scope, d.since, d.until, d.event_id, d.channel, d.cause, d.sender, d.sender_only)
        for d in state.denials
    ]
    permissions = [
        (g.key, *g.scope, g.since, g.until, g.event_id, g.channel, g.confirmed, g.requested, *_notice(g))
        for g in state.grants
    ]
    return suppressions, permissions


def _notice(grant: Grant) -> tuple[int | None, str]:
    return grant.notice[::-1] if grant.notice else (None, "")


_DERIVED_COLUMNS = ("key", "controller_id", "topic_id", "since", "until", "event_id", "channel")
SUPPRESSION_COLUMNS = (*_DERIVED_COLUMNS, "cause", "sender", "sender_only")
PERMISSION_COLUMNS = (*_DERIVED_COLUMNS, "confirmed", "requested", "notice_version", "notice_slug")
