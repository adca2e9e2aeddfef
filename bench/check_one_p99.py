"""How long one check takes at a steady rate, its worst in a hundred."""

import itertools

from bench import messages, suppressed
from bench.client import CONNECTIONS
from bench.clock import Arrivals
from bench.figures import ROUNDS, Aim, Figure, median, percentile
from bench.stack import Stack

LIMIT_MS = 10.0
_RATE = 500  # checks a second
_SECONDS = 5
_ADDRESSES = 4_000


def measure(stack: Stack) -> Figure:
    """Milliseconds, the 99th percentile."""
    suppressed.fill(stack)
    checks = itertools.cycle(messages.checks(stack, suppressed.asked(_ADDRESSES)))
    rounds = [
        Arrivals(stack.port, list(itertools.islice(checks, _RATE * _SECONDS)), _RATE, CONNECTIONS).delays()
        for _ in range(ROUNDS + 1)
    ][1:]  # the first use of a connection and of a statement costs more
    p50, p99 = (median(percentile(delays, percent) for delays in rounds) for percent in (50, 99))
    note = (
        f"First byte of POST /v1/check, {_RATE} a second by the clock over {CONNECTIONS} connections, {ROUNDS} rounds "
        f"of {_SECONDS} s; against the limit. p50 {p50:.1f} ms; worst of all {max(map(max, rounds)):.1f} ms."
    )
    return Figure("check_one_p99_ms", p99, LIMIT_MS, "ms", "lower", Aim("ours", LIMIT_MS), note)
