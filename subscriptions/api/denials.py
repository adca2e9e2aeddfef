"""Denials and permissions as a sender's copy has them, and the rules by which it decides (docs/FEED.md)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from consent import db
from consent.changes import Held
from consent.configuration import Scope, Snapshot
from consent.models.vocabulary import Cause
from consent.pseudonyms import ids_of, normals_of, sha256_of
from consent.rules import CAUSES, HOLD_SILENCES

_VERSION_BYTES = 8


class Writer:
    """Makes JSON members of changes for one controller; with `hashes` each has the SHA-256 where it is known."""

    def __init__(self, controller_id: int, snapshot: Snapshot, *, hashes: bool = False) -> None:
        self._controller_id = controller_id
        self._snapshot = snapshot
        self._hashes = hashes
        self._places: dict[tuple[int | None, int | None, str], str] = {}

    def written(self, changes: Sequence[db.Row], fetch: db.Fetch = db.fetch) -> Iterator[bytes]:
        """The same as JSON, one by one: thousands of mappings at once would set the garbage collector to work."""
        return (orjson.dumps(told, option=orjson.OPT_UTC_Z) for told in self.of(changes, fetch))

    def of(self, changes: Sequence[db.Row], fetch: db.Fetch = db.fetch) -> Iterator[dict[str, Any]]:
        """What is told of each change, given as `consent.changes.Change` in plain tuples."""
        keys = [bytes(change[2]) for change in changes]
        normals = normals_of(keys, fetch) if self._hashes else {}
        for change, key, name in zip(changes, keys, ids_of(self._controller_id, keys), strict=True):
            told = self._told(name, change)
            if self._hashes:
                told["sha256"] = sha256_of(normals[key]) if key in normals else None
            yield told

    def _told(self, name: str, change: db.Row) -> dict[str, Any]:
        _, kind, _, controller_id, topic_id, since, until, event_id, channel, cause, sender, only, *rest = change
        confirmed, notice_version, notice_slug, recorded_at = rest
        told = {
            "type": kind,
            "id": name,
            "ref": f"{controller_id or 0}.{topic_id or 0}.{cause}.{sender}",
            "channel": channel,
            "scope": self._scope(controller_id, topic_id, sender if only else ""),
            "topic": topic_id,
            "since": since,
            "until": until,
            "evidence": event_id,
            "recorded_at": recorded_at,
        }
        if cause:
            return told | {"reason": CAUSES[cause].reason, "cause": cause, "sender": sender if only else None}
        return told | {"confirmed": confirmed, "notice": notice_slug or None, "notice_version": notice_version}

    def _scope(self, controller_id: int | None, topic_id: int | None, sender: str) -> str:
        place = (controller_id, topic_id, sender)
        known = self._places.get(place)
        if known is None:
            known = self._places[place] = self._snapshot.scope_name(Scope(controller_id, topic_id), sender)
        return known


def rules(snapshot: Snapshot, controller_id: int, known_version: int = 0) -> dict[str, Any]:
    """All that a copy needs to decide by what it has; only the version where that is known already."""
    if known_version == snapshot.version:
        return {"version": snapshot.version}
    topics = [topic for topic in snapshot.topics.values() if topic.controller_id == controller_id]
    return {
        "version": snapshot.version,
        "topics": {
            topic.slug: {
                "id": topic.id,
                "class": topic.topic_class,
                "basis": {channel: carried.basis for channel, carried in topic.channels.items()},
            }
            for topic in topics
        },
        "silences": {cause: sorted(CAUSES[cause].silences) for cause in Cause.values},
        "held_silences": {channel: sorted(classes) for channel, classes in HOLD_SILENCES.items()},
        "material": [
            {"notice": slug, "topic": topic_id, "version": version}
            for (owner, topic_id, slug), version in snapshot.material.items()
            if owner == controller_id
        ],
    }


def held(rows: Iterable[Held] | None, controller_id: int, known_version: str = "") -> dict[str, Any]:
    """What is held; only the version where that is known already. `all` says that it is too much to be listed."""
    if rows is None:
        return {"version": "all", "all": True, "rows": []}
    named = sorted({(name, row.topic_id or 0) for name, row in _named(list(rows), controller_id)})
    version = hashlib.blake2b(repr(named).encode(), digest_size=_VERSION_BYTES).hexdigest()
    if version == known_version:
        return {"version": version}
    return {"version": version, "all": False, "rows": [{"id": name, "topic": topic or None} for name, topic in named]}


def _named(rows: Sequence[Held], controller_id: int) -> Iterator[tuple[str, Held]]:
    yield from zip(ids_of(controller_id, [row.key for row in rows]), rows, strict=True)
