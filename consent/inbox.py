"""accept(): the only way in. One statement keeps what arrived and denies; only then do we say that we have it.

The inbound row is the queue, and its holds deny from the commit on, so whatever happens to the worker, the broker or
this process afterwards, nothing is lost and nobody is told "allowed". Ringing the doorbell only makes it quicker.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import db, doorbell, vault
from consent.configuration import Scope
from consent.intake.contract import Message
from consent.models.fields import public_id
from consent.normalise.keys import Key

RAW_PURPOSE = "inbound.raw"


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a request: its bytes and headers, and the message read from it where one request holds several.

    `part_of` names the inbound that keeps the bytes of a request of several messages.
    """

    body: bytes = b""
    headers: Mapping[str, str] = {}
    url: str = ""
    message: Message | None = None
    part_of: UUID | None = None

    def pack(self) -> bytes:
        return msgspec.msgpack.encode(self)


_unpack = msgspec.msgpack.Decoder(Envelope)


def open_envelope(sealed: bytes | memoryview) -> Envelope:
    """Unseal and read an inbound's envelope."""
    return _unpack.decode(vault.unseal(RAW_PURPOSE, sealed))


class Arrival(msgspec.Struct, frozen=True):
    """What `accept` takes. `holds` says which keys are denied, and how widely, until it has been worked off.

    `same` are the parts that make a repeated delivery the same one; without them each delivery is its own.
    """

    controller_id: int
    source: str
    channel: str
    envelope: Envelope
    holds: Sequence[tuple[Key, Scope]]
    endpoint: str = ""
    actor: str = ""
    verified: bool = True
    same: Sequence[str] = ()
    received_at: datetime | None = None
    digest: bytes | None = None  # of the whole request, where the envelope holds only a part of it


class Accepted(NamedTuple):
    """The inbound's id. `again`: it had been accepted before, and nothing was written now."""

    id: UUID
    again: bool


_INSERT = """
WITH arrived AS (
    INSERT INTO consent_inbound (id, controller_id, source, channel, endpoint, actor, received_at, verified, sealed_raw,
                                 digest, dedupe, state, attempts, next_try_at, outcome, rule, error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'pending', 0, %s, '', '', '')
    ON CONFLICT (dedupe) WHERE dedupe IS NOT NULL DO NOTHING
    RETURNING id, received_at
), held AS (
    INSERT INTO consent_hold (inbound_id, key, controller_id, topic_id, since)
    SELECT arrived.id, h.key, h.controller_id, h.topic_id, arrived.received_at
    FROM arrived, unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS h (key, controller_id, topic_id)
)
SELECT id FROM arrived
"""


def accept(arrival: Arrival) -> Accepted:
    """Keep an arrival. When this returns outside a transaction, it is committed and obeyed.

    A repeated delivery is recognised and kept once. Raises a database error when it could not be kept: the caller
    then says 5xx (or 451), never 2xx.
    """
    new_id = public_id()
    dedupe = _dedupe(arrival)
    rows = db.fetch_again(_INSERT, _parameters(arrival, new_id, dedupe))
    transaction.on_commit(doorbell.ring, robust=True)
    if rows:
        return Accepted(new_id, again=False)
    [[known_id]] = db.fetch("SELECT id FROM consent_inbound WHERE dedupe = %s", [dedupe])
    return Accepted(known_id, again=True)


_INSERT_MANY = """
WITH arrived AS (
    INSERT INTO consent_inbound (id, controller_id, source, channel, endpoint, actor, received_at, verified, sealed_raw,
                                 digest, dedupe, state, attempts, next_try_at, outcome, rule, error)
    SELECT a.id, a.controller_id, a.source, a.channel, a.endpoint, a.actor, a.received_at, a.verified, a.sealed_raw,
           a.digest, a.dedupe, 'pending', 0, a.next_try_at, '', '', ''
    FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
                %s::bool[], %b::bytea[], %b::bytea[], %b::bytea[], %s::timestamptz[])
         AS a (id, controller_id, source, channel, endpoint, actor, received_at, verified, sealed_raw, digest, dedupe,
               next_try_at)
    ON CONFLICT (dedupe) WHERE dedupe IS NOT NULL DO NOTHING
    RETURNING id, dedupe, received_at
), held AS (
    INSERT INTO consent_hold (inbound_id, key, controller_id, topic_id, since)
    SELECT arrived.id, h.key, h.controller_id, h.topic_id, arrived.received_at
    FROM arrived
    JOIN unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[]) AS h (inbound_id, key, controller_id, topic_id)
         ON h.inbound_id = arrived.id
)
SELECT id FROM arrived
"""


def accept_many(arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Keep many arrivals in one statement: all of them or, if it raises, none. In other respects as `accept`.

    For lists, whose rows are words of their own.
    """
    rows: list[tuple[Any, ...]] = []
    holds: list[tuple[Any, ...]] = []
    for arrival in arrivals:
        new_id, dedupe = public_id(), _dedupe(arrival)
        rows.append(tuple(_parameters(arrival, new_id, dedupe)[:_COLUMNS]))
        holds += [(new_id, key, *scope) for key, scope in arrival.holds]
    # In the order of what must not be there twice, so that two lists at once cannot wait for each other.
    columns = _columns(sorted(rows, key=lambda row: row[_DEDUPE] or b""), _COLUMNS)
    new = {row[0] for row in db.fetch_again(_INSERT_MANY, [*columns, *_columns(holds, 4)])}
    transaction.on_commit(doorbell.ring, robust=True)
    known = _known([row[_DEDUPE] for row in rows if row[0] not in new])
    return [Accepted(row[0], False) if row[0] in new else Accepted(known[row[_DEDUPE]], True) for row in rows]


_COLUMNS, _DEDUPE = 12, 10  # of `_parameters`: how many belong to the inbound, and which tells it apart


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _known(dedupes: Sequence[bytes]) -> dict[bytes, UUID]:
    rows = db.fetch("SELECT dedupe, id FROM consent_inbound WHERE dedupe = ANY(%b)", [list(dedupes)])
    return {bytes(dedupe): known_id for dedupe, known_id in rows}


def _parameters(arrival: Arrival, new_id: UUID, dedupe: bytes | None) -> list[object]:
    now = arrival.received_at or timezone.now()
    envelope = arrival.envelope
    return [
        new_id,
        arrival.controller_id,
        arrival.source,
        arrival.channel,
        arrival.endpoint,
        arrival.actor,
        now,
        arrival.verified,
        vault.seal(RAW_PURPOSE, envelope.pack()),
        arrival.digest or hashlib.sha256(envelope.body).digest(),
        dedupe,
        now,
        [key for key, _ in arrival.holds],
        [scope.controller_id for _, scope in arrival.holds],
        [scope.topic_id for _, scope in arrival.holds],
    ]


def _dedupe(arrival: Arrival) -> bytes | None:
    return _fingerprint(arrival.source, arrival.endpoint, *arrival.same) if arrival.same else None


def _fingerprint(*parts: str) -> bytes:
    # Each part with its length, so that no two different lists of parts read the same.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
