"""May we send to very many? As `status.check_many` for addresses with one key each, in a fraction of the time.

Of what is found most is alike: denials of one controller, by one cause. PostgreSQL groups it, and each group is decided
once. A key of which several things are known is decided by all of them, as ever.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from consent import configuration
from consent.configuration import Scope, Snapshot
from consent.filter.candidates import candidate_places
from consent.normalise.keys import DIGEST_BYTES, Key
from consent.prepared import KEYS, MOMENT, Statement, elsewhere
from consent.status import EARLIEST, Asked, Found, Verdict, asked_now, decide, is_by_consent, look_up_for
from consent.suppression import Denial, Grant

# What stands for a key in its group: the key alone, or with when it was said and by which event.
_ALONE = "uuid_send(key)"
_TOLD = "uuid_send(key) || timestamptz_send(since) || convert_to({event}::text, 'UTF8')"
_EVENT_BYTES = 36
_RECORD = np.dtype([("key", f"V{DIGEST_BYTES}"), ("since", ">i8"), ("event", f"S{_EVENT_BYTES}")])
_EPOCH = int(np.datetime64("2000-01-01", "us").astype(np.int64))  # from which PostgreSQL counts microseconds

_STATE = """
SELECT 'v' AS what, version AS controller_id, NULL::bigint AS topic_id, NULL AS cause, NULL AS sender,
       NULL::boolean AS confirmed, NULL::int AS notice_version, NULL AS notice_slug, NULL::boolean AS over,
       NULL::bytea AS keys
  FROM consent_configuration
UNION ALL SELECT 's', controller_id, topic_id, cause, CASE WHEN sender_only THEN sender END, NULL, NULL, NULL,
       until <= %(now)s, string_agg({record}, ''::bytea)
  FROM consent_suppression WHERE key = ANY(%(keys)s) GROUP BY 2, 3, 4, 5, 9
UNION ALL SELECT 'h', controller_id, topic_id, NULL, NULL, NULL, NULL, NULL, NULL, string_agg({hold}, ''::bytea)
  FROM consent_hold WHERE key = ANY(%(keys)s) GROUP BY 2, 3
"""
_GRANTS = """
UNION ALL SELECT CASE WHEN requested THEN 'r' ELSE 'p' END, controller_id, topic_id, NULL, NULL, confirmed,
       notice_version, notice_slug, until <= %(now)s, string_agg({record}, ''::bytea)
  FROM consent_permission WHERE key = ANY(%(keys)s) GROUP BY 1, 2, 3, 6, 7, 8, 9
