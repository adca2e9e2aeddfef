"""A yes of somebody who once said no to everything: what has to be recorded, so that it really works. Pure.

A wider no beats a narrower yes, so a yes to one topic alone would change nothing for whoever stopped everything at a
controller. Their «everything» is first spelt out, as a no to each of the other topics that can be stopped; then the
wide no is lifted; then the yes stands. All of it is said in the one inbound, at the one moment.

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
from consent.normalise.keys import Key
from consent.rules import CAUSES
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
    denials = [denial for denial in derive(lines).denials if denial.key == key and _lasts(denial, arrived.received_at)]
    wide, said_yes_to = Scope(arrived.controller_id, None), {yes.topic.id for yes in yeses}
    for cause in NARROWED:
        standing = [denial for denial in denials if denial.cause == cause and denial.scope == wide]
        if standing:
            others = [
                topic for topic in silenced(cause, wide, arrived.channel, snapshot) if topic.id not in said_yes_to
            ]
            yield from _spelt_out(cause, standing, _not_yet_denied(others, cause, denials))
            yield {"scope": wide, "action": Action.LIFT, "cause": cause}


def _lasts(denial: Denial, now: datetime) -> bool:
    return denial.until is None or denial.until > now


def silenced(cause: str, wide: Scope, channel: str, snapshot: Snapshot) -> list[TopicRule]:
    """The topics of a controller that a word about all of it silences on a channel."""
    return [
        topic
        for topic in snapshot.topics.values()
        if topic.controller_id == wide.controller_id
        and channel in topic.channels
        and topic.topic_class in CAUSES[cause].silences
    ]


def _not_yet_denied(topics: Iterable[TopicRule], cause: str, denials: Iterable[Denial]) -> list[TopicRule]:
    """Those without such a denial of their own that lasts: the first word and its evidence stay."""
    own = {denial.scope for denial in denials if denial.cause == cause and denial.until is None}
    return [topic for topic in topics if topic.line[-1] not in own]


def _spelt_out(cause: str, standing: Sequence[Denial], topics: Iterable[TopicRule]) -> Iterator[dict[str, Any]]:
    said = {"action": Action.WITHDRAW, "cause": cause, "expires_at": _until(standing)}
    for topic in topics:
        yield {"scope": topic.line[-1], **said}


def _until(standing: Sequence[Denial]) -> datetime | None:
    ends = [denial.until for denial in standing]
    return None if None in ends else max(end for end in ends if end is not None)


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
