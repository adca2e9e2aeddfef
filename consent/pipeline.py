"""The whole story on one screen: claim → interpret → record → done.

A batch is claimed and committed as an attempt before any work on it, so that what crashes a process is counted; it
is worked off in one transaction. An inbound that fails is tried again alone and later, then set aside where staff
see it: held all the while.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import uuid_utils.compat
from django.db import transaction
from django.utils import timezone

from consent import (
    acknowledging,
    answering,
    configuration,
    db,
    doorbell,
    errands,
    ledger,
    periods,
    requesting,
    resolve,
)
from consent.access import settling as codes
from consent.bounces import counting
from consent.decision import Arrived, Decision
from consent.inbox import Envelope, open_envelope
from consent.interpret import interpret, notice
from consent.models.vocabulary import InboundState
from consent.moves import settling
from consent.narrowing import narrows
from consent.parts import joined
from consent.rights import settling as rights

logger = logging.getLogger(__name__)

BATCH = 500
LEASE = timedelta(seconds=8)  # how long the rows of a process that died wait for another one
MAX_ATTEMPTS = 6
_LONGEST_WAIT_SECONDS = 60


class DeadlyInbound(Exception):
    """No attempt at this row ever ended: each process that took it died of it, and none shall touch it again."""


class Outdated(Exception):
    """The topics changed while somebody's no to everything was being kept for each of them: it is to be read anew."""


class Outcome(NamedTuple):
    """What becomes of an inbound row."""

    id: UUID
    state: str
    outcome: str
    rule: str
    error: str
    wait: timedelta
    authenticity: str = ""


def drain(seconds: float = 30.0) -> int:
    """Work off the inbox until it is empty or the time is up. Return how many rows were worked on."""
    worked, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        claimed = _claim(BATCH, "attempts = 0")
        if len(claimed[1]) == BATCH:
            doorbell.ring()  # there is more than one of us can do: whoever is free comes too
        fresh = _work(claimed)
        again = _work(_claim(1, "attempts > 0"))
        if not fresh + again:
            break
        worked += fresh + again
    return worked


_CLAIM = """
WITH next AS (
    SELECT id FROM consent_inbound WHERE state = 'pending' AND next_try_at <= %s AND {which}
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE consent_inbound i SET attempts = i.attempts + 1, next_try_at = %s, lease = %s FROM next WHERE i.id = next.id
RETURNING i.id, i.controller_id, i.source, i.channel, i.endpoint, i.actor, i.received_at, i.digest, i.attempts,
i.sealed_raw
"""


def _claim(limit: int, which: str) -> tuple[UUID, list[tuple[Any, ...]]]:
    """Lease rows to this process. Committed by itself: the attempt counts even if the process dies of it."""
    lease, now = uuid_utils.compat.uuid4(), timezone.now()
    return lease, sorted(db.fetch(_CLAIM.format(which=which), [now, limit, now + LEASE, lease]))


def _work(claimed: tuple[UUID, list[tuple[Any, ...]]]) -> int:
    lease, rows = claimed
    if not rows:
        return 0
    snapshot = configuration.at_version(configuration.current_version())
    decided = [_decide(row, snapshot) for row in rows]
    try:
        _settle(lease, decided, snapshot.version)
    except Exception:
        # One row may have spoilt the transaction of all: each gets its own.
        logger.exception("a batch of %d failed; each row is tried alone", len(rows))
        for one in decided:
            _settle_alone(lease, one, snapshot.version)
    return len(rows)


def _decide(row: tuple[Any, ...], snapshot: configuration.Snapshot) -> tuple[Arrived, Decision | Outcome]:
    *plain, sealed = row
    arrived = Arrived._make((*plain, Envelope()))
    try:
        if arrived.attempts > MAX_ATTEMPTS:
            raise DeadlyInbound
        arrived = arrived._replace(envelope=open_envelope(sealed))
        whole = joined(arrived)
        return arrived, whole if isinstance(whole, Decision) else interpret(whole, snapshot)
    except Exception as error:
        return arrived, _failed(arrived, error)


