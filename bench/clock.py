"""Requests that come by the clock: at a steady rate, whoever else is still waiting."""

import select
import threading
import time
from collections.abc import Sequence

from bench.client import Connection, require_success
from bench.figures import BenchError

_TIMEOUT_SECONDS = 30.0


class Arrivals:
    """Requests, `rate` a second, sent over `connections` when it is their time, late or not: a slow answer delays
    nobody's clock.
    """

    def __init__(self, port: int, requests: Sequence[bytes], rate: float, connections: int) -> None:
        self._port = port
        self._requests = requests
        self._rate = rate
        self._connections = connections
        self._delays: list[float] = []

    def delays(self) -> Sequence[float]:
        """Milliseconds to the first byte of each, from when it was due. Raise `BenchError` where one had no answer."""
        began = time.perf_counter() + 0.1
        threads = [
            threading.Thread(target=self._send_in_turn, args=(first, began), daemon=True)
            for first in range(self._connections)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(self._delays) < len(self._requests):
            raise BenchError(f"{len(self._requests) - len(self._delays)} requests were not answered")
        return self._delays

    def _send_in_turn(self, first: int, began: float) -> None:
        connection = Connection(self._port)
        for number in range(first, len(self._requests), self._connections):
            due = began + number / self._rate
            time.sleep(max(due - time.perf_counter(), 0))
            self._delays.append(_first_byte(connection, self._requests[number], due))
        connection.close()


def _first_byte(connection: Connection, wanted: bytes, due: float) -> float:
    connection.send(wanted)
    select.select([connection], [], [], _TIMEOUT_SECONDS)
    delay = (time.perf_counter() - due) * 1000
    while (answer := connection.receive()) is None:
        pass
    require_success(answer)
    return delay
