"""From what was decided to the rows beside the ledger: addresses, people, reviews. What is personal is sealed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from consent import db, neighbours, vault
from consent.addresses import Contact
from consent.decision import Arrived, Decision, Doubt, Seen
from consent.models.fields import public_id
from consent.normalise.keys import Key

VALUE_PURPOSE = "contact.value"
NAME_PURPOSE = "person.name"
Made = Iterable[tuple[Arrived, Decision]]

_ADDRESSES = """
INSERT INTO consent_contactpoint (key, channel, sealed_value, first_seen)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::bytea[], %b::timestamptz[])
ON CONFLICT (key) DO UPDATE SET sealed_value = COALESCE(consent_contactpoint.sealed_value, EXCLUDED.sealed_value)
WHERE consent_contactpoint.sealed_value IS NULL
"""


def keep_addresses(made: Made) -> None:
    """Keep the addresses that came up, in the order of their keys, so that two writers cannot wait for each other."""
    _keep({seen.key: (seen, arrived.received_at) for arrived, decision in made for seen in decision.seen})


def keep_address(seen: Seen, first_seen: datetime) -> None:
    """Keep one address."""
    _keep({seen.key: (seen, first_seen)})


def _keep(seen: dict[bytes, tuple[Seen, datetime]]) -> None:
    if not seen:
        return
    rows = [
        (key, one.channel, vault.seal(VALUE_PURPOSE, one.normal.encode()), first_seen)
        for key, (one, first_seen) in sorted(seen.items())
    ]
    db.fetch(_ADDRESSES, [list(column) for column in zip(*rows, strict=True)])
    neighbours.keep(Contact(one.channel, one.normal, (), (Key(one.key),), one.home) for one, _ in seen.values())


def keep_people(made: Made) -> None:
    """Keep the people that a controller named, and since when an address is theirs."""
    for arrived, decision in made:
        for person in decision.people:
            person_id = person_id_of(arrived.controller_id, person.external_id, person.name)
            begin_period(person_id, person.key, arrived.received_at)


def keep_languages(made: Made) -> None:
    """Keep in which languages people want to be written to, at addresses that are known."""
    spoken = {one.key: one.language for _, decision in made for one in decision.spoken}
    if spoken:
        sql = """
            UPDATE consent_contactpoint point SET language = said.language
            FROM unnest(%s::uuid[], %s::text[]) AS said (key, language) WHERE point.key = said.key
        """
        db.fetch(sql, [[Key(key) for key in spoken], list(spoken.values())])


def person_id_of(controller_id: int, external_id: str, name: str = "") -> UUID:
    """The person of that id, kept with the name; of one that turned out to be another one, that other one."""
    sealed = vault.seal(NAME_PURPOSE, name.encode()) if name else None
    sql = """
        INSERT INTO consent_person (id, controller_id, external_id, sealed_name, created_at) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (controller_id, external_id)
        DO UPDATE SET sealed_name = COALESCE(EXCLUDED.sealed_name, consent_person.sealed_name)
        RETURNING id, merged_into_id
    """
    [[found, merged_into]] = db.fetch(sql, [public_id(), controller_id, external_id, sealed, timezone.now()])
    return found if merged_into is None else _whom(found)


def _whom(person_id: UUID) -> UUID:
    sql = """
        WITH RECURSIVE same (id, next, depth) AS (
            SELECT id, merged_into_id, 0 FROM consent_person WHERE id = %s
            UNION ALL
            SELECT p.id, p.merged_into_id, same.depth + 1 FROM same JOIN consent_person p ON p.id = same.next
            WHERE same.depth < 50
        )
        SELECT id FROM same ORDER BY depth DESC LIMIT 1
    """
    [[found]] = db.fetch(sql, [person_id])
    known: UUID = found
    return known


def begin_period(person_id: UUID, key: bytes, since: datetime) -> None:
    """Begin a period, unless it is known that they left that address later: then it is over, and was theirs before."""
    sql = """
        WITH over AS (
            UPDATE consent_contactperiod SET since = LEAST(since, %(since)s)
            WHERE person_id = %(person)s AND contact_point_id = %(key)s
                  AND until > %(since)s AND (since <= %(since)s OR since = until)
            RETURNING 1
        )
        INSERT INTO consent_contactperiod (person_id, contact_point_id, since)
        SELECT %(person)s, %(key)s, %(since)s WHERE NOT EXISTS (SELECT FROM over)
        ON CONFLICT (person_id, contact_point_id) WHERE until IS NULL DO NOTHING
    """
    db.fetch(sql, {"person": person_id, "key": key, "since": since})


def open_reviews(made: Made) -> None:
    """Open a review a doubt. Only what is in doubt stays held, by its review."""
    for arrived, decision in made:
        if decision.doubts:
            db.fetch("DELETE FROM consent_hold WHERE inbound_id = %s", [arrived.id])
        for doubt in decision.doubts:
            _open_review(arrived, doubt)


_REVIEW = """
WITH opened AS (
    INSERT INTO consent_review (id, inbound_id, channel, suggestion, opened_at, decision, reason)
    VALUES (%s, %s, %s, %s, %s, '', '') RETURNING id
)
INSERT INTO consent_hold (inbound_id, review_id, key, controller_id, since)
SELECT %s, opened.id, h.key, %s, %s FROM opened, unnest(%s::uuid[]) AS h (key)
"""


def _open_review(arrived: Arrived, doubt: Doubt) -> None:
    opened = [public_id(), arrived.id, doubt.channel, doubt.suggestion, timezone.now()]
    db.fetch(_REVIEW, [*opened, arrived.id, arrived.controller_id, arrived.received_at, list(doubt.keys)])
