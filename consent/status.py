"""May we send? The read door of the room: one statement, and a decision that denies unless it knows.

`check` and `check_many` decide by what the database holds at that very moment, the holds of requests that nobody has
worked off yet included. `check_at` decides as of a past moment, from the ledger.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from consent import configuration, db, ledger
from consent.configuration import EVERYTHING, Scope, Snapshot, TopicRule
from consent.filter.candidates import candidates
from consent.models.vocabulary import Basis, TopicClass
from consent.near import NOBODY, Near
from consent.normalise.keys import Key
from consent.numbers import our_number
from consent.prepared import KEYS, Statement, elsewhere
from consent.rules import CAUSES, HOLD_SILENCES
from consent.suppression import Denial, Grant, Line, derive


class Verdict(msgspec.Struct, frozen=True):
    """The answer for one address. `also` names the other denials that apply, strongest first.

    `sender` is the number of ours that the denial is confined to, if it is.
    """

    allowed: bool
    reason: str
    scope: Scope | None = None
    since: datetime | None = None
    evidence: UUID | None = None
    also: tuple[str, ...] = ()
    sender: str = ""


class Found(msgspec.Struct):
    """What the database holds for the keys of one address."""

    denials: list[Denial] = []
    holds: list[tuple[Scope, datetime]] = []
    grants: list[Grant] = []
    doubtful: list[Denial] = []  # of what may be the same postal address


class Unknown(Exception):
    """What was asked about is not in the configuration."""


class UnknownTopic(Unknown):
    """The controller has no such topic."""


class NotCarried(Unknown):
    """The topic is not carried by the channel."""


class UnknownSender(Unknown):
    """The controller has no such sender on the channel."""


class Asked(NamedTuple):
    """A question, apart from the address. `sender` is the number of ours that would send, if that is known."""

    rule: TopicRule
    channel: str
    sender: str | None
    now: datetime
    line: tuple[Scope, ...]  # the rule's: many are decided by it

    @classmethod
    def about(cls, rule: TopicRule, channel: str, sender: str | None, now: datetime) -> "Asked":
        return cls(rule, channel, sender, now, rule.line)


EARLIEST = datetime.min.replace(tzinfo=UTC)
INVALID_ADDRESS = Verdict(allowed=False, reason="invalid_address")

_STATE = """
SELECT 'v' AS what, NULL::bytea AS key, version AS controller_id, NULL::bigint AS topic_id, NULL AS cause,
       NULL::timestamptz AS since, NULL::timestamptz AS until, NULL::uuid AS event_id, NULL::boolean AS confirmed,
       NULL::int AS notice_version, NULL AS notice_slug, NULL AS sender
  FROM consent_configuration
UNION ALL SELECT 's', uuid_send(key), controller_id, topic_id, cause, since, until, event_id, sender_only, NULL, NULL,
       sender
  FROM consent_suppression WHERE key = ANY(%(keys)s)
UNION ALL SELECT 'h', uuid_send(key), controller_id, topic_id, NULL, since, NULL, NULL, NULL, NULL, NULL, NULL
  FROM consent_hold WHERE key = ANY(%(keys)s)
"""
_GRANTS = """
UNION ALL SELECT CASE WHEN requested THEN 'r' ELSE 'p' END, uuid_send(key), controller_id, topic_id, NULL, since, until,
       event_id, confirmed, notice_version, notice_slug, NULL
  FROM consent_permission WHERE key = ANY(%(keys)s)
"""
_FOUND = Statement("sayso_found", _STATE, {"keys": KEYS})
_FOUND_WITH_GRANTS = Statement("sayso_found_with_grants", _STATE + _GRANTS, {"keys": KEYS})


def topic_rule(snapshot: Snapshot, controller_id: int, slug: str, channel: str) -> TopicRule:
    """The rule for a topic on a channel. Raise `UnknownTopic` or `NotCarried`: never a guess."""
    rule = snapshot.topics_by_slug.get((controller_id, slug))
    if rule is None:
        raise UnknownTopic(slug)
    if channel not in rule.channels:
        raise NotCarried(slug, channel)
    return rule


def known_sender(snapshot: Snapshot, controller_id: int, channel: str, written: str | None) -> str | None:
    """One of the controller's own senders in normal form; None where none is named. Raise `UnknownSender`."""
    if written is None:
        return None
    normal = our_number(written)
    if channel != "sms" or snapshot.senders.get((channel, normal), (None, ""))[0] != controller_id:
        raise UnknownSender(written)
    return normal


