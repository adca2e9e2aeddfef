"""From the acknowledgement of a STOP to its suppression, at a steady rate."""

import threading
import time

import psycopg

from bench import messages
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure, percentile
from bench.stack import Stack
from consent.normalise.keys import Key

LIMIT_MS = 250.0
_RATE = 100  # a second
_SECONDS = 10
_POLL_SECONDS = 0.002
_PATIENCE_SECONDS = 30.0
_FOUND = "SELECT uuid_send(key) FROM consent_suppression WHERE key = ANY(%s)"


def measure(stack: Stack) -> Figure:
    """Milliseconds: the 99th percentile."""
    stack.wait_until_idle()
    Run(stack, _RATE // 2).lags()  # the worker's first batches load what the others find loaded
    lags = Run(stack, _RATE * _SECONDS).lags()
    note = (
        f"From the 2xx of a signed STOP to its row among the suppressions, {_RATE}/s for {_SECONDS} s, the database "
        f"asked every {_POLL_SECONDS * 1000:.0f} ms; against the limit. p50 {percentile(lags, 50):.1f} ms, worst "
        f"{max(lags):.1f} ms."
    )
    return Figure("lag_suppressed_p99_ms", percentile(lags, 99), LIMIT_MS, "ms", "lower", Aim("ours", LIMIT_MS), note)


class Run:
    """One thread tells, the other one looks."""

    def __init__(self, stack: Stack, count: int) -> None:
        self._stack = stack
        self._said = [messages.by_sms(stack) for _ in range(count)]
        self._acknowledged: dict[Key, float] = {}

    def lags(self) -> list[float]:
        """Milliseconds of each. Raise `BenchError` where one does not become a suppression."""
        teller = threading.Thread(target=self._tell, name="teller", daemon=True)
        teller.start()
        lags: list[float] = []
        deadline = time.monotonic() + len(self._said) / _RATE + _PATIENCE_SECONDS
        with psycopg.connect(self._stack.database, autocommit=True) as database:
            while len(lags) < len(self._said):
                if time.monotonic() > deadline:
                    raise BenchError(f"{len(self._said) - len(lags)} acknowledged requests did not become suppressions")
                lags += self._look(database)
                time.sleep(_POLL_SECONDS)
        teller.join()
        return lags

    def _tell(self) -> None:
        connection = Connection(self._stack.port)
        began = time.perf_counter()
        for number, one in enumerate(self._said):
            time.sleep(max(began + number / _RATE - time.perf_counter(), 0))
            require_success(connection.ask(one.telling))
            self._acknowledged[one.key] = time.perf_counter()
        connection.close()

    def _look(self, database: psycopg.Connection[tuple[bytes]]) -> list[float]:
        waiting = list(self._acknowledged)
        if not waiting:
            return []
        with database.cursor(binary=True) as cursor:
            found = cursor.execute(_FOUND, [waiting]).fetchall()
        now = time.perf_counter()
        return [(now - self._acknowledged.pop(Key(key))) * 1000 for (key,) in found]
