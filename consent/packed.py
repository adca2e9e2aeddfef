"""May we send to very many? As `status.check_many` for addresses with one key each; only the reasons are told.

Of what is found most is alike: denials of one controller, by one cause. PostgreSQL groups it, and each group is decided
once. A key of which several things are known is decided by all of them, as ever.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from consent import configuration
from consent.configuration import Scope, Snapshot
from consent.filter.candidates import candidate_places
from consent.normalise.keys import DIGEST_BYTES, Key
from consent.prepared import KEYS, MOMENT, Statement
from consent.status import EARLIEST, Asked, Found, asked_now, decide, is_by_consent, look_up_for
from consent.suppression import Denial, Grant

_STATE = """
SELECT 'v' AS what, version AS controller_id, NULL::bigint AS topic_id, NULL AS cause, NULL AS sender,
       NULL::boolean AS confirmed, NULL::int AS notice_version, NULL AS notice_slug, NULL::boolean AS over,
       NULL::bytea AS keys
  FROM consent_configuration
UNION ALL SELECT 's', controller_id, topic_id, cause, CASE WHEN sender_only THEN sender END, NULL, NULL, NULL,
       until <= %(now)s, string_agg(uuid_send(key), ''::bytea)
  FROM consent_suppression WHERE key = ANY(%(keys)s) GROUP BY 2, 3, 4, 5, 9
UNION ALL SELECT 'h', controller_id, topic_id, NULL, NULL, NULL, NULL, NULL, NULL, string_agg(uuid_send(key), ''::bytea)
  FROM consent_hold WHERE key = ANY(%(keys)s) GROUP BY 2, 3
"""
_GRANTS = """
UNION ALL SELECT CASE WHEN requested THEN 'r' ELSE 'p' END, controller_id, topic_id, NULL, NULL, confirmed,
       notice_version, notice_slug, until <= %(now)s, string_agg(uuid_send(key), ''::bytea)
  FROM consent_permission WHERE key = ANY(%(keys)s) GROUP BY 1, 2, 3, 6, 7, 8, 9
"""
_PARAMETERS = {"keys": KEYS, "now": MOMENT}
_GROUPED = Statement("sayso_grouped", _STATE, _PARAMETERS)
_GROUPED_WITH_GRANTS = Statement("sayso_grouped_with_grants", _STATE + _GRANTS, _PARAMETERS)
_NOBODY, _NO_EVENT = Key(bytes(DIGEST_BYTES)), UUID(int=0)


class Answer(NamedTuple):
    """An answer for one address."""

    allowed: bool
    reason: str


class Answers(NamedTuple):
    """The answers about many keys by a configuration: `plain` for all but those in `others`, by their places."""

    snapshot: Snapshot
    plain: Answer
    others: dict[int, Answer]


def check_packed(
    controller_id: int, topic: str, channel: str, packed: bytes, now: datetime, sender: str | None = None
) -> Answers:
    """Answers about keys given one behind the other. Raise `Unknown`, as `check_many` does."""
    snapshot = configuration.known()
    while True:
        snapshot, asked = asked_now(snapshot, controller_id, topic, channel, sender, now)
        places = candidate_places(packed, with_grants=is_by_consent(asked))
        keys = [Key(packed[DIGEST_BYTES * place : DIGEST_BYTES * (place + 1)]) for place in places]
        version, answers = _answers(snapshot, asked, keys)
        if version == snapshot.version:
            others = {place: answers[key] for place, key in zip(places, keys, strict=True) if key in answers}
            return Answers(snapshot, _answer(snapshot, asked, Found()), others)
        snapshot = configuration.at_version(version)


def _answers(snapshot: Snapshot, asked: Asked, keys: Sequence[Key]) -> tuple[int, dict[bytes, Answer]]:
    """The version of the configuration, and the answers for those keys of which something is known."""
    statement = _GROUPED_WITH_GRANTS if is_by_consent(asked) else _GROUPED
    (_, version, *_), *groups = statement.fetch({"keys": keys, "now": asked.now})
    answers: dict[bytes, Answer] = {}
    several: set[bytes] = set()  # of which more than one thing is known
    for *row, joined in groups:
        answer = _answer(snapshot, asked, _found(*row))
        group = _cut(joined)
        several |= answers.keys() & group
        answers |= dict.fromkeys(group, answer)
    if several:
        again, found = look_up_for(asked, [Key(key) for key in several])
        answers |= {key: _answer(snapshot, asked, entry) for key, entry in found.items()}
        # What was lifted between the two is not known any more.
        for key in several - found.keys():
            del answers[key]
        version = max(version, again)
    return version, answers


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