def _failed(arrived: Arrived, error: Exception) -> Outcome:
    """Try again later, or set aside. The log and the row get the kind of the error, never a person's data."""
    logger.warning("inbound %s failed (attempt %d): %s", arrived.id, arrived.attempts, type(error).__name__)
    state = InboundState.SET_ASIDE if arrived.attempts >= MAX_ATTEMPTS else InboundState.PENDING
    wait = timedelta(seconds=min(2**arrived.attempts, _LONGEST_WAIT_SECONDS))
    return Outcome(arrived.id, state, "", "", type(error).__name__, wait)


def _settle_alone(lease: UUID, decided: tuple[Arrived, Decision | Outcome], version: int) -> None:
    try:
        _settle(lease, [decided], version)
    except Exception as error:
        _settle(lease, [(decided[0], _failed(decided[0], error))], version)


def _settle(lease: UUID, decided: Sequence[tuple[Arrived, Decision | Outcome]], version: int) -> None:
    """Write the effect of decided rows and mark them, in one transaction: all of it, or nothing. They were decided by
    that version of the configuration."""
    with transaction.atomic():
        ours = _still_ours(lease, [arrived.id for arrived, _ in decided])
        mine = [(arrived, decision) for arrived, decision in decided if arrived.id in ours]
        made = [(arrived, decision) for arrived, decision in mine if isinstance(decision, Decision)]
        resolve.keep_addresses(made)
        resolve.keep_people(made)
        moved = settling.move_people(made)
        periods.end_periods(made)
        resolve.open_reviews(made)
        after = counting.settle(made)
        ledger.record([*(entry for _, decision in made for entry in decision.entries), *after])
        _require_all_topics(made, version)
        resolve.keep_languages(made)  # under the ledger's lock: no two processes wait for each other's addresses
        settling.carry(moved, made)
        answering.settle(made)
        acknowledging.settle(made)
        errands.write(notice.wanted(made))
        requesting.settle(made)
        codes.settle(made)
        rights.settle(made)
        _mark(
            [decision if isinstance(decision, Outcome) else _outcome(arrived, decision) for arrived, decision in mine]
        )


def _require_all_topics(made: Sequence[tuple[Arrived, Decision]], version: int) -> None:
    """Under the ledger's lock, which a new topic takes too: each of the two sees the other one (new_topics.py)."""
    if any(narrows(decision.entries) for _, decision in made) and configuration.current_version() != version:
        raise Outdated


def _outcome(arrived: Arrived, decision: Decision) -> Outcome:
    state = InboundState.FETCHING if decision.awaits else InboundState.DONE
    state = InboundState.REVIEW if decision.doubts else state
    return Outcome(arrived.id, state, decision.outcome, decision.rule, "", timedelta(), decision.authenticity)


def _still_ours(lease: UUID, ids: Sequence[UUID]) -> set[UUID]:
    sql = "SELECT id FROM consent_inbound WHERE id = ANY(%s) AND lease = %s AND state = 'pending' FOR UPDATE"
    return {row[0] for row in db.fetch(sql, [list(ids), lease])}


# %b: arrays in binary; as text each item would be searched for characters to quote.
_MARK = """
UPDATE consent_inbound i
SET state = o.state, outcome = o.outcome, rule = o.rule, error = o.error, authenticity = o.authenticity, lease = NULL,
    next_try_at = %s + o.wait,
    done_at = CASE WHEN o.state = 'done' THEN %s END
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::interval[], %b::text[])
     AS o (id, state, outcome, rule, error, wait, authenticity)
WHERE i.id = o.id
"""


def _mark(outcomes: Iterable[Outcome]) -> None:
    """Set the rows' new state. What is done holds no longer: its denial, if it was one, stands in the same commit."""
    columns = [list(column) for column in zip(*outcomes, strict=True)] or [[] for _ in Outcome._fields]
    now = timezone.now()
    db.fetch(_MARK, [now, now, *columns])
    done = [number for number, state in zip(columns[0], columns[1], strict=True) if state == InboundState.DONE]
    db.fetch("DELETE FROM consent_hold WHERE inbound_id = ANY(%s)", [done])
