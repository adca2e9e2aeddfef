"""Which list, and which version of it, said what: for people. «DMAchoice, version 3 of 2026-10-01»."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from consent import db

MARK = "list:"  # what `ConsentEvent.sender` of a list's lines begins with

_OF_INBOUNDS = """
SELECT i.id, l.name, v.number, v.as_of FROM consent_inbound i
JOIN consent_listversion v ON i.endpoint = v.id::text JOIN consent_outsidelist l ON l.id = v.outside_list_id
WHERE i.id = ANY(%s)
"""
_OF_EVENTS = """
SELECT e.id, l.name, v.number, v.as_of, m.number, last.as_of FROM consent_consentevent e
JOIN consent_inbound i ON i.id = e.inbound_id
JOIN consent_listversion v ON i.endpoint = v.id::text JOIN consent_outsidelist l ON l.id = v.outside_list_id
LEFT JOIN consent_listmember m ON m.outside_list_id = l.id AND m.key = e.key
LEFT JOIN consent_listversion last ON last.outside_list_id = l.id AND last.number = m.number
WHERE e.id = ANY(%s)
"""


def is_list(sender: str) -> bool:
    """Whether a line's `sender` is no number of ours but a list."""
    return sender.startswith(MARK)


def versions_of(inbounds: Iterable[UUID]) -> Mapping[UUID, str]:
    """The versions whose rows these inbounds keep, by the inbound; others are left out."""
    wanted = list(set(inbounds))
    rows = db.fetch(_OF_INBOUNDS, [wanted]) if wanted else []
    return {inbound: _named(*version) for inbound, *version in rows}


def entries_of(events: Sequence[UUID]) -> Mapping[UUID, str]:
    """The versions behind these lines, and the last that still named the entry, by the line."""
    rows = db.fetch(_OF_EVENTS, [list(events)]) if events else []
    named = {}
    for event, name, number, as_of, last, last_as_of in rows:
        still = f"; still in version {last} of {last_as_of}" if last and last > number else ""
        named[event] = _named(name, number, as_of) + still
    return named


def _named(name: str, number: int, as_of: object) -> str:
    return f"{name}, version {number} of {as_of}"