def check_many(
    controller_id: int,
    topic: str,
    channel: str,
    keys: Sequence[Sequence[Key]],
    now: datetime,
    sender: str | None = None,
    near: Sequence[Near] = (),
) -> tuple[Snapshot, list[Verdict]]:
    """Verdicts for addresses, each given by its keys, in order. Without the sender a denial of any of ours counts.

    `near` says for each postal address who else may be meant by it (consent/near.py): only denials are taken from
    there. Raise `UnknownTopic`, `NotCarried` or `UnknownSender`.
    """
    snapshot = configuration.known()
    while True:
        snapshot, asked = asked_now(snapshot, controller_id, topic, channel, sender, now)
        others = [key for one in near for group in one for key in group]
        version, found = _find([key for group in keys for key in group] + others, asked)
        if version == snapshot.version:
            return snapshot, _decide_all(snapshot, asked, keys, found, near)
        elsewhere.answer = None  # the configuration is the primary's: so is what is compared with it from now on
        snapshot = configuration.at_version(version)


def asked_now(
    snapshot: Snapshot, controller_id: int, topic: str, channel: str, sender: str | None, now: datetime
) -> tuple[Snapshot, Asked]:
    """The question, by a configuration that knows what it is about. Raise `Unknown` where none does."""
    try:
        rule = topic_rule(snapshot, controller_id, topic, channel)
        from_us = known_sender(snapshot, controller_id, channel, sender)
    except Unknown:
        # It may have come since: only the newest configuration refuses.
        version = configuration.current_version()
        if version == snapshot.version:
            raise
        return asked_now(configuration.at_version(version), controller_id, topic, channel, sender, now)
    return snapshot, Asked(rule, channel, from_us, now, rule.line)


def check_at(
    controller_id: int,
    topic: str,
    channel: str,
    keys: Sequence[Key],
    at: datetime,
    sender: str | None = None,
    near: Near = NOBODY,
) -> tuple[Snapshot, Verdict]:
    """The verdict for one address as of a past moment: by every word that had been said by then."""
    snapshot = configuration.current()
    rule = topic_rule(snapshot, controller_id, topic, channel)
    asked = Asked.about(rule, channel, known_sender(snapshot, controller_id, channel, sender), at)
    found = _found_by(ledger.lines_of(keys, at=at), [*keys, *near.certain, *near.doubtful], at)
    found.denials += derive(ledger.lines_of(near.certain, at=at)).denials if near.certain else []
    found.doubtful += derive(ledger.lines_of(near.doubtful, at=at)).denials if near.doubtful else []
    return snapshot, decide(snapshot, asked, found)


def look_up(keys: Sequence[Key]) -> tuple[Snapshot, dict[bytes, Found]]:
    """All that the database holds for some keys, permissions included, and the configuration of that very moment."""
    version, found = _read(_FOUND_WITH_GRANTS, list(keys))
    return configuration.at_version(version), found


def check_lines(
    snapshot: Snapshot, rule: TopicRule, channel: str, keys: Sequence[Key], lines: Sequence[Line], now: datetime
) -> Verdict:
    """The verdict if the ledger's lines about the keys were these: to say what a word will amount to."""
    return decide(snapshot, Asked.about(rule, channel, None, now), _found_by(lines, keys, now))


def _found_by(lines: Sequence[Line], held: Sequence[Key], at: datetime) -> Found:
    state = derive(lines)
    holds = db.fetch(
        "SELECT controller_id, topic_id, since FROM consent_hold WHERE key = ANY(%s) AND since <= %s", [[*held], at]
    )
    return Found(state.denials, [(Scope(row[0], row[1]), row[2]) for row in holds], state.grants)


