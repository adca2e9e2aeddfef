"""A word about an address reaches the other addresses of the same person: the ways that moves opened, in the database.

`ledger.record` asks here under its lock. Ways may form chains and circles; each key is reached once, and each key gets
a line once, however many ways lead there.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from consent import db
from consent.configuration import Scope
from consent.moving import travels
from consent.normalise.keys import Key

if TYPE_CHECKING:
    from consent.ledger import Entry

_REACHED = """
WITH RECURSIVE said (place, key, controller_id, at) AS (
    SELECT * FROM unnest(%b::int[], %b::uuid[], %b::bigint[], %b::timestamptz[])
), reached (place, controller_id, key, at) AS (
    SELECT said.place, move.controller_id, move.new_key, said.at
    FROM said JOIN consent_move move ON move.old_key = said.key
         AND (said.controller_id IS NULL OR said.controller_id = move.controller_id)
         AND (move.until IS NULL OR said.at <= move.until)
    UNION
    SELECT reached.place, reached.controller_id, move.new_key, reached.at
    FROM reached JOIN consent_move move ON move.old_key = reached.key
         AND move.controller_id = reached.controller_id AND (move.until IS NULL OR reached.at <= move.until)
)
SELECT place, controller_id, uuid_send(key) FROM reached ORDER BY place, controller_id, key
"""


def copies(ids: Sequence[UUID], entries: "Sequence[Entry]") -> "list[Entry]":
    """The entries that these ones, which get `ids`, ask for at other addresses. What reaches everyone reaches there
    only within the controller that told of the move."""
    going = [place for place, entry in enumerate(entries) if travels(entry.action, entry.cause) or entry.undoes]
    reached = _reached([(place, entries[place]) for place in going])
    if not reached:
        return []
    origins = {place: entries[place].carried_from or ids[place] for place in going}
    there = {(bytes(entries[place].key), origin) for place, origin in origins.items()}
    there |= known([key for _, _, key in reached], list(origins.values()))
    ordinals = _free_ordinals([entries[place].inbound_id for place, _, _ in reached])
    made = []
    for place, controller_id, key in reached:
        if (key, origins[place]) not in there:
            there.add((key, origins[place]))
            entry = entries[place]
            ordinals[entry.inbound_id] -= 1
            scope = entry.scope if entry.scope.controller_id else Scope(controller_id, None)
            number, origin = ordinals[entry.inbound_id], origins[place]
            made.append(entry._replace(ordinal=number, key=Key(key), scope=scope, carried_from=origin))
    return made


def _reached(said: "Sequence[tuple[int, Entry]]") -> list[tuple[int, int, bytes]]:
    left = _left([entry.key for _, entry in said])
    said = [(place, entry) for place, entry in said if bytes(entry.key) in left]
    if not said:
        return []
    rows = [(place, entry.key, entry.scope.controller_id, entry.occurred_at) for place, entry in said]
    return [
        (row[0], row[1], bytes(row[2])) for row in db.fetch(_REACHED, [list(one) for one in zip(*rows, strict=True)])
    ]


def _left(keys: Sequence[bytes]) -> set[bytes]:
    """Which of these keys somebody left. For nearly every word it is none, and that costs little."""
    if not keys:
        return set()
    sql = "SELECT DISTINCT uuid_send(old_key) FROM consent_move WHERE old_key = ANY(%b)"
    return {bytes(row[0]) for row in db.fetch(sql, [[Key(key) for key in keys]])}


def known(keys: Sequence[bytes], origins: Sequence[UUID]) -> set[tuple[bytes, UUID]]:
    """Which of these keys have which of these lines already, as their own or carried there."""
    sql = """
        SELECT uuid_send(key), COALESCE(carried_from, id) FROM consent_consentevent
        WHERE key = ANY(%s) AND COALESCE(carried_from, id) = ANY(%s)
    """
    wanted = [Key(key) for key in sorted(set(keys))]
    return {(bytes(key), origin) for key, origin in db.fetch(sql, [wanted, list(set(origins))])}


def _free_ordinals(inbounds: Iterable[UUID]) -> dict[UUID, int]:
    """Per inbound the lowest ordinal in use. What is carried counts down from there, what was said counts up."""
    wanted = list(set(inbounds))
    sql = "SELECT inbound_id, min(ordinal) FROM consent_consentevent WHERE inbound_id = ANY(%s) GROUP BY inbound_id"
    return dict.fromkeys(wanted, 0) | {inbound: min(lowest, 0) for inbound, lowest in db.fetch(sql, [wanted])}


_HOLD_ALONG = """
WITH RECURSIVE reached (hold_id, controller_id, key, at) AS (
    SELECT hold.id, move.controller_id, move.new_key, hold.since
    FROM consent_hold hold JOIN consent_move move ON move.old_key = hold.key
         AND (hold.controller_id IS NULL OR hold.controller_id = move.controller_id)
         AND (move.until IS NULL OR hold.since <= move.until)
    WHERE hold.key = ANY(%s) AND hold.inbound_id = ANY(%s)
    UNION
    SELECT reached.hold_id, reached.controller_id, move.new_key, reached.at
    FROM reached JOIN consent_move move ON move.old_key = reached.key
         AND move.controller_id = reached.controller_id AND (move.until IS NULL OR reached.at <= move.until)
)
INSERT INTO consent_hold (inbound_id, key, controller_id, topic_id, since)
SELECT DISTINCT hold.inbound_id, reached.key, reached.controller_id, hold.topic_id, hold.since
FROM reached JOIN consent_hold hold ON hold.id = reached.hold_id
WHERE NOT EXISTS (
    SELECT FROM consent_hold other WHERE other.inbound_id = hold.inbound_id AND other.key = reached.key
    AND (other.controller_id IS NULL OR other.controller_id = reached.controller_id)
    AND (other.topic_id IS NULL OR other.topic_id = hold.topic_id)
)
"""


# What somebody else is settling at this moment is skipped: it asks for the ways itself once it has the ledger's lock,
# and a hold copied beside its work would outlive it.
_STANDING = """
SELECT id FROM consent_inbound
WHERE id IN (SELECT inbound_id FROM consent_hold WHERE key = ANY(%s)) AND state <> 'done' FOR UPDATE SKIP LOCKED
"""


def hold_along(keys: Iterable[bytes]) -> None:
    """What is held at these keys, and waits for its turn or for staff, is held where their people went too. What comes
    later is held there as it comes (consent/inbox.py)."""
    wanted = [Key(key) for key in sorted(set(keys))]
    if wanted:
        inbounds = [row[0] for row in db.fetch(_STANDING, [wanted])]
        db.fetch(_HOLD_ALONG, [wanted, inbounds])


_END = """
UPDATE consent_move ended SET until = gone.at
FROM (
    SELECT move.id, min(event.occurred_at) AS at
    FROM consent_move move JOIN consent_consentevent event ON event.key = move.old_key
         AND (event.controller_id IS NULL OR event.controller_id = move.controller_id)
         AND event.occurred_at >= move.left_at
    WHERE move.old_key = ANY(%s) AND event.channel = 'sms' AND event.action = 'invalidate' AND event.cause = ''
    GROUP BY move.id
) gone
WHERE ended.id = gone.id AND (ended.until IS NULL OR ended.until > gone.at)
"""


def end_with_numbers(keys: Iterable[bytes]) -> None:
    """Once a number that somebody left was disconnected, what is said from it is its next holder's."""
    wanted = [Key(key) for key in sorted(set(keys))]
    if wanted:
        db.fetch(_END, [wanted])
