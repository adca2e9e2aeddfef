"""Genuine events of a kind that no adapter knows, counted by account and name."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from consent import db

MOST = 20_000  # of the newest; a list of unknown events is for what is new


class UnknownEvents(NamedTuple):
    """How often an account sent an event, since the id that was asked for, and when the last one came."""

    source: str
    endpoint: str
    event: str
    times: int
    last: datetime
    last_id: UUID


_SQL = """
SELECT source, endpoint, rule, count(*), max(received_at), (array_agg(id ORDER BY id DESC))[1]
FROM (
    SELECT id, source, endpoint, rule, received_at FROM consent_inbound
    WHERE outcome = 'unknown' AND id >= %s ORDER BY id DESC LIMIT %s
) AS newest
GROUP BY source, endpoint, rule ORDER BY count(*) DESC, source, endpoint, rule
"""


def unknown_events(since: UUID, most: int = MOST) -> list[UnknownEvents]:
    """The newest `most` unknown events since a row's id, the most frequent first."""
    return [UnknownEvents._make(row) for row in db.fetch_again(_SQL, [since, most])]


def first_id_at(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a millisecond: ids sort by their time, so the primary key is the index of the arrival."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