def is_by_consent(asked: Asked) -> bool:
    """Whether permissions count."""
    return asked.rule.channels[asked.channel].basis in (Basis.OPT_IN, Basis.CONFIRMED_OPT_IN)


def _find(keys: list[Key], asked: Asked) -> tuple[int, dict[bytes, Found]]:
    return look_up_for(asked, candidates(keys, with_grants=is_by_consent(asked)))


def look_up_for(asked: Asked, keys: Sequence[Key]) -> tuple[int, dict[bytes, Found]]:
    """The configuration's version, and what the database holds for the keys that counts for a question."""
    return _read(_FOUND_WITH_GRANTS if is_by_consent(asked) else _FOUND, keys)


def _read(statement: Statement, keys: Sequence[Key]) -> tuple[int, dict[bytes, Found]]:
    rows = statement.fetch({"keys": keys})
    version = 0
    found: dict[bytes, Found] = {}
    scopes: dict[tuple[int | None, int | None], Scope] = {}  # few, of many rows
    for row in rows:
        what, key, controller_id, topic_id, cause, since, until, event_id, confirmed, version_seen, slug, sender = row
        if what == "v":
            version = controller_id
            continue
        entry = found.get(key)
        if entry is None:
            entry = found[key] = Found()
        scope = scopes.get((controller_id, topic_id)) or scopes.setdefault(
            (controller_id, topic_id), Scope(controller_id, topic_id)
        )
        if what == "s":
            sender_only = confirmed  # the statement gives it in the same column
            entry.denials.append(Denial(key, scope, cause, sender, since, until, event_id, sender_only))
        elif what == "h":
            entry.holds.append((scope, since))
        else:
            notice = (slug, version_seen) if slug else None
            entry.grants.append(Grant(key, scope, since, until, event_id, confirmed, notice, requested=what == "r"))
    if not version:
        raise RuntimeError("the configuration row is missing: run `manage.py migrate`")
    return version, found


def _decide_all(
    snapshot: Snapshot,
    asked: Asked,
    keys: Sequence[Sequence[Key]],
    found: dict[bytes, Found],
    near: Sequence[Near] = (),
) -> list[Verdict]:
    nothing = decide(snapshot, asked, Found())
    if near:
        return [
            nothing
            if one is NOBODY and found.keys().isdisjoint(group)
            else decide(snapshot, asked, together(found, group, one))
            for group, one in zip(keys, near, strict=True)
        ]
    decided = {key: decide(snapshot, asked, entry) for key, entry in found.items()}
    if all(len(group) == 1 for group in keys):
        return [decided.get(group[0], nothing) for group in keys]
    return [
        nothing if found.keys().isdisjoint(group) else decide(snapshot, asked, together(found, group)) for group in keys
    ]


def together(found: dict[bytes, Found], group: Sequence[Key], near: Near = NOBODY) -> Found:
    """What was found for the keys of one address, and of who else may be meant by it."""
    return _with_near(_together(found[key] for key in group if key in found), near, found)


def _together(entries: Iterable[Found]) -> Found:
    whole = Found()
    for entry in entries:
        whole.denials.extend(entry.denials)
        whole.holds.extend(entry.holds)
        whole.grants.extend(entry.grants)
    return whole


def _with_near(whole: Found, near: Near, found: dict[bytes, Found]) -> Found:
    """Add the denials, and no grants, of other spellings; those of what may be the same only hold."""
    for key in (*near.certain, *near.doubtful):
        if key in found:
            whole.holds.extend(found[key].holds)
            (whole.denials if key in near.certain else whole.doubtful).extend(found[key].denials)
    return whole


def decide(snapshot: Snapshot, asked: Asked, found: Found) -> Verdict:
    """The verdict on what was found for an address."""
    denials = _denials(asked, found)
    if not denials:
        return _by_basis(snapshot, asked.rule, asked.channel, found.grants, asked.now)
    if len(denials) == 1:
        return denials[0]
    denials.sort(key=_strength)
    first, *others = denials
    also = tuple(dict.fromkeys(other.reason for other in others if other.reason != first.reason))
    return msgspec.structs.replace(first, also=also)


