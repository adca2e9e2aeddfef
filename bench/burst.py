"""10,000 STOPs, 200 a second: how long each waits for its answer, and whether each is obeyed from then on."""

import threading
import time
from collections.abc import Sequence

import psycopg

from bench import messages
from bench.after_ack import is_allowed
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure, percentile
from bench.messages import Said
from bench.stack import Stack

STOPS = 10_000
RATE = 200  # a second
LIMIT_MS = 250.0
_CLIENTS = 8
_FOUND = "SELECT count(DISTINCT key) FROM consent_suppression WHERE key = ANY(%s)"


def measure(stack: Stack) -> Figure:
    """Milliseconds: the 99th percentile of the answers, from the moment at which each was due."""
    stack.wait_until_idle()
    Run(stack, RATE).go()  # warm
    run = Run(stack, STOPS)
    run.go()
    drained = stack.wait_until_idle()
    suppressed = _suppressed(stack, run.said)
    if run.allowed or suppressed != STOPS:
        raise BenchError(f"{run.allowed} of {STOPS} still allowed after their 2xx, {suppressed} suppressed in the end")
    note = (
        f"Signed STOPs of {STOPS:,} people, {RATE}/s over {_CLIENTS} connections, the pipeline at work beside them; "
        f"each answer counted from when its post was due; against the limit. p50 {percentile(run.waits, 50):.1f} ms, "
        f"worst {max(run.waits):.0f} ms. Asked right after each 2xx, /v1/check allowed {run.allowed}. Worked off "
        f"{drained:.2f} s after the last."
    )
    return Figure("burst", percentile(run.waits, 99), LIMIT_MS, "ms", "lower", Aim("ours", LIMIT_MS), note)


class Run:
    """Threads that post by the clock, however long the answers take, and ask after each."""

    def __init__(self, stack: Stack, count: int) -> None:
        self._port = stack.port
        self.said = [messages.by_sms(stack) for _ in range(count)]
        self.waits: list[float] = []
        self._allowed: list[bool] = []
        self._failure: BaseException | None = None

    @property
    def allowed(self) -> int:
        return sum(self._allowed)

    def go(self) -> None:
        """Post and ask. Raise `BenchError` for any answer but a 2xx."""
        began = time.perf_counter() + 0.1
        threads = [
            threading.Thread(target=self._client, args=(number, began), name=f"client {number}")
            for number in range(_CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _client(self, number: int, began: float) -> None:
        try:
            self._post(self.said[number::_CLIENTS], began + number / RATE)
        except (BenchError, OSError) as failure:
            self._failure = failure

    def _post(self, said: Sequence[Said], first: float) -> None:
        teller, asker = Connection(self._port), Connection(self._port)
        for at, one in enumerate(said):
            due = first + at * _CLIENTS / RATE
            time.sleep(max(due - time.perf_counter(), 0))
            require_success(teller.ask(one.telling))
            self.waits.append((time.perf_counter() - due) * 1000)
            self._allowed.append(is_allowed(asker, one.asking))
        teller.close()
        asker.close()


def _suppressed(stack: Stack, said: Sequence[Said]) -> int:
    with psycopg.connect(stack.database) as database:
        row = database.execute(_FOUND, [[one.key for one in said]]).fetchone()
    return int(row[0]) if row else 0
