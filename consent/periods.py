"""The end of the time in which a number was a person's. What a former holder said stays theirs, and apart."""

from consent import db
from consent.models.vocabulary import Action
from consent.resolve import Made

_END = """
WITH disconnected (key, controller_id, at) AS (
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[])
    UNION ALL
    SELECT key, controller_id, occurred_at FROM consent_consentevent
    WHERE key = ANY(%s) AND channel = 'sms' AND action = %s AND cause = ''
), ended AS (
    SELECT period.id, min(d.at) AS at
    FROM disconnected d
    JOIN consent_contactperiod period ON period.contact_point_id = d.key AND period.since <= d.at
    JOIN consent_person person ON person.id = period.person_id
         AND (d.controller_id IS NULL OR d.controller_id = person.controller_id)
    GROUP BY period.id
)
UPDATE consent_contactperiod p SET until = ended.at
FROM ended WHERE p.id = ended.id AND (p.until IS NULL OR p.until > ended.at)
"""


def end_periods(made: Made) -> None:
    """End the periods of disconnected numbers that had begun by then: a period ends with the first disconnection after
    its beginning, in whatever order people and disconnections are told of."""
    gone = [one for _, decision in made for one in decision.disconnected]
    named = [person.key for _, decision in made for person in decision.people]
    if gone or named:
        columns = [list(column) for column in zip(*gone, strict=True)] or [[], [], []]
        db.fetch(_END, [*columns, named, Action.INVALIDATE.value])
