"""A yes to one topic after a no to every topic: what becomes of the wider no. Pure, and the one place that decides it.

A wider no beats a narrower yes. So the wider one is kept as the same no to each other topic of the controller that it
silences, those that the channel does not carry yet included, and ends; then the yes stands. The preference page says
so in the words of its save (consent/choosing.py), a confirmation and an agreement in ledger entries
(consent/resubscribing.py): both take from here which topics, and what is said of them.

A topic with a no of its own is kept too: who takes that one back later, by an undo, had still refused everything. A
topic that is made later is kept when it is made (consent/new_topics.py).
"""

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from consent.configuration import Snapshot, TopicRule
from consent.ledger import Entry
from consent.models.vocabulary import Action
from consent.rules import CAUSES


class Wide(NamedTuple):
    """A no to every topic of a controller at an address; a STOP with the number it was said to."""

    cause: str
    sender: str = ""
    sender_only: bool = False
    until: datetime | None = None

    def others(self, controller_id: int, on: Container[int], snapshot: Snapshot) -> list[TopicRule]:
        """The topics that it goes on for. `on` are the ids of those that are said yes to, or were before."""
        own = [rule for rule in snapshot.topics.values() if rule.controller_id == controller_id]
        return [rule for rule in own if rule.topic_class in CAUSES[self.cause].silences and rule.id not in on]

    def kept(self) -> dict[str, Any]:
        """What is said of each of those."""
        reach = {"sender": self.sender, "sender_only": self.sender_only, "expires_at": self.until}
        return {"action": Action.WITHDRAW, "cause": self.cause, **reach}

    def ended(self) -> dict[str, Any]:
        """What is said of every topic."""
        return {"action": Action.LIFT, "cause": self.cause, "sender": self.sender}


def narrows(entries: Iterable[Entry]) -> bool:
    """Whether the words of an inbound keep a wider no for some topics, and so depend on which topics there are."""
    told = list(entries)
    ended = any(one.action == Action.LIFT and one.scope.topic_id is None for one in told)
    return ended and any(one.action == Action.WITHDRAW and one.scope.topic_id for one in told)
