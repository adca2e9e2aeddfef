"""10,000 addresses in one request, against the keys alone in one `= ANY`."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from bench import messages, suppressed
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure, interleave, median
from bench.stack import FILTER, Stack
from consent.addresses import keys_of_many
from consent.filter import building
from consent.packed import tell_packed

ADDRESSES = 10_000
ROUNDS = 15
_FOUND = "SELECT key FROM consent_suppression WHERE key = ANY(%s)"


def measure(stack: Stack) -> Figure:
    """Milliseconds, one in twenty suppressed."""
    return _measure(stack, "check_bulk", hit_every=20, bound=0.5)


def measure_many_hits(stack: Stack) -> Figure:
    """Milliseconds, three in ten suppressed."""
    return _measure(stack, "check_bulk_30", hit_every=3, bound=0.85)


def _measure(stack: Stack, name: str, hit_every: int, bound: float) -> Figure:
    suppressed.fill(stack)
    while building.keep_current(FILTER, building.place_of(FILTER)):
        pass  # what was still under way when a build began counts as new after it
    addresses = suppressed.asked(ADDRESSES, hit_every=hit_every)
    hits = -(-ADDRESSES // hit_every)
    keys = [key for [key] in keys_of_many("email", addresses)]
    connection = Connection(stack.port)
    wanted = messages.bulk(stack, addresses)
    with psycopg.connect(stack.database, autocommit=True) as database:
        uuids = [UUID(bytes=bytes(key)) for key in keys]
        steps: list[Callable[[], None]] = [lambda: _ask(connection, wanted), lambda: _find(database, uuids, hits)]
        for step in steps * 4:  # both have their statement prepared by then
            step()
        ours, against = interleave(lambda: milliseconds(steps[0]), lambda: milliseconds(steps[1]), ROUNDS)
    connection.close()
    alone = median(milliseconds(lambda: _decide(b"".join(keys), hits)) for _ in range(5))
    note = (
        f"POST /v1/check/bulk with {ADDRESSES:,} addresses, {hits:,} of them suppressed, 1 million in the table; "
        "against psycopg's `key = ANY` with a binary array of the ready keys on the same table, in process. "
        f"the decision alone, in process: {alone:.1f} ms."
    )
    return Figure(name, ours, against, "ms", "lower", Aim("ratio", bound), note)


def milliseconds(step: Callable[[], None]) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


def _ask(connection: Connection, wanted: bytes) -> None:
    require_success(connection.ask(wanted))


def _find(database: psycopg.Connection[tuple[object, ...]], keys: Sequence[UUID], hits: int) -> None:
    with database.cursor(binary=True) as cursor:
        _require_hits(len(cursor.execute(_FOUND, [keys]).fetchall()), hits)


def _decide(packed: bytes, hits: int) -> None:
    found = tell_packed(messages.controller_id(), "offers", "email", packed, datetime.now(UTC))
    _require_hits(sum(not told.verdict.allowed for told in found.others.values()), hits)


def _require_hits(found: int, hits: int) -> None:
    if found != hits:
        raise BenchError(f"{found} suppressed where {hits} were expected")
