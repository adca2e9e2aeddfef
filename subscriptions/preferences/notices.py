"""The wording that a page shows with a topic, and that a yes is given to: as the database has it at one version."""

import threading
from collections.abc import Iterable
from typing import NamedTuple

from consent.configuration import Snapshot
from consent.models import Notice
from consent.statement import NoticeSeen


class Wording(NamedTuple):
    """A version of a notice in a language."""

    seen: NoticeSeen
    controller_id: int
    topic_id: int | None
    text: str


_lock = threading.Lock()
_known: tuple[int, list[Wording]] = (0, [])


def wording_of(
    snapshot: Snapshot, controller_id: int, topic_id: int, agreed: str, languages: Iterable[str]
) -> Wording | None:
    """The newest version of the notice that was agreed to before, else of the topic's own; None where it has none.

    In the first of the languages in which that version is there.
    """
    own = [one for one in _at(snapshot.version) if one.controller_id == controller_id]
    found = [one for one in own if agreed and one.seen.slug == agreed] or [
        one for one in own if one.topic_id == topic_id
    ]
    if not found:
        return None
    newest = max(found, key=lambda one: one.seen.version)
    same = {
        one.seen.language: one
        for one in found
        if one.seen.slug == newest.seen.slug and _version(one) == _version(newest)
    }
    return next((same[language] for language in languages if language in same), newest)


def _version(one: Wording) -> int:
    return one.seen.version


def _at(version: int) -> list[Wording]:
    global _known
    if _known[0] != version:
        with _lock:
            _known = (version, _read())
    return _known[1]


def _read() -> list[Wording]:
    rows = Notice.objects.values_list("slug", "version", "language", "controller_id", "topic_id", "text")
    return [Wording(NoticeSeen(*row[:3]), *row[3:]) for row in rows.order_by("id")]
