"""10,000 structured postal addresses in one request, against as many e-mail addresses."""

import json

from bench import homes, messages, suppressed
from bench.check_bulk import ADDRESSES, ROUNDS, milliseconds
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure, interleave
from bench.stack import Stack

KNOWN_EVERY = 20


def measure(stack: Stack) -> Figure:
    """Milliseconds."""
    suppressed.fill(stack)
    homes.fill(stack)
    numbers = [number if number % KNOWN_EVERY == 0 else homes.KNOWN + number for number in range(ADDRESSES)]
    asked = [homes.living(number).fields for number in numbers]
    wanted = messages.bulk(stack, asked, "post")
    mail = messages.bulk(stack, suppressed.asked(ADDRESSES))
    connection = Connection(stack.port)
    denied = _denied(connection, wanted)
    for _ in range(4):
        connection.ask(mail)
    ours, against = interleave(
        lambda: milliseconds(lambda: require_success(connection.ask(wanted))),
        lambda: milliseconds(lambda: require_success(connection.ask(mail))),
        ROUNDS,
    )
    connection.close()
    note = (
        f"POST /v1/check/bulk with {ADDRESSES:,} structured addresses, 5 % of them of who said no, {denied} denied "
        f"(the others share homes, or may), {homes.COUNT:,} in the index; against the same with e-mail addresses."
    )
    return Figure("postal_bulk", ours, against, "ms", "lower", Aim("ratio", 20), note)


def _denied(connection: Connection, wanted: bytes) -> int:
    answer = connection.ask(wanted)
    require_success(answer)
    body = json.loads(answer.body)
    certain: int = body["counts"]["by_reason"].get("opted_out", 0)
    if certain < ADDRESSES // KNOWN_EVERY:
        raise BenchError(f"{certain} of {ADDRESSES // KNOWN_EVERY} were found")
    return int(body["counts"]["denied"])
