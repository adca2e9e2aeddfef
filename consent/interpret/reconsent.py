"""Answers to the question whether somebody agrees to a wording that has changed."""

from collections.abc import Sequence
from typing import Any

from consent import ledger, reconsent, requesting
from consent.configuration import Snapshot, TopicRule
from consent.confirming import CHANNEL
from consent.decision import Arrived, Decision
from consent.interpret.earlier import require_earlier_words
from consent.models import Notice
from consent.models.vocabulary import Action, Cause
from consent.reconsent import Answer
from consent.requested import kept_contact
from consent.resubscribing import Yes, entries_for_yes
from consent.tokens import Token, read_token

Seen = tuple[int, str, int]


def interpret_reconsent(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The owner's yes counts at once; by link alone it is asked for by mail. A no and a «not now» need no proof."""
    token, told = read_token(arrived.endpoint), reconsent.decode(arrived.envelope.body)
    require_earlier_words(token.key, arrived)
    seen = _seen(arrived, told)
    named = _topics(arrived, told.topics, snapshot)
    waiting = reconsent.changed(snapshot, arrived.controller_id, token.channel, [token.key], arrived.received_at)
    resting = [one.topic for one in waiting if one.slug == told.notice.slug]
    match told.answer:
        case "agree" if arrived.source == reconsent.BY_OWNER:
            return _agreed(arrived, token, [topic for topic in resting if topic in named], seen, snapshot)
        case "agree":
            return _asked(arrived, token, told, _within(resting, named), seen, snapshot)
        case "no":
            topics = _topics(arrived, told.stops, snapshot)
            return _said(arrived, token, topics, "opt_out", action=Action.WITHDRAW, cause=Cause.CHOICE, notice=seen)
        case "not_now":
            return _said(arrived, token, _within(resting, named), "not_now", action=Action.DEFER, notice=seen)


def _topics(arrived: Arrived, slugs: Sequence[str], snapshot: Snapshot) -> list[TopicRule]:
    return [topic for slug in slugs if (topic := snapshot.topics_by_slug.get((arrived.controller_id, slug)))]


def _seen(arrived: Arrived, told: Answer) -> Seen:
    notice = Notice.objects.get(
        controller_id=arrived.controller_id,
        slug=told.notice.slug,
        version=told.notice.version,
        language=told.notice.language,
    )
    return (notice.pk, notice.slug, notice.version)


def _within(resting: Sequence[TopicRule], named: Sequence[TopicRule]) -> list[TopicRule]:
    """By link alone a page names one topic at most, and none where the link is about all of them."""
    return [topic for topic in resting if not named or topic in named]


def _agreed(arrived: Arrived, token: Token, topics: Sequence[TopicRule], seen: Seen, snapshot: Snapshot) -> Decision:
    yeses = [Yes(topic, notice=seen) for topic in topics]
    entries = entries_for_yes(arrived, token.key, yeses, ledger.lines_of([token.key]), snapshot)
    return Decision("opt_in" if entries else "none", "reconsent.agree", entries)


def _asked(
    arrived: Arrived, token: Token, told: Answer, topics: Sequence[TopicRule], seen: Seen, snapshot: Snapshot
) -> Decision:
    contact = kept_contact(token.key) if token.channel == CHANNEL else None
    if contact is None or not topics:
        return Decision("none", "reconsent.agree")
    names = dict(zip(told.topics, told.names, strict=True))
    known = [names.get(topic.slug, topic.name) for topic in topics]
    wish = requesting.Wish(contact, topics, known, told.language, seen, anew=True)
    return requesting.decision_of(arrived, wish, snapshot, "reconsent.agree")


def _said(arrived: Arrived, token: Token, topics: Sequence[TopicRule], outcome: str, **word: Any) -> Decision:
    entries = tuple(arrived.entry(place, token.key, scope=topic.line[-1], **word) for place, topic in enumerate(topics))
    return Decision(outcome, f"reconsent.{outcome}", entries)
