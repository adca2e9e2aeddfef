"""One letter's address against a million that are kept: who is meant, and may they be written to?"""

import time
from datetime import UTC, datetime

from bench import homes, messages
from bench.figures import Aim, BenchError, Figure, median, percentile
from bench.stack import Stack
from consent import status
from consent.addresses import contact
from consent.near import near_of
from consent.near_homes import near_homes

LETTERS = 1_000
LIMIT_MS = 20.0


def measure(stack: Stack) -> Figure:
    """Milliseconds, 99th percentile, of letters that write a kept home in another way."""
    homes.fill(stack)
    letters = [homes.otherwise(homes.living(number * 199), number) for number in range(LETTERS)]
    _match(letters[0])
    taken, allowed = [], 0
    for letter in letters:
        began = time.perf_counter()
        allowed += _match(letter)
        taken.append((time.perf_counter() - began) * 1000)
    if allowed:
        raise BenchError(f"{allowed} of {LETTERS} homes were not found again")
    note = (
        f"{LETTERS:,} addresses as letters write them (abbreviated, a slip, no unit) against {homes.COUNT:,} in other "
        "spellings, all found: reading, candidates for a review, candidates for the check, the check; in process. "
        f"The median is {median(taken):.1f} ms. Against the limit."
    )
    return Figure("postal_match", percentile(taken, 99), LIMIT_MS, "ms", "lower", Aim("ours", LIMIT_MS), note)


def _match(letter: str) -> bool:
    about = contact("post", letter)
    near_homes([about])
    now = datetime.now(UTC)
    near = near_of([about])
    _, [verdict] = status.check_many(messages.controller_id(), "offers", "post", [about.asked], now, near=near)
    return verdict.allowed