"""


def _statements(name: str, record: str, hold: str) -> tuple[Statement, Statement]:
    """Without permissions, and with them."""
    given = {"keys": KEYS, "now": MOMENT}
    with_grants = (_STATE + _GRANTS).format(record=record, hold=hold)
    return (
        Statement(name, _STATE.format(record=record, hold=hold), given),
        Statement(f"{name}_with_grants", with_grants, given),
    )


_REASONS = _statements("sayso_grouped", _ALONE, _ALONE)
_ALL = _statements("sayso_told", _TOLD.format(event="event_id"), _TOLD.format(event="inbound_id"))
_NOBODY, _NO_EVENT = Key(bytes(DIGEST_BYTES)), UUID(int=0)


class Answer(NamedTuple):
    """An answer for one address."""

    allowed: bool
    reason: str


class Told(NamedTuple):
    """An answer with all that is told of it. Many share a `verdict`, which then leaves out since when and by which
    event: `since` (UTC, without its zone) and `evidence` (an id as text) are this address's own, where there are any.
    """

    verdict: Verdict
    since: datetime | None = None
    evidence: bytes = b""


class Answers(NamedTuple):
    """The answers about many keys by a configuration: `plain` for all but those in `others`, by their places."""

    snapshot: Snapshot
    plain: Answer
    others: dict[int, Answer]


class Telling(NamedTuple):
    """The same with all that is told of each."""

    snapshot: Snapshot
    plain: Verdict
    others: Mapping[int, Told]


def check_packed(
    controller_id: int, topic: str, channel: str, packed: bytes, now: datetime, sender: str | None = None
) -> Answers:
    """Answers about keys given one behind the other. Raise `Unknown`, as `check_many` does."""
    snapshot, asked, others = _settle((controller_id, topic, channel, sender, now), packed, _answers)
    return Answers(snapshot, _answer(snapshot, asked, Found()), others)


def tell_packed(
    controller_id: int, topic: str, channel: str, packed: bytes, now: datetime, sender: str | None = None
) -> Telling:
    """The same, with scope, since when, evidence and other reasons."""
    snapshot, asked, others = _settle((controller_id, topic, channel, sender, now), packed, _told)
    return Telling(snapshot, decide(snapshot, asked, Found()), others)


_Decide = Callable[[Snapshot, Asked, Sequence[Key]], tuple[int, dict[bytes, Any]]]


def _settle(
    about: tuple[int, str, str, str | None, datetime], packed: bytes, decide_keys: _Decide
) -> tuple[Snapshot, Asked, dict[int, Any]]:
    """The configuration of that very moment, the question by it, and what `decide_keys` says, by places."""
    snapshot = configuration.known()
    while True:
        snapshot, asked = asked_now(snapshot, *about)
        places = candidate_places(packed, with_grants=is_by_consent(asked))
        keys = [Key(packed[DIGEST_BYTES * place : DIGEST_BYTES * (place + 1)]) for place in places]
        version, answers = decide_keys(snapshot, asked, keys)
        if version == snapshot.version:
            others = {place: answers[key] for place, key in zip(places, keys, strict=True) if key in answers}
            return snapshot, asked, others
        elsewhere.answer = None  # as in `check_many`
        snapshot = configuration.at_version(version)


def _answers(snapshot: Snapshot, asked: Asked, keys: Sequence[Key]) -> tuple[int, dict[bytes, Answer]]:
    """The version of the configuration, and the answers for those keys of which something is known."""
    version, groups = _grouped(_REASONS, asked, keys)
    answers: dict[bytes, Answer] = {}
    several: set[bytes] = set()  # of which more than one thing is known
    for row, joined in groups:
        group = _cut(joined)
        several |= answers.keys() & group
        answers |= dict.fromkeys(group, _answer(snapshot, asked, _found(*row)))
    again = _decide_again(snapshot, asked, several, answers, lambda verdict: Answer(verdict.allowed, verdict.reason))
    return max(version, again), answers


def _told(snapshot: Snapshot, asked: Asked, keys: Sequence[Key]) -> tuple[int, dict[bytes, Told]]:
    """The same with all that is told."""
    version, groups = _grouped(_ALL, asked, keys)
    answers: dict[bytes, Told] = {}
    several: set[bytes] = set()
    for row, joined in groups:
        verdict = decide(snapshot, asked, _found(*row))
        records = np.frombuffer(joined, _RECORD)
        names: list[bytes] = records["key"].tolist()
        if verdict.since is None:  # nothing of this group's is told
            group = dict.fromkeys(names, Told(verdict))
        else:
            since = (records["since"].astype(np.int64) + _EPOCH).astype("M8[us]").tolist()
            evidence = repeat(b"") if verdict.evidence is None else records["event"].tolist()
            group = dict(zip(names, map(Told, repeat(verdict), since, evidence), strict=False))
        if len(group) < len(names):
            several.update(name for name, times in Counter(names).items() if times > 1)
        several |= answers.keys() & group.keys()
        answers |= group
    return max(version, _decide_again(snapshot, asked, several, answers, Told)), answers


def _grouped(
    statements: tuple[Statement, Statement], asked: Asked, keys: Sequence[Key]
) -> tuple[int, list[tuple[list[Any], bytes]]]:
    """The version of the configuration, and each group with what stands for its keys, one behind the other."""
    statement = statements[is_by_consent(asked)]
    (_, version, *_), *groups = statement.fetch({"keys": keys, "now": asked.now})
    return version, [(row, joined) for *row, joined in groups]


def _decide_again(
    snapshot: Snapshot,
    asked: Asked,
    several: set[bytes],
    answers: dict[bytes, Any],
    made_of: Callable[[Verdict], Any],
) -> int:
    """Put right the answers about keys of which several things are known, by all of them; give the version then."""
    if not several:
        return 0
    version, found = look_up_for(asked, [Key(key) for key in several])
    answers |= {key: made_of(decide(snapshot, asked, entry)) for key, entry in found.items()}
    # What was lifted between the two is not known any more.
    for key in several - found.keys():
        del answers[key]
    return version


def _cut(joined: bytes) -> set[bytes]:
    return {joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES)}


def _found(
    what: str,
    controller_id: int | None,
    topic_id: int | None,
    cause: Any,
    sender: str | None,
    confirmed: Any,
    notice_version: Any,
    notice_slug: str | None,
    over: bool | None,
) -> Found:
    """What is known of each key of a group. When it began is left out: it settles which of several is told."""
    scope, until = Scope(controller_id, topic_id), EARLIEST if over else None
    if what == "s":
        return Found([Denial(_NOBODY, scope, cause, sender or "", EARLIEST, until, _NO_EVENT, sender is not None)])
    if what == "h":
        return Found([], [(scope, EARLIEST)])
    notice = (notice_slug, notice_version) if notice_slug else None
    return Found([], [], [Grant(_NOBODY, scope, EARLIEST, until, _NO_EVENT, confirmed, notice, requested=what == "r")])


def _answer(snapshot: Snapshot, asked: Asked, found: Found) -> Answer:
    verdict = decide(snapshot, asked, found)
    return Answer(verdict.allowed, verdict.reason)
