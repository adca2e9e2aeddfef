"""A yes of somebody who once said no to everything: what has to be recorded, so that it really works. Pure.

A wider no beats a narrower yes, so a yes to one topic alone would change nothing for whoever stopped everything at a
controller. Their «everything» first becomes a no to each other topic (consent/narrowing.py); then the wide no is
lifted; then the yes stands. All of it is said in the one inbound, at the one moment.

What a yes cannot lift stays: complaints, bounces, the dead, children, outside lists, and a STOP, which only a START at
its number takes back (consent/rules.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from consent.configuration import Scope, Snapshot, TopicRule
from consent.decision import Arrived
from consent.ledger import Entry
from consent.models.vocabulary import Action, Basis, Cause
from consent.narrowing import Wide
from consent.normalise.keys import Key
from consent.suppression import Denial, Line, derive

# The person's own words that reach a whole controller, and that their later yes to a topic may narrow.
NARROWED = (Cause.CHOICE, Cause.PAUSED)


class Yes(NamedTuple):
    """What a person says yes to. `notice` is the wording that they saw: (id, slug, version)."""

    topic: TopicRule
    basis: str = Basis.CONFIRMED_OPT_IN
    notice: tuple[int, str, int] | None = None
    confirms: UUID | None = None  # the inbound whose request it confirms


def entries_for_yes(
    arrived: Arrived, key: Key, yeses: Sequence[Yes], lines: Iterable[Line], snapshot: Snapshot, first: int = 0
) -> tuple[Entry, ...]:
    """The entries that make the yeses of one key, said when `arrived` was received, count.

    `lines` is the key's history (`ledger.lines_of([key])`), `first` the ordinal of the first entry. The yeses are of
    one controller: that of `arrived`. Of a postal address the key is the person's (`Contact.said[0]`).
    """
    words = (*_narrowed(arrived, key, yeses, lines, snapshot), *(_granted(arrived, yes) for yes in yeses))
    return tuple(arrived.entry(first + place, key, **word) for place, word in enumerate(words))


def _narrowed(
    arrived: Arrived, key: Key, yeses: Sequence[Yes], lines: Iterable[Line], snapshot: Snapshot
) -> Iterator[dict[str, Any]]:
    if not yeses:
        return
    scope, on = Scope(arrived.controller_id, None), {yes.topic.id for yes in yeses}
    standing = [one for one in derive(lines).denials if one.key == key and one.scope == scope]
    for denial in standing:
        if denial.cause in NARROWED and _lasts(denial, arrived.received_at):
            wide = Wide(denial.cause, denial.sender, denial.sender_only, denial.until)
            for topic in wide.others(arrived.controller_id, on, snapshot):
                yield {"scope": topic.line[-1], **wide.kept()}
            yield {"scope": scope, **wide.ended()}


def _lasts(denial: Denial, now: datetime) -> bool:
    return denial.until is None or denial.until > now


def _granted(arrived: Arrived, yes: Yes) -> dict[str, Any]:
    days = yes.topic.channels[arrived.channel].grant_days
    return {
        "scope": yes.topic.line[-1],
        "action": Action.GRANT,
        "basis": yes.basis,
        "notice": yes.notice,
        "confirms": yes.confirms,
        "expires_at": arrived.received_at + timedelta(days=days) if days else None,
    }
