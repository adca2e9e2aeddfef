"""One check over HTTP, against a view that answers a constant."""

import itertools
from collections.abc import Iterator

from bench import messages, suppressed
from bench.client import CONNECTIONS, Load
from bench.figures import ROUNDS, Aim, Figure, median
from bench.stack import Stack

ADDRESSES = 4_000
BARE = "/v1/bench-bare"  # in the lane of the API, past the middleware for browsers, as the check
BEHIND = "/bench/bare"
_SECONDS = 2.0
_WARM_UP_SECONDS = 0.5  # the first use of a connection and of a statement costs more


def measure(stack: Stack) -> Figure:
    """Requests per second."""
    suppressed.fill(stack)
    checks = itertools.cycle(messages.checks(stack, suppressed.asked(ADDRESSES)))
    bare, behind = (
        itertools.cycle([messages.check(stack, "email", "nobody@example.com", "offers", path=path)])
        for path in (BARE, BEHIND)
    )
    sides = (checks, bare, behind)
    for requests in sides:
        _rate(stack, requests, _WARM_UP_SECONDS)
    rounds = [[_rate(stack, requests) for requests in sides] for _ in range(ROUNDS)]
    ours, against, usual = (median(side) for side in zip(*rounds, strict=True))
    note = (
        "POST /v1/check, 5 % of the addresses suppressed, 1 million in the table; against the same request to a view "
        "with a constant answer, same server and middleware: none, in the lane of the API. Behind the middleware for "
        f"browsers that view does {usual:,.0f}/s, a ratio of {ours / usual:.2f}. {CONNECTIONS} connections, client on "
        "the same cores."
    )
    return Figure("check_one", ours, against, "requests/s", "higher", Aim("ratio", 0.5), note)


def _rate(stack: Stack, requests: Iterator[bytes], seconds: float = _SECONDS) -> float:
    with Load(stack.port) as load:
        return load.rate(requests, seconds)
