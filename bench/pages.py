"""The pages behind links, as people open them: at a steady rate, whoever else is still waiting."""

import itertools

from bench import messages
from bench.client import request
from bench.clock import Arrivals
from bench.figures import Aim, Figure, percentile
from bench.stack import Stack
from consent import configuration
from consent.addresses import contact
from consent.configuration import Scope
from consent.tokens import Token, make_token

LIMIT_MS = 50.0
RATE = 50  # visits a second
SECONDS = 10
VISITORS = 10  # each with a connection of their own
LANGUAGES = ("en", "es-MX,es;q=0.9", "ar", "de-AT,de;q=0.8,en;q=0.5")


def measure(stack: Stack) -> Figure:
    """Milliseconds to the first byte: the 95th percentile."""
    stack.wait_until_idle()
    _arrivals(stack, RATE).delays()  # the first page of a language loads its catalog
    delays = _arrivals(stack, RATE * SECONDS).delays()
    p50, p99 = percentile(delays, 50), percentile(delays, 99)
    note = (
        f"First byte of /u/… and /preferences/… in four languages, {RATE} visits/s by the clock for {SECONDS} s, "
        f"each of another person; against the limit. p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {max(delays):.1f} ms."
    )
    return Figure("pages", percentile(delays, 95), LIMIT_MS, "ms", "lower", Aim("ours", LIMIT_MS), note)


def _arrivals(stack: Stack, count: int) -> Arrivals:
    return Arrivals(stack.port, list(itertools.islice(_visits(), count)), RATE, VISITORS)


def _visits() -> "itertools.chain[bytes]":
    """Requests of people who were never here."""
    scope = _scope()
    return itertools.chain.from_iterable(_visit(scope, language) for language in itertools.cycle(LANGUAGES))


def _visit(scope: Scope, language: str) -> list[bytes]:
    link = make_token(Token("email", scope, contact("email", messages.new_email()).said[0]))
    return [request("GET", f"/{page}/{link}", Accept_Language=language) for page in ("u", "preferences")]


def _scope() -> Scope:
    snapshot = configuration.current()
    controller_id = snapshot.controller_id(messages.CONTROLLER)
    return Scope(controller_id, snapshot.topics_by_slug[controller_id, "offers"].id)