def _denials(asked: Asked, found: Found) -> list[Verdict]:
    denials = [
        Verdict(
            False,
            CAUSES[denial.cause].reason,
            denial.scope,
            denial.since,
            denial.event_id,
            (),
            denial.sender if denial.sender_only else "",
        )
        for denial in found.denials
        if applies(asked, denial)
    ]
    if found.doubtful:
        denials += [
            Verdict(False, "held", denial.scope, denial.since, denial.event_id)
            for denial in found.doubtful
            if applies(asked, denial)
        ]
    if found.holds and asked.rule.topic_class in HOLD_SILENCES[asked.channel]:
        denials += [Verdict(False, "held", scope, since) for scope, since in found.holds if scope in asked.line]
    return denials


def applies(asked: Asked, denial: Denial) -> bool:
    """Whether a denial is one of what is asked about, and holds now."""
    return (
        denial.scope in asked.line
        and asked.rule.topic_class in CAUSES[denial.cause].silences
        and (denial.until is None or denial.until > asked.now)
        and not (denial.sender_only and asked.sender not in (None, denial.sender))
    )


def _strength(denial: Verdict) -> tuple[int, bool, datetime]:
    """The widest scope first; within it what is certain before what is only held; then the first that was said."""
    scope = denial.scope or EVERYTHING
    width = 0 if scope.controller_id is None else 1 if scope.topic_id is None and not denial.sender else 2
    return (width, denial.reason == "held", denial.since or EARLIEST)


def _by_basis(snapshot: Snapshot, rule: TopicRule, channel: str, grants: list[Grant], now: datetime) -> Verdict:
    basis = rule.channels[channel].basis
    if rule.topic_class == TopicClass.SERVICE and basis == Basis.NONE:
        return Verdict(True, "service")
    if basis == Basis.OPT_OUT:
        return Verdict(True, "opt_out_basis")
    counting = [grant for grant in grants if _counts_for(rule, grant) and not _lapsed(grant, now)]
    verdicts = [_by_grant(snapshot, rule, basis, grant, now) for grant in counting]
    return min(verdicts, key=_nearness, default=Verdict(False, "no_consent"))


_NEARNESS = {"granted": 0, "unconfirmed": 1, "reconsent_needed": 2, "expired": 3}


def _nearness(verdict: Verdict) -> tuple[int, datetime]:
    """The nearest to an allowance, and of equals the first that was given: whatever order the rows came in."""
    return (_NEARNESS[verdict.reason], verdict.since or EARLIEST)


def _counts_for(rule: TopicRule, grant: Grant) -> bool:
    """Whether a grant's scope reaches the topic. Sharing with others takes a word about just that."""
    if rule.topic_class == TopicClass.SHARING:
        return grant.scope == rule.line[-1]
    return grant.scope in rule.line


def _lapsed(grant: Grant, now: datetime) -> bool:
    """A request that was not confirmed in time: there never was a consent that could have expired."""
    return grant.requested and grant.until is not None and grant.until <= now


def _by_grant(snapshot: Snapshot, rule: TopicRule, basis: str, grant: Grant, now: datetime) -> Verdict:
    if grant.requested:
        reason = "unconfirmed"
    elif grant.until is not None and grant.until <= now:
        reason = "expired"
    elif _outdated(snapshot, rule, grant):
        reason = "reconsent_needed"
    elif basis == Basis.CONFIRMED_OPT_IN and not grant.confirmed:
        reason = "unconfirmed"
    else:
        reason = "granted"
    return Verdict(reason == "granted", reason, grant.scope, grant.since, grant.event_id)


def _outdated(snapshot: Snapshot, rule: TopicRule, grant: Grant) -> bool:
    """Whether the wording changed materially since the person agreed to it."""
    if grant.notice is None:
        return False
    slug, version = grant.notice
    places = ((rule.controller_id, None, slug), (rule.controller_id, rule.id, slug))
    return any(version < snapshot.material.get(place, 0) for place in places)
