"""New consent after a material change of a wording: who is asked about what, and what an answer says.

A check says `reconsent_needed` where a permission was given to an older version (consent/status.py). Whoever refused a
topic, or never agreed to it, is not asked: this is no way to ask people to come back. Everyone is asked once a version:
«not now» is on record like a yes and a no, and leaves the check as it is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from consent import notices, status
from consent.configuration import Snapshot, TopicRule
from consent.models import ConsentEvent, Notice, Permission
from consent.models.vocabulary import Action
from consent.normalise.keys import Key
from consent.statement import NoticeSeen

BY_OWNER, BY_LINK = "reconsent:page", "reconsent:link"
Given = Literal["agree", "no", "not_now"]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer, as its inbound keeps it. `topics` and `names` are those that the page named, `shown` the SHA-256 (hex)
    of the wording. `stops` are the topics that a no stops: they are held from the answer on.
    """

    answer: Given
    notice: NoticeSeen
    topics: tuple[str, ...]
    names: tuple[str, ...]
    language: str
    shown: str = ""
    stops: tuple[str, ...] = ()


decode = msgspec.json.Decoder(Answer).decode


class Changed(NamedTuple):
    """A topic whose permission was given to an older version: of which notice, and which version."""

    topic: TopicRule
    slug: str
    version: int


class Question(NamedTuple):
    """What a person is asked: the wording they agreed to, where it is still there, the one of now, and for what."""

    new: Notice
    old: Notice | None
    topics: tuple[TopicRule, ...]


def changed(snapshot: Snapshot, controller_id: int, channel: str, keys: Sequence[Key], now: datetime) -> list[Changed]:
    """The topics for which a check of these keys says that new consent is needed."""
    waiting = []
    for topic in snapshot.topics.values():
        if topic.controller_id == controller_id and channel in topic.channels:
            _, [verdict] = status.check_many(controller_id, topic.slug, channel, [keys], now)
            if verdict.reason == "reconsent_needed":
                waiting.append((topic, verdict.evidence))
    rows = Permission.objects.filter(key__in=keys, event_id__in=[evidence for _, evidence in waiting])
    seen = {row.event_id: (row.notice_slug, row.notice_version or 0) for row in rows}
    return [Changed(topic, *seen[evidence]) for topic, evidence in waiting if evidence in seen]


def questions(
    snapshot: Snapshot,
    controller_id: int,
    channel: str,
    keys: Sequence[Key],
    languages: Sequence[str],
    now: datetime,
) -> list[Question]:
    """What the owner of an address is still to be asked, notice by notice."""
    put_off = _put_off(keys, controller_id)
    found: dict[tuple[str, int], list[TopicRule]] = {}
    for one in changed(snapshot, controller_id, channel, keys, now):
        found.setdefault((one.slug, one.version), []).append(one.topic)
    asked = []
    for (slug, version), topics in found.items():
        new = notices.current(controller_id, slug, languages)
        if new is None:
            continue
        open_topics = tuple(topic for topic in topics if put_off.get((topic.id, slug), 0) < new.version)
        if open_topics:
            asked.append(Question(new, notices.version(controller_id, slug, version, languages), open_topics))
    return asked


def _put_off(keys: Sequence[Key], controller_id: int) -> dict[tuple[int | None, str], int]:
    """The newest version that the owner has put off, by topic and notice. What came by link alone may be another's."""
    lines = ConsentEvent.objects.filter(key__in=keys, action=Action.DEFER, controller_id=controller_id, source=BY_OWNER)
    newest: dict[tuple[int | None, str], int] = {}
    for topic_id, slug, version in lines.values_list("topic_id", "notice__slug", "notice__version"):
        newest[topic_id, slug] = max(newest.get((topic_id, slug), 0), version or 0)
    return newest


def wordings(
    snapshot: Snapshot, controller_id: int, topic: TopicRule | None, languages: Sequence[str]
) -> list[Question]:
    """The wordings of a controller that have changed materially, and that concern a topic, if one is named. Public:
    nothing in them depends on who asks."""
    slugs = {
        slug: place
        for (owner, place, slug), version in snapshot.material.items()
        if owner == controller_id and version > 1 and (topic is None or place in (None, topic.id))
    }
    found = [notices.current(controller_id, slug, languages) for slug in sorted(slugs)]
    return [Question(new, None, (topic,) if topic else ()) for new in found if new is not None]


def scopes_of_no(named: Iterable[TopicRule], concerned: Iterable[Changed], slug: str) -> list[TopicRule]:
    """The topics that a no to a wording stops: those that the page named, and those whose permission rests on it."""
    resting = [one.topic for one in concerned if one.slug == slug]
    return list({topic.id: topic for topic in (*named, *resting)}.values())
