"""The page on which an owner sees and changes everything, as owners open it: at a steady rate."""

import itertools

from bench import messages
from bench.client import Connection, request, require_success
from bench.clock import Arrivals
from bench.figures import Aim, Figure, percentile
from bench.pages import LANGUAGES, LIMIT_MS, RATE, SECONDS, VISITORS
from bench.stack import Stack
from consent.access import proofs
from consent.configuration import Scope
from consent.tokens import Token, make_token
from subscriptions.preferences.proof import VISIT, cookie_name

_OWNERS = 100
_HOME = {"line1": "12 Oak St", "city": "Springfield", "region": "IL", "postal_code": "62701"}


def measure(stack: Stack) -> Figure:
    """Milliseconds to the first byte: the 95th percentile."""
    owners = [_owner(stack, number) for number in range(_OWNERS)]
    stack.wait_until_idle()
    Arrivals(stack.port, owners[:RATE], RATE, VISITORS).delays()  # the first page of a language loads its catalog
    visits = list(itertools.islice(itertools.cycle(owners), RATE * SECONDS))
    delays = Arrivals(stack.port, visits, RATE, VISITORS).delays()
    note = (
        f"First byte of /preferences/… for who entered a code: {_OWNERS} owners with an e-mail address, a number and a "
        f"home, in four languages, {RATE} visits/s by the clock for {SECONDS} s; against the limit. "
        f"p50 {percentile(delays, 50):.1f} ms, p99 {percentile(delays, 99):.1f} ms, worst {max(delays):.1f} ms."
    )
    return Figure("pages_owner", percentile(delays, 95), LIMIT_MS, "ms", "lower", Aim("ours", LIMIT_MS), note)


def _owner(stack: Stack, number: int) -> bytes:
    """The visit of somebody new, whose addresses are known and who has proved theirs."""
    email, name = messages.new_email(), f"Ann Bench {number}"
    addresses = {"email": email, "sms": messages.new_number(), "post": {**_HOME, "name": name}}
    connection = Connection(stack.port)
    for channel, address in addresses.items():
        told = {"channel": channel, "address": address, "action": "opt_in", "topic": "service"}
        person = {"external_id": email, "name": name}
        require_success(connection.ask(messages.api(stack, "/v1/events", told | {"person": person})))
    connection.close()
    key = messages.key_of("email", email)
    link = make_token(Token("email", Scope(messages.controller_id(), None), key))
    secret = proofs.begin(messages.controller_id(), "email", key, VISIT)
    language = LANGUAGES[number % len(LANGUAGES)]
    cookie = f"{cookie_name('sayso_proof')}={secret}"
    return request("GET", f"/preferences/{link}", Accept_Language=language, Cookie=cookie)
