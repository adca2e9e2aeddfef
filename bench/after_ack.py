"""Does anybody who has just been acknowledged still count as allowed? The answer to be had is never."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench import messages
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure
from bench.messages import Said
from bench.stack import Stack

ACKNOWLEDGED = 2_400  # with the pipeline at work, and as many with it frozen
_CLIENTS = 6


def measure(stack: Stack) -> Figure:
    """How many."""
    _require_allowed(stack, messages.by_sms(stack).asking)
    _require_allowed(stack, messages.by_api(stack).asking)
    running = _allowed(stack)
    with stack.paused():
        frozen = _allowed(stack)
    stack.wait_until_idle()
    note = (
        "«allowed» in answers of /v1/check asked on another connection right after the 2xx of an opt-out (SMS, API, "
        f"link), by {_CLIENTS} clients at once: {running} of {ACKNOWLEDGED:,} with the pipeline at work, {frozen} of "
        f"{ACKNOWLEDGED:,} with it frozen."
    )
    return Figure("allowed_after_ack", running + frozen, 0, "answers", "lower", Aim("ours", 0), note)


def _require_allowed(stack: Stack, asking: bytes) -> None:
    """The control: who said nothing is allowed, or a count of none would mean nothing."""
    connection = Connection(stack.port)
    if not is_allowed(connection, asking):
        raise BenchError("the control is not allowed either")
    connection.close()


def _allowed(stack: Stack) -> int:
    said = messages.mixed(stack, ACKNOWLEDGED)
    with ThreadPoolExecutor(_CLIENTS) as clients:
        return sum(clients.map(lambda number: _count(stack, said[number::_CLIENTS]), range(_CLIENTS)))


def _count(stack: Stack, said: Sequence[Said]) -> int:
    teller, asker = Connection(stack.port), Connection(stack.port)
    allowed = 0
    for one in said:
        require_success(teller.ask(one.telling))
        allowed += is_allowed(asker, one.asking)
    teller.close()
    asker.close()
    return allowed


def is_allowed(connection: Connection, asking: bytes) -> bool:
    answer = connection.ask(asking)
    require_success(answer)
    return bool(json.loads(answer.body)["allowed"])
