"""accept(): the only way in. One statement keeps what arrived and denies; only then do we say that we have it.

The inbound row is the queue, and its holds deny from the commit on, so whatever happens to the worker, the broker or
this process afterwards, nothing is lost and nobody is told "allowed". Ringing the doorbell only makes it quicker.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import db, doorbell, neighbours, vault
from consent.addresses import Contact
from consent.configuration import Scope
from consent.intake.contract import Message
from consent.intake.mail_event import MailEvent
from consent.intake.mail_notice import MailNotice
from consent.models.fields import public_id
from consent.normalise.keys import Key
from consent.prepared import BYTES, IDENTIFIER, KEYS, MOMENT, NUMBER, NUMBERS, TEXT, TRUTH, Statement

RAW_PURPOSE = "inbound.raw"
PARTS_TOGETHER = timedelta(seconds=5)  # what the pipeline leaves a long text's other parts to arrive


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a request: its bytes and headers, and the message, event or notice read from it where one request
    holds several.

    `part_of` names the inbound that keeps the bytes of a request of several messages.
    """

    body: bytes = b""
    headers: Mapping[str, str] = {}
    url: str = ""
    message: Message | None = None
    part_of: UUID | None = None
    mail_event: MailEvent | None = None
    mail_notice: MailNotice | None = None

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
    thread: bytes | None = None  # what the parts of one long text have in common
    digest: bytes | None = None  # of the whole request, where the envelope holds only a part of it
    homes: Sequence[Contact] = ()  # the postal addresses that the holds are about: denied however they are written


class Accepted(NamedTuple):
    """The inbound's id. `again`: it had been accepted before, and nothing was written now."""

    id: UUID
    again: bool


# In the statement that keeps them: a hold that was added later could outlive what the pipeline has settled meanwhile.
_HELD = """
), reached AS (
    SELECT * FROM said
    UNION
    SELECT reached.id, reached.received_at, move.new_key, move.controller_id, reached.topic_id
    FROM reached JOIN consent_move move ON move.old_key = reached.key
         AND (reached.controller_id IS NULL OR reached.controller_id = move.controller_id)
         AND (move.until IS NULL OR reached.received_at <= move.until)
), held AS (
    INSERT INTO consent_hold (inbound_id, key, controller_id, topic_id, since)
    SELECT id, key, controller_id, topic_id, received_at FROM reached
)
SELECT id FROM arrived
"""
"""What was said is held, and held where its people went since (consent/following.py)."""

_INSERT = Statement(
    "sayso_accept",
    """
WITH RECURSIVE arrived AS (
    INSERT INTO consent_inbound (id, controller_id, source, channel, endpoint, actor, received_at, verified, sealed_raw,
                                 digest, dedupe, state, attempts, next_try_at, outcome, rule, error)
    VALUES (%(id)s, %(controller)s, %(source)s, %(channel)s, %(endpoint)s, %(actor)s, %(received_at)s, %(verified)s,
            %(sealed_raw)s, %(digest)s, %(dedupe)s, 'pending', 0, %(received_at)s, '', '', '')
    ON CONFLICT (dedupe) WHERE dedupe IS NOT NULL DO NOTHING
    RETURNING id, received_at
), said AS (
    SELECT arrived.id, arrived.received_at, h.key, h.controller_id, h.topic_id
    FROM arrived, unnest(%(keys)s::uuid[], %(controllers)s::bigint[], %(topics)s::bigint[])
         AS h (key, controller_id, topic_id)
"""  # noqa: S608  (texts of ours)
    + _HELD,
    {
        "id": IDENTIFIER,
        "controller": NUMBER,
        "source": TEXT,
        "channel": TEXT,
        "endpoint": TEXT,
        "actor": TEXT,
        "received_at": MOMENT,
        "verified": TRUTH,
        "sealed_raw": BYTES,
        "digest": BYTES,
        "dedupe": BYTES,
        "keys": KEYS,
        "controllers": NUMBERS,
        "topics": NUMBERS,
    },
)


def accept(arrival: Arrival) -> Accepted:
    """Keep an arrival. When this returns outside a transaction, it is committed and obeyed.

    A repeated delivery is recognised and kept once. Raises a database error when it could not be kept: the caller
    then says 5xx (or 451), never 2xx.
    """
    if arrival.thread is None and not arrival.homes:
        return _accept(arrival)
    with transaction.atomic():
        accepted = _accept(arrival)
        if not accepted.again:
            neighbours.keep(arrival.homes)
        if arrival.thread is not None and not accepted.again:
            db.fetch("INSERT INTO consent_part (inbound_id, thread) VALUES (%s, %s)", [accepted.id, arrival.thread])
            db.fetch(_WAIT, [PARTS_TOGETHER, accepted.id])
    return accepted


_WAIT = "UPDATE consent_inbound SET next_try_at = received_at + %s WHERE id = %s"


