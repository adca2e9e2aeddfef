"""One check over HTTP, against a view that answers a constant."""

import itertools
from collections.abc import Iterator

from bench import messages, suppressed
from bench.client import CONNECTIONS, Load
from bench.figures import ROUNDS, Aim, Figure, median
from bench.stack import Stack

ADDRESSES = 4_000
BARE = "/bench/bare"
IN_LANE = "/v1/bench-bare"  # in the lane of the API, past the middleware for browsers, as the check
_SECONDS = 2.0
_WARM_UP_SECONDS = 0.5  # the first use of a connection and of a statement costs more


def measure(stack: Stack) -> Figure:
    """Requests per second."""
    suppressed.fill(stack)
    checks = itertools.cycle(messages.checks(stack, suppressed.asked(ADDRESSES)))
    bare, in_lane_too = (
        itertools.cycle([messages.check(stack, "email", "nobody@example.com", "offers", path=path)])
        for path in (BARE, IN_LANE)
    )
    sides = (checks, bare, in_lane_too)
    for requests in sides:
        _rate(stack, requests, _WARM_UP_SECONDS)
    rounds = [[_rate(stack, requests) for requests in sides] for _ in range(ROUNDS)]
    ours, against, in_lane = (median(side) for side in zip(*rounds, strict=True))
    note = (
        "POST /v1/check, 5 % of the addresses suppressed, 1 million in the table; against the same request to a view "
        "with a constant answer on the same server, with the same settings and so the same MIDDLEWARE. The API passes "
        f"by most of that (consent/lane.py); so placed, that view does {in_lane:,.0f}/s, a ratio of "
        f"{ours / in_lane:.2f}. {CONNECTIONS} connections, client on the same cores."
    )
    return Figure("check_one", ours, against, "requests/s", "higher", Aim("ratio", 0.55), note)


def _rate(stack: Stack, requests: Iterator[bytes], seconds: float = _SECONDS) -> float:
    with Load(stack.port) as load:
        return load.rate(requests, seconds)
