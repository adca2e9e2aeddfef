"""From what somebody chose on the page to the words of a save: only what differs from what the page had shown. Pure.

Two windows so never undo each other's choices: what one of them did not touch, its save does not mention.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from consent.choices import EVERY_TOPIC, Meanwhile, Wanted, Word
from consent.choosable import Board, Row
from consent.configuration import Snapshot, TopicRule
from consent.narrowing import Wide
from consent.owners import Owned
from consent.statement import NoticeSeen


class Chosen(NamedTuple):
    """What a form says of one topic at one address, beside what it had shown: `on`, `off`, `paused`, `turning` (on)."""

    slug: str
    shown: str
    wanted: str  # on, off, pause, fewer


class Terms(NamedTuple):
    """What else a save needs: until when pauses last, and the wording that each topic was shown with."""

    snapshot: Snapshot
    controller_id: int
    until: datetime | None
    notices: Mapping[str, NoticeSeen]  # topic →
    turning: frozenset[str] = frozenset()  # topics that an earlier save turns on, and the pipeline has not yet


_SAME = {"on": "on", "off": "off", "paused": "pause", "turning": "on"}


def differences(chosen: Iterable[Chosen]) -> list[Chosen]:
    """What somebody changed on the page."""
    return [one for one in chosen if one.wanted != _SAME.get(one.shown)]


def word(address: Owned, topic: str, wanted: Wanted, **more: object) -> Word:
    """A word about an address. A no is about all its keys."""
    keys = tuple(key.hex() for key in address.said)
    return Word(address.channel, keys, topic, wanted, **more)  # type: ignore[arg-type]  # fields of Word


def words_of(board: Board, chosen: Sequence[Chosen], terms: Terms) -> list[Word]:
    """The words about one address."""
    said = [one for each in differences(chosen) for one in _words(board, each, terms)]
    turned_on = {one.instead or one.topic for one in said if one.wanted in ("on", "resume", "fewer")}
    return [*_split(board, turned_on, terms), *said]


def refused(board: Board, chosen: Sequence[Chosen], snapshot: Snapshot) -> list[Meanwhile]:
    """The yeses that cannot be taken, since something stands in the way that only others can lift."""
    rows = [_turned_on(board, one, snapshot) for one in differences(chosen)]
    return [_as_it_is(board, row) for row in rows if row and not row.may_turn_on]


def _turned_on(board: Board, one: Chosen, snapshot: Snapshot) -> Row | None:
    """The topic that a choice says yes to, if it does."""
    row = board.row(one.slug)
    if row is None or one.wanted not in ("on", "fewer"):
        return None
    less = less_of(snapshot, row.rule, board.address.channel)
    return row if one.wanted == "on" else board.row(less.slug) if less else None


def _words(board: Board, one: Chosen, terms: Terms) -> Iterable[Word]:
    row, address = board.row(one.slug), board.address
    yes = _turned_on(board, one, terms.snapshot)
    if row is None or (yes and not yes.may_turn_on):
        return
    match one.wanted:
        case "off":
            yield word(address, one.slug, "off", shown=one.shown)
        case "pause":
            yield word(address, one.slug, "pause", shown=one.shown, until=terms.until)
        case "fewer" if yes:
            less = yes.rule.slug
            yield word(address, one.slug, "fewer", shown=one.shown, instead=less, notice=terms.notices.get(less))
        case "on":
            resumed: Wanted = "resume" if row.state == "paused" else "on"
            yield word(address, one.slug, resumed, shown=one.shown, notice=terms.notices.get(one.slug))


def less_of(snapshot: Snapshot, rule: TopicRule, channel: str) -> TopicRule | None:
    """The topic that brings the same less often on a channel."""
    less = snapshot.topics.get(rule.fewer or 0)
    same = less is not None and less.controller_id == rule.controller_id and channel in less.channels
    return less if same else None


def _split(board: Board, turned_on: set[str], terms: Terms) -> Iterable[Word]:
    """What becomes of a no to every topic where one of them is turned on."""
    rows = [row for row in board.rows if row.rule.slug in turned_on and row.may_turn_on]
    slugs = turned_on | terms.turning | {row.rule.slug for row in board.rows if row.state == "on"}
    on = {rule.id for rule in terms.snapshot.topics.values() if rule.slug in slugs}
    for standing in dict.fromkeys(one for row in rows for one in row.wide):
        wide = Wide(standing.cause, standing.sender, standing.sender_only, standing.until)
        for rule in wide.others(terms.controller_id, on, terms.snapshot):
            yield _part(board.address, rule.slug, "kept", wide)
        yield _part(board.address, EVERY_TOPIC, "ended", wide, newest=max(terms.snapshot.topics))


def _part(address: Owned, topic: str, wanted: Wanted, wide: Wide, **more: object) -> Word:
    return word(address, topic, wanted, **wide._asdict(), **more)


def meanwhile(board: Board, shown: Mapping[str, str]) -> list[Meanwhile]:
    """What changed at an address since a page showed it."""
    return [
        _as_it_is(board, row) for row in board.rows if shown.get(row.rule.slug, row.state) not in (row.state, "turning")
    ]


def _as_it_is(board: Board, row: Row) -> Meanwhile:
    since = row.denials[0].since if row.denials else row.verdict.since
    return Meanwhile(board.address.channel, row.rule.slug, row.state, since)