def _accept(arrival: Arrival) -> Accepted:
    new_id = public_id()
    dedupe = _dedupe(arrival)
    rows = _INSERT.fetch(_parameters(arrival, new_id, dedupe))
    transaction.on_commit(doorbell.ring, robust=True)
    if rows:
        return Accepted(new_id, again=False)
    [[known_id]] = db.fetch("SELECT id FROM consent_inbound WHERE dedupe = %s", [dedupe])
    return Accepted(known_id, again=True)


_OF_INBOUND = (
    *("id", "controller", "source", "channel", "endpoint", "actor", "received_at", "verified", "sealed_raw", "digest"),
    "dedupe",
)
_INSERT_MANY = (
    """
WITH RECURSIVE arrived AS (
    INSERT INTO consent_inbound (id, controller_id, source, channel, endpoint, actor, received_at, verified, sealed_raw,
                                 digest, dedupe, state, attempts, next_try_at, outcome, rule, error)
    SELECT a.id, a.controller_id, a.source, a.channel, a.endpoint, a.actor, a.received_at, a.verified, a.sealed_raw,
           a.digest, a.dedupe, 'pending', 0, a.received_at, '', '', ''
    FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
                %s::bool[], %b::bytea[], %b::bytea[], %b::bytea[])
         AS a (id, controller_id, source, channel, endpoint, actor, received_at, verified, sealed_raw, digest, dedupe)
    ON CONFLICT (dedupe) WHERE dedupe IS NOT NULL DO NOTHING
    RETURNING id, dedupe, received_at
), said AS (
    SELECT arrived.id, arrived.received_at, h.key, h.controller_id, h.topic_id
    FROM arrived
    JOIN unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[]) AS h (inbound_id, key, controller_id, topic_id)
         ON h.inbound_id = arrived.id
"""  # noqa: S608  (texts of ours)
    + _HELD
)


def accept_many(arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Keep many arrivals at once: all of them or, if it raises, none. In other respects as `accept`.

    For lists, whose rows are words of their own, and never parts of one.
    """
    homes = [home for arrival in arrivals for home in arrival.homes]
    if not homes:
        return _accept_many(arrivals)
    with transaction.atomic():
        neighbours.keep(homes)
        return _accept_many(arrivals)


def _accept_many(arrivals: Sequence[Arrival]) -> list[Accepted]:
    rows = [_parameters(arrival, public_id(), _dedupe(arrival)) for arrival in arrivals]
    holds = [
        (row["id"], key, *scope) for row, arrival in zip(rows, arrivals, strict=True) for key, scope in arrival.holds
    ]
    # In the order of what must not be there twice, so that two lists at once cannot wait for each other.
    ordered = sorted(rows, key=lambda row: row["dedupe"] or b"")
    columns = [[row[name] for row in ordered] for name in _OF_INBOUND]
    held = [list(column) for column in zip(*holds, strict=True)] or [[], [], [], []]
    new = {row[0] for row in db.fetch_again(_INSERT_MANY, [*columns, *held])}
    transaction.on_commit(doorbell.ring, robust=True)
    known = _known([row["dedupe"] for row in rows if row["id"] not in new])
    return [
        Accepted(row["id"], again=False) if row["id"] in new else Accepted(known[row["dedupe"]], again=True)
        for row in rows
    ]


def _known(dedupes: Sequence[bytes]) -> dict[bytes, UUID]:
    rows = db.fetch("SELECT dedupe, id FROM consent_inbound WHERE dedupe = ANY(%b)", [list(dedupes)])
    return {bytes(dedupe): known_id for dedupe, known_id in rows}


def _parameters(arrival: Arrival, new_id: UUID, dedupe: bytes | None) -> dict[str, Any]:
    envelope, scopes = arrival.envelope, [scope for _, scope in arrival.holds]
    return {
        "id": new_id,
        "controller": arrival.controller_id,
        "source": arrival.source,
        "channel": arrival.channel,
        "endpoint": arrival.endpoint,
        "actor": arrival.actor,
        "received_at": arrival.received_at or timezone.now(),
        "verified": arrival.verified,
        "sealed_raw": vault.seal(RAW_PURPOSE, envelope.pack()),
        "digest": arrival.digest or hashlib.sha256(envelope.body).digest(),
        "dedupe": dedupe,
        "keys": [key for key, _ in arrival.holds],
        "controllers": [scope.controller_id for scope in scopes],
        "topics": [scope.topic_id for scope in scopes],
    }


def _dedupe(arrival: Arrival) -> bytes | None:
    return fingerprint(arrival.source, arrival.endpoint, *arrival.same) if arrival.same else None


def fingerprint(*parts: str) -> bytes:
    """16 bytes that stand for some texts."""
    # Each part with its length, so that no two different lists of parts read the same.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
