"""How the check of 10,000 grows with the table, beside the limit and what one would do otherwise.

Every way is asked about the same recipients, in turns, each round about others. `BENCH_ROWS` names the largest size.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import psycopg

from bench import mass, members, memory, sizes, suppressed
from bench.client import Connection, require_success
from bench.export import export
from bench.figures import ROUNDS, Aim, BenchError, Figure, in_turns
from bench.growth_table import Column, table
from bench.listmonk import Listmonk
from bench.newsletter import Newsletter
from bench.peers import ANY_ROWS, AllAtOnce, Database, Limit, OneByOne, Ours, Peer, Unfiltered
from bench.recipients import COUNT, Batch, batch
from bench.sizes import SIZES
from bench.stack import FILTER, FOLDER, Stack
from consent.filter import building, file

SHARES = {"5 %": 1, "30 %": 6}  # of twenty
MOST_MEGABYTES = 150.0  # of a web process at ten million rows
_WARM_UPS = 2  # by then every side has its connection and its statement
_CONNECTIONS = 16  # the system shares them out among the web's processes
_EXPORTED = 10_000_000  # rows, at the most: beyond that an export only takes longer


class Size(NamedTuple):
    """What was measured at one size, a column a share."""

    columns: list[Column]
    told: str


def measure(stack: Stack) -> Figure:
    """Milliseconds at the largest size, one in twenty suppressed."""
    names = sizes.wanted(os.environ)
    largest = SIZES[names[-1]]
    sizes.require_disk(FOLDER, sizes.disk_needed(largest, min(largest, mass.MOST_ELSEWHERE)))
    with stack.paused(), _peers(stack) as peers:
        found = [_at(stack, name, peers, exports=SIZES[name] == min(largest, _EXPORTED)) for name in names]
    lines = [table([peer.name for peer in peers], [column for size in found for column in size.columns]), ""]
    lines += [size.told for size in found]
    ours, limit, *_ = found[-1].columns[0].milliseconds
    if ours is None or limit is None:
        raise BenchError("the largest size was not measured")
    return Figure("growth", ours, limit, "ms", "lower", Aim("ratio", 0.5), "\n".join([*_told(names[-1]), *lines]))


def _told(largest: str) -> list[str]:
    some = OneByOne.asked
    return [
        f"POST /v1/check/bulk with {COUNT:,} addresses, 5 % suppressed, {largest} in the table; against `key = ANY`.",
        f"Medians of {ROUNDS} rounds, each about other recipients. Who asks one by one asks about {some:,}, and that",
        "is multiplied. All but the first are in process; those on our table have the keys made beforehand.",
        "",
    ]


@contextmanager
def _peers(stack: Stack) -> Iterator[list[Peer]]:
    """All ways, ours first; what they hold is removed at the end, whatever happened."""
    with ExitStack() as connections:

        def connection() -> Database:
            made = connections.enter_context(psycopg.connect(stack.database, autocommit=True))
            made.execute("SET jit = off")  # compiling would take longer than the look-ups
            return made

        peers: list[Peer] = [
            Ours(stack),
            Limit(connection()),
            Unfiltered(stack),
            OneByOne(),
            AllAtOnce(),
            members.Members(stack, _most_members()),
            Listmonk(connection()),
            Newsletter(connection()),
        ]
        try:
            yield peers
        finally:
            for peer in peers:
                peer.clear()


def _most_members() -> int:
    """A set that leaves half of the memory to others."""
    return min(ANY_ROWS, sizes.memory_available() // 2 // members.BYTES_EACH)


def _at(stack: Stack, name: str, peers: Sequence[Peer], *, exports: bool) -> Size:
    """Fill all to a size, and measure."""
    rows = SIZES[name]
    compared = [peer for peer in peers if rows <= peer.most_rows]
    for peer in peers:
        peer.clear()  # what it had before would only take room
    filling = _seconds(lambda: _fill(stack, compared, rows))
    built = _seconds(_build)
    _wake(stack)
    columns = [_column(stack, f"{name}, {share}", peers, compared, of_twenty) for share, of_twenty in SHARES.items()]
    own, with_shared = memory.largest_share()
    size = (FILTER / file.NAME).stat().st_size
    told = (
        f"{name}: the data of all made in {filling:.0f} s; the filter, "
        f"{size / 1e6:.0f} MB, built in {built:.1f} s.\n"
        f"{name}: a web process has {own:.0f} MB of its own, {with_shared:.0f} with its part of what it shares (limit "
        f"{MOST_MEGABYTES:.0f} at 10m)."
    )
    return Size(columns, f"{told}\n{name}: {_export_told(stack, rows)}" if exports else told)


def _fill(stack: Stack, peers: Sequence[Peer], rows: int) -> None:
    """Two at a time, as there are two cores."""
    with ThreadPoolExecutor(2) as pool:
        for filling in (
            pool.submit(suppressed.fill_to, stack, rows),
            *(pool.submit(peer.fill, rows) for peer in peers),
        ):
            filling.result()


def _build() -> None:
    while building.keep_current(FILTER, building.place_of(FILTER)):
        pass  # what was still under way when a build began counts as new after it


def _wake(stack: Stack) -> None:
    """Let every process of the web map the filter, as in use, where none has it for itself."""
    wanted = batch(stack, 0, 1).request
    for _ in range(_CONNECTIONS):
        connection = Connection(stack.port)
        require_success(connection.ask(wanted))
        connection.close()


def _seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def _column(stack: Stack, head: str, peers: Sequence[Peer], compared: Sequence[Peer], of_twenty: int) -> Column:
    batches = [batch(stack, number, of_twenty) for number in range(ROUNDS + _WARM_UPS)]
    for warming in batches[ROUNDS:]:
        for peer in compared:
            _milliseconds(peer, warming)
    medians = in_turns([_side(peer, batches) for peer in compared], ROUNDS)
    found = {peer.name: value for peer, value in zip(compared, medians, strict=True)}
    return Column(head, [found.get(peer.name) for peer in peers])


def _side(peer: Peer, batches: Sequence[Batch]) -> Callable[[int], float]:
    return lambda number: _milliseconds(peer, batches[number])


def _milliseconds(peer: Peer, asked: Batch) -> float:
    """For the whole batch, also where only some of it are asked about. Raise `BenchError` for a wrong count."""
    began = time.perf_counter()
    found = peer.look_up(asked)
    seconds = time.perf_counter() - began
    if found != asked.denied(peer.asked):
        raise BenchError(f"{peer.name}: {found} suppressed where {asked.denied(peer.asked)} were expected")
    return seconds * 1000 * COUNT / peer.asked


def _export_told(stack: Stack, rows: int) -> str:
    rate, grown = export(stack, rows)
    return f"an export as NDJSON gives {rate:,.0f} rows/s, the web's largest process growing by {grown:.0f} MB."
