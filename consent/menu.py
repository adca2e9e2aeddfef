"""The answer to a confirmation that asked what to keep: numbers alone, from that number to that sender, within a day.

The STOP has stopped all already; a number takes it back for that topic and leaves a no to every other one that SMS
carries. It gives back what was there before the STOP and creates no permission. No answer, or any other words, leave
all stopped (47 CFR 64.1200(a)(12)). Service messages need no consent and go on once somebody keeps something: it was
the STOP, and not a choice between topics, that silences them too.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from consent import db, ledger
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived
from consent.intake.contract import Message
from consent.ledger import Entry
from consent.models.vocabulary import Action, Cause, TopicClass
from consent.normalise.keys import Key
from consent.numbers import our_number
from consent.suppression import Line, derive

ANSWERED_WITHIN = timedelta(hours=24)
_LONGEST = 40  # characters of an answer
_BETWEEN = re.compile(r"[\s,;.&+/()、，。]+")


class Offer(NamedTuple):
    """A confirmation that asked: the STOP it confirmed, and the topics by their places."""

    stop: UUID
    topics: tuple[int, ...]


def numbers_of(text: str) -> tuple[int, ...]:
    """The numbers of a text that holds nothing else; none where it holds anything else."""
    short = text.strip()
    if len(short) > _LONGEST or not any(letter.isdecimal() for letter in short[-2:]):
        return ()  # nearly every text
    words = [word for word in _BETWEEN.split(short) if word]
    return tuple(int(word) for word in words) if all(word.isdecimal() and len(word) <= 2 for word in words) else ()


def kept(arrived: Arrived, message: Message, key: Key, snapshot: Snapshot) -> tuple[Entry, ...]:
    """The words of an answer to a menu; none if the text is no such answer."""
    numbers = numbers_of(message.text) if message.kind == "message" and message.verdict is None else ()
    offer = _offer(arrived, message, key) if numbers else None
    if offer is None or not all(1 <= number <= len(offer.topics) for number in numbers):
        return ()
    chosen = {offer.topics[number - 1] for number in numbers}
    return tuple(_entries(arrived, our_number(message.recipient), key, offer, chosen, snapshot))


_OFFER = """
SELECT inbound_id, topics FROM consent_errand
WHERE key = %s AND sender = %s AND controller_id = %s AND purpose = 'stopped' AND topics <> ''
  AND attempts > 0 AND state IN ('waiting', 'done', 'unsure') AND made_at BETWEEN %s AND %s
ORDER BY id DESC LIMIT 1
"""


def _offer(arrived: Arrived, message: Message, key: Key) -> Offer | None:
    at = arrived.received_at
    sender = our_number(message.recipient)
    rows = db.fetch(_OFFER, [key, sender, arrived.controller_id, at - ANSWERED_WITHIN, at])
    return Offer(rows[0][0], tuple(int(topic) for topic in rows[0][1].split(","))) if rows else None


def _entries(
    arrived: Arrived, sender: str, key: Key, offer: Offer, chosen: set[int], snapshot: Snapshot
) -> Iterator[Entry]:
    lines = ledger.lines_of([key])
    answers = _earlier_answers(lines, offer)
    if not answers and not any(
        denial.cause == Cause.STOP and denial.sender == sender for denial in derive(lines).denials
    ):
        return  # a START has given all back meanwhile: there is nothing left to choose from
    keep = chosen | {topic for answer in answers for topic in _kept_by(lines, answer, offer)}
    own = Scope(arrived.controller_id, None)
    words = [(own, {"action": Action.LIFT, "cause": Cause.STOP, "undoes": undone}) for undone in (offer.stop, *answers)]
    words += [
        (Scope(arrived.controller_id, topic), {"action": Action.WITHDRAW, "cause": Cause.CHOICE})
        for topic in _stoppable(arrived.controller_id, snapshot)
        if topic not in keep
    ]
    for place, (scope, said) in enumerate(words):
        yield arrived.entry(place, key, scope=scope, sender=sender, **said)


def _earlier_answers(lines: Sequence[Line], offer: Offer) -> list[UUID]:
    """The answers to the same menu that still count: «1», and a moment later «2», keep both."""
    undone = {line.undoes for line in lines if line.undoes}
    answers = {line.inbound_id: None for line in lines if line.undoes == offer.stop and line.inbound_id}
    return [answer for answer in answers if answer not in undone]


def _kept_by(lines: Sequence[Line], answer: UUID, offer: Offer) -> set[int]:
    refused = {line.scope.topic_id for line in lines if line.inbound_id == answer and line.action == Action.WITHDRAW}
    return set(offer.topics) - {topic for topic in refused if topic is not None}


def _stoppable(controller_id: int, snapshot: Snapshot) -> list[int]:
    return [
        rule.id
        for rule in snapshot.topics.values()
        if rule.controller_id == controller_id and "sms" in rule.channels and rule.topic_class != TopicClass.SERVICE
    ]
