"""10,000 addresses in one request, against the keys alone in one `= ANY`."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from bench import messages, suppressed
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure, interleave, median
from bench.stack import Stack
from consent import status
from consent.addresses import keys_of_many
from consent.normalise.keys import Key

ADDRESSES = 10_000
HITS = ADDRESSES // suppressed.HIT_EVERY
ROUNDS = 15
_FOUND = "SELECT key FROM consent_suppression WHERE key = ANY(%s)"


def measure(stack: Stack) -> Figure:
    """Milliseconds."""
    suppressed.fill(stack)
    addresses = suppressed.asked(ADDRESSES)
    groups = keys_of_many("email", addresses)
    connection = Connection(stack.port)
    wanted = messages.bulk(stack, addresses)
    with psycopg.connect(stack.database, autocommit=True) as database:
        uuids = [UUID(bytes=bytes(group[0])) for group in groups]
        steps: list[Callable[[], None]] = [lambda: _ask(connection, wanted), lambda: _find(database, uuids)]
        for step in steps * 4:  # both have their statement prepared by then
            step()
        ours, against = interleave(lambda: milliseconds(steps[0]), lambda: milliseconds(steps[1]), ROUNDS)
    connection.close()
    alone = median(milliseconds(lambda: _decide(groups)) for _ in range(5))
    note = (
        f"POST /v1/check/bulk with {ADDRESSES:,} addresses, {HITS} of them suppressed, 1 million in the table; against "
        "psycopg's `key = ANY` with a binary array of the ready keys on the same table, in process. "
        f"check_many alone, in process: {alone:.1f} ms."
    )
    return Figure("check_bulk", ours, against, "ms", "lower", Aim("ratio", 1.5), note)


def milliseconds(step: Callable[[], None]) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


def _ask(connection: Connection, wanted: bytes) -> None:
    require_success(connection.ask(wanted))


def _find(database: psycopg.Connection[tuple[object, ...]], keys: Sequence[UUID]) -> None:
    with database.cursor(binary=True) as cursor:
        _require_hits(len(cursor.execute(_FOUND, [keys]).fetchall()))


def _decide(groups: Sequence[Sequence[Key]]) -> None:
    _, verdicts = status.check_many(messages.controller_id(), "offers", "email", groups, datetime.now(UTC))
    _require_hits(sum(not verdict.allowed for verdict in verdicts))


def _require_hits(found: int) -> None:
    if found != HITS:
        raise BenchError(f"{found} suppressed where {HITS} were expected")
