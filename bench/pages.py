"""The pages behind links, as people open them: at a steady rate, whoever else is still waiting."""

import itertools
import select
import threading
import time
from collections.abc import Sequence

from bench import messages
from bench.client import Connection, request, require_success
from bench.figures import Aim, BenchError, Figure, percentile
from bench.stack import Stack
from consent import configuration
from consent.addresses import contact
from consent.configuration import Scope
from consent.tokens import Token, make_token

LIMIT_MS = 50.0
_RATE = 50  # visits a second
_SECONDS = 10
_VISITORS = 10  # each with a connection of their own
_TIMEOUT_SECONDS = 30.0
_LANGUAGES = ("en", "es-MX,es;q=0.9", "ar", "de-AT,de;q=0.8,en;q=0.5")


def measure(stack: Stack) -> Figure:
    """Milliseconds to the first byte: the 95th percentile."""
    stack.wait_until_idle()
    Run(stack, _RATE).delays()  # the first page of a language loads its catalog
    delays = Run(stack, _RATE * _SECONDS).delays()
    p50, p99 = percentile(delays, 50), percentile(delays, 99)
    note = (
        f"First byte of /u/… and /preferences/… in four languages, {_RATE} visits/s by the clock for {_SECONDS} s, "
        f"each of another person; against the limit. p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {max(delays):.1f} ms."
    )
    return Figure("pages", percentile(delays, 95), LIMIT_MS, "ms", "lower", Aim("ours", LIMIT_MS), note)


class Run:
    """Visitors who come when it is their time, late or not: a slow page delays nobody's clock."""

    def __init__(self, stack: Stack, count: int) -> None:
        self._port = stack.port
        self._visits = list(itertools.islice(_visits(), count))
        self._delays: list[float] = []

    def delays(self) -> Sequence[float]:
        """Milliseconds of each visit, from when it was due. Raise `BenchError` where one was not answered."""
        began = time.perf_counter() + 0.1
        threads = [threading.Thread(target=self._visit, args=(first, began), daemon=True) for first in range(_VISITORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(self._delays) < len(self._visits):
            raise BenchError(f"{len(self._visits) - len(self._delays)} visits were not answered")
        return self._delays

    def _visit(self, first: int, began: float) -> None:
        connection = Connection(self._port)
        for number in range(first, len(self._visits), _VISITORS):
            due = began + number / _RATE
            time.sleep(max(due - time.perf_counter(), 0))
            self._delays.append(_first_byte(connection, self._visits[number], due))
        connection.close()


def _first_byte(connection: Connection, wanted: bytes, due: float) -> float:
    connection.send(wanted)
    select.select([connection], [], [], _TIMEOUT_SECONDS)
    delay = (time.perf_counter() - due) * 1000
    while (answer := connection.receive()) is None:
        pass
    require_success(answer)
    return delay


def _visits() -> "itertools.chain[bytes]":
    """Requests of people who were never here."""
    scope = _scope()
    return itertools.chain.from_iterable(_visit(scope, language) for language in itertools.cycle(_LANGUAGES))


def _visit(scope: Scope, language: str) -> list[bytes]:
    link = make_token(Token("email", scope, contact("email", messages.new_email()).said[0]))
    return [request("GET", f"/{page}/{link}", Accept_Language=language) for page in ("u", "preferences")]


def _scope() -> Scope:
    snapshot = configuration.current()
    controller_id = snapshot.controller_id(messages.CONTROLLER)
    return Scope(controller_id, snapshot.topics_by_slug[controller_id, "offers"].id)
