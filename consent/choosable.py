"""What holds for each topic at some addresses now, why, and what their owner can change about it.

It decides with the check's own code (consent/status.py). A no that was saved on a page or by a link and waits for the
pipeline is shown as what it will be; any other request that nobody has read yet holds, and must be waited for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from consent import db, status
from consent.choices import BY_LINK, BY_OWNER, Choices, choices_kept
from consent.configuration import Scope, Snapshot, TopicRule
from consent.models.vocabulary import Cause
from consent.near import Near, near_of
from consent.normalise.keys import Key
from consent.owners import Owned
from consent.rules import CAUSES
from consent.status import Asked, Found, Verdict
from consent.suppression import Denial


class Standing(NamedTuple):
    """A denial that applies. `own`: it is at the address itself, not of its household or of another spelling of it."""

    cause: str
    scope: Scope
    since: datetime
    until: datetime | None
    sender: str
    sender_only: bool
    own: bool

    @property
    def wide(self) -> bool:
        """Whether it reaches every topic."""
        return self.scope.topic_id is None

    @property
    def may_be_lifted(self) -> bool:
        """Whether the owner can take it back on one controller's page."""
        return self.own and self.scope.controller_id is not None and CAUSES[self.cause].by_person


class Row(NamedTuple):
    """A topic at an address. `held`: something is waiting that may be a no. `agreed`: the notice of an earlier yes."""

    rule: TopicRule
    verdict: Verdict
    denials: tuple[Standing, ...] = ()
    held: bool = False
    agreed: str = ""
    allowed_after_pause: bool = False

    @property
    def state(self) -> str:
        """`on`, `paused` or `off`."""
        if self.verdict.allowed:
            return "on"
        return "paused" if self.allowed_after_pause else "off"

    @property
    def may_turn_on(self) -> bool:
        """Whether a yes of the owner would really work."""
        return not self.held and all(one.may_be_lifted for one in self.denials)

    @property
    def wide(self) -> list[Standing]:
        """The denials of every topic that a yes to this one has to end."""
        return [one for one in self.denials if one.wide and one.may_be_lifted]


class Board(NamedTuple):
    """An address with its topics, in the order of pages."""

    address: Owned
    rows: tuple[Row, ...]

    def row(self, slug: str) -> Row | None:
        return next((row for row in self.rows if row.rule.slug == slug), None)


def boards_of(controller_id: int, addresses: Sequence[Owned], now: datetime) -> tuple[Snapshot, list[Board]]:
    """The boards of some addresses, by one read of all that holds for them."""
    near = _near(addresses)
    keys = {key for one in addresses for key in (*one.asked, *one.said)}
    others = {key for one in near.values() for group in one for key in group}
    snapshot, found, waiting = _read(keys, others)
    _foretell(snapshot, controller_id, found, waiting)
    boards = []
    for one in addresses:
        whole = status.together(found, one.asked, near.get(one.key, Near()))
        rules = [rule for rule in snapshot.topics.values() if rule.controller_id == controller_id]
        carried = [rule for rule in rules if one.channel in rule.channels]
        boards.append(
            Board(one, tuple(_row(snapshot, Asked.about(rule, one.channel, None, now), one, whole) for rule in carried))
        )
    return snapshot, boards


def _near(addresses: Sequence[Owned]) -> dict[Key, Near]:
    homes = {one.key: one.contact for one in addresses if one.channel == "post" and one.contact}
    return dict(zip(homes, near_of(list(homes.values())), strict=True)) if homes else {}


def _row(snapshot: Snapshot, asked: Asked, address: Owned, found: Found) -> Row:
    verdict = status.decide(snapshot, asked, found)
    certain = [one for one in found.denials if status.applies(asked, one)]
    doubtful = any(status.applies(asked, one) for one in found.doubtful)
    held = doubtful or any(scope in asked.rule.line for scope, _ in found.holds)
    agreed = next((grant.notice[0] for grant in found.grants if grant.notice and grant.scope in asked.rule.line), "")
    standing = tuple(_standing(one, address) for one in certain)
    return Row(asked.rule, verdict, standing, held, agreed, _allowed_after_pause(snapshot, asked, found, certain))


def _standing(denial: Denial, address: Owned) -> Standing:
    own = bytes(denial.key) == bytes(address.key)
    return Standing(denial.cause, denial.scope, denial.since, denial.until, denial.sender, denial.sender_only, own)


