"""What people read of topics, in their language: as the database has it at one version of the configuration."""

import threading
from typing import NamedTuple

from consent.configuration import Snapshot
from consent.models import Topic
from subscriptions.models import TopicText


class TopicWords(NamedTuple):
    """A topic as people read it; what nobody has written is empty."""

    name: str
    description: str
    frequency: str


_lock = threading.Lock()
_known: tuple[int, dict[tuple[int, str], TopicWords]] = (0, {})


def words_of(snapshot: Snapshot, topic_id: int, language: str) -> TopicWords:
    """A topic in a language, and what is not written in it in the controller's own. Raise `KeyError` if it is none."""
    texts = _at(snapshot.version)
    own = texts[topic_id, ""]
    translated = texts.get((topic_id, language))
    return TopicWords._make(one or other for one, other in zip(translated or own, own, strict=True))


def _at(version: int) -> dict[tuple[int, str], TopicWords]:
    global _known
    if _known[0] != version:
        with _lock:
            _known = (version, _read())
    return _known[1]


def _read() -> dict[tuple[int, str], TopicWords]:
    own = Topic.objects.values_list("id", "name", "description", "frequency")
    others = TopicText.objects.values_list("topic_id", "language", "name", "description", "frequency")
    return {(row[0], ""): TopicWords(*row[1:]) for row in own} | {row[:2]: TopicWords(*row[2:]) for row in others}
