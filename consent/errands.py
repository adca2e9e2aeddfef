"""The outbox: written in the transaction that decides, done by whoever is free, marked after it is done.

A row is claimed and committed as an attempt; then the call is made with no transaction open; then the row is marked. A
text must not go out twice. So what cannot be known to have failed (a time-out after the request was sent, a process
that died over it) is not tried again, except at a gateway whose API sends one text for one key. What was surely not
sent is tried again with growing waits, until its time is over: nothing is begun late.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import db, doorbell, vault
from consent.decision import Answer, Arrived, Wanted
from consent.models.errand import ErrandKind, ErrandState, ErrandWay
from consent.models.fields import public_id
from consent.normalise.keys import Key
from consent.numbers import our_number
from consent.outgoing.contract import Text

PAYLOAD_PURPOSE = "errand.payload"
GIVE_UP = {  # after the request was received
    ErrandKind.REPLY: timedelta(minutes=5),  # 47 CFR 64.1200(a)(12)
    ErrandKind.CONFIRM: timedelta(days=2),  # SNS: the token of a subscription is valid for three days
    ErrandKind.FETCH: timedelta(days=3),  # as long as a letter would wait for a mail server that is away
    ErrandKind.CODE: timedelta(minutes=10),  # as long as a code is valid: nobody waits longer at the page
    ErrandKind.RIGHTS: timedelta(days=3),
    ErrandKind.FORWARD: timedelta(days=3),
    ErrandKind.DECIDED: timedelta(days=3),
    ErrandKind.MAIL: timedelta(days=3),  # as long as mail servers themselves try (RFC 5321 §4.5.4.1: 4-5 days at most)
}

# What may wait for days. Everything else has minutes.
LETTERS = frozenset({ErrandKind.MAIL, ErrandKind.RIGHTS, ErrandKind.FORWARD, ErrandKind.DECIDED})


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed in a row: a text's parts, a letter's, or the URL to be fetched."""

    to: str = ""
    sender: str = ""
    text: str = ""
    url: str = ""
    answer: Answer | None = None


_unpack = msgspec.msgpack.Decoder(Payload)


def open_payload(sealed: bytes | memoryview) -> Payload:
    """Unseal an errand's payload."""
    return _unpack.decode(vault.unseal(PAYLOAD_PURPOSE, sealed))


def text_of(errand_id: UUID, one: Wanted) -> Text:
    """The text of a reply."""
    return Text(one.to, one.sender, one.text, str(errand_id))


_WRITE = """
INSERT INTO consent_errand
    (id, kind, way, purpose, controller_id, provider, endpoint, inbound_id, key, sender, topics, sealed_payload, state,
     attempts, made_at, next_try_at, give_up_at, error, gateway_id, done_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', '', %s)
ON CONFLICT (inbound_id, kind) DO NOTHING RETURNING id
"""


def write(wanted: Sequence[tuple[Arrived, Wanted]]) -> list[UUID]:
    """Write errands in the caller's transaction, each once however often its inbound is worked on. Return their ids.

    One that the response to the gateway's post takes along is done with its row.
    """
    db.assert_in_transaction()
    written = [row[0] for arrived, one in wanted for row in db.fetch(_WRITE, _columns(arrived, one))]
    if any(one.way != ErrandWay.RESPONSE for _, one in wanted):
        transaction.on_commit(doorbell.ring_errands, robust=True)
    return written


def _columns(arrived: Arrived, one: Wanted) -> list[object]:
    now, by_call = timezone.now(), one.way != ErrandWay.RESPONSE
    provider = one.provider or arrived.source.partition(":")[2] or arrived.source
    payload = Payload(one.to, one.sender, one.text, one.url, one.answer)
    sealed = vault.seal(PAYLOAD_PURPOSE, msgspec.msgpack.encode(payload)) if by_call else None
    topics = ",".join(str(topic) for topic in one.topics)
    sender = our_number(one.sender) if one.sender and not one.answer else one.sender
    account = [arrived.controller_id, provider, one.endpoint if one.provider else arrived.endpoint, arrived.id]
    state = ErrandState.WAITING if by_call else ErrandState.DONE
    # A letter that waited for staff may be old by the time there is an answer.
    since = now if one.kind in LETTERS else arrived.received_at
    give_up_at = since + GIVE_UP[ErrandKind(one.kind)]
    said = [one.key, sender, topics, sealed, str(state), int(not by_call)]
    times = [now, now, give_up_at, None if by_call else now]
    return [public_id(), str(one.kind), str(one.way), one.purpose, *account, *said, *times]


def lock(key: Key) -> None:
    """Let one transaction at a time decide about a number."""
    db.fetch("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], "big", signed=True)])


def told_since(moment: datetime, keys: Collection[Key]) -> Counter[Key]:
    """How often some numbers were written to since a moment."""
    sql = "SELECT key, count(*) FROM consent_errand WHERE key = ANY(%s) AND made_at > %s GROUP BY key"
    rows = db.fetch(sql, [list(keys), moment]) if keys else []
    return Counter({Key(row[0].bytes): row[1] for row in rows})


def last_pending(key: Key, sender: str) -> tuple[str, datetime] | None:
    """What a number was last told, and when it had asked, by a text that the ledger does not know yet."""
    sql = """
        SELECT e.purpose, i.received_at FROM consent_errand e JOIN consent_inbound i ON i.id = e.inbound_id
        WHERE e.key = %s AND e.sender = %s AND e.purpose IN ('stopped', 'started') AND i.state = 'pending'
        ORDER BY e.id DESC LIMIT 1
    """
    rows = db.fetch(sql, [key, sender])
    return (rows[0][0], rows[0][1]) if rows else None