def _allowed_after_pause(snapshot: Snapshot, asked: Asked, found: Found, certain: Sequence[Denial]) -> bool:
    if not certain or any(one.cause != Cause.PAUSED for one in certain):
        return False
    return status.decide(snapshot, asked, msgspec.structs.replace(found, denials=[])).allowed


# --- what waits for the pipeline ---

_WAITING = """
SELECT uuid_send(hold.key), hold.controller_id, hold.topic_id, hold.since, inbound.id, inbound.source,
       CASE WHEN inbound.source LIKE 'page:%%' THEN inbound.sealed_raw END,
       hold.review_id IS NULL AND split_part(inbound.source, ':', 1) IN ('link', 'page')
FROM consent_hold hold JOIN consent_inbound inbound ON inbound.id = hold.inbound_id
WHERE hold.key = ANY(%s)
"""
_TRIES = 3


def _read(keys: Iterable[Key], others: Iterable[Key]) -> tuple[Snapshot, dict[bytes, Found], list[db.Row]]:
    """What the database holds for the keys, and what stands behind their holds.

    These are two statements. A save that is worked off between them is neither a hold that says what it will be nor a
    denial yet, and would stand there as a request that nobody has read: then both are read again.
    """
    own, beside = list(keys), list(others)
    for _ in range(_TRIES):
        snapshot, found = status.look_up([*own, *beside])
        held = {(key, *hold) for key in own if key in found for hold in found[key].holds}
        waiting = db.fetch(_WAITING, [list({key for key, *_ in held})]) if held else []
        if held <= {(key, Scope(at, topic), since) for key, at, topic, since, *_ in waiting}:
            break
    return snapshot, found, [row[:-1] for row in waiting if row[-1]]


def _foretell(snapshot: Snapshot, controller_id: int, found: dict[bytes, Found], waiting: Iterable[db.Row]) -> None:
    """Turn the holds of saves and links, whose meaning is certain, into the denials that they will be."""
    for key, at_controller, topic_id, since, inbound_id, source, sealed in waiting:
        scope, entry = Scope(at_controller, topic_id), found[bytes(key)]
        if (scope, since) not in entry.holds:
            continue  # it came after the look-up
        entry.holds.remove((scope, since))
        word = _Waiting(bytes(key), scope, since, inbound_id)
        choices = choices_kept(sealed) if sealed and source in (BY_LINK, BY_OWNER) else None
        entry.denials.append(_denial(word, choices, snapshot, controller_id))


class _Waiting(NamedTuple):
    key: bytes
    scope: Scope
    since: datetime
    inbound_id: UUID


def _denial(held: _Waiting, choices: Choices | None, snapshot: Snapshot, controller_id: int) -> Denial:
    words = choices.words if choices else ()
    pauses = [
        word.until
        for word in words
        if word.wanted == "pause" and _is(held, word.said, word.scope(controller_id, snapshot))
    ]
    no = any(word.wanted != "pause" and _is(held, word.said, word.scope(controller_id, snapshot)) for word in words)
    if pauses and not no:
        return Denial(held.key, held.scope, Cause.PAUSED, "", held.since, pauses[0], held.inbound_id)
    return Denial(held.key, held.scope, Cause.CHOICE, "", held.since, None, held.inbound_id)


def _is(held: _Waiting, keys: Iterable[Key], scope: Scope | None) -> bool:
    return scope == held.scope and held.key in {bytes(key) for key in keys}


_SAVES = """
SELECT received_at, sealed_raw FROM consent_inbound
WHERE state = 'pending' AND source = %s AND controller_id = %s AND sealed_raw IS NOT NULL AND received_at > %s
ORDER BY id DESC LIMIT %s
"""
_AT_MOST = 200
_YES = frozenset({"on", "resume", "fewer"})


def turning_on(controller_id: int, since: Mapping[Key, datetime]) -> dict[Key, frozenset[str]]:
    """The topics that saves turn on which wait for the pipeline, by address, since a moment each: a yes leaves no hold
    by which to find it."""
    rows = db.fetch(_SAVES, [BY_OWNER, controller_id, min(since.values()), _AT_MOST]) if since else []
    words = [(at, word) for at, sealed in rows for word in choices_kept(sealed).words if word.wanted in _YES]
    return {
        key: frozenset(word.instead or word.topic for at, word in words if word.keys[0] == key.hex() and at > after)
        for key, after in since.items()
    }
