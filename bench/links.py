"""The making of links, per second of one core, against the rate that we want."""

import gc
import runpy
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench import messages
from bench.check_bulk import milliseconds
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure
from bench.stack import ROOT, Stack
from consent import configuration
from consent.addresses import keys_of_many
from consent.configuration import Snapshot
from consent.token_keys import newest_link_key
from consent.tokens import read_token
from subscriptions.links import Mailboxes, make_links

AIM = 100_000.0  # links a second
ADDRESSES = 10_000
ROUNDS = 15
CAMPAIGN = "spring-2027"
_PREPARE = runpy.run_path(str(ROOT / "docs" / "examples" / "sayso_links.py"))["prepare"]
_BOXES = Mailboxes("unsubscribe@acme.example", "bounces@acme.example")


def measure(stack: Stack) -> Figure:
    """Links per second of one core's time, from addresses to rows as the API gives them."""
    addresses = [f"person{number}@mail{number % 97}.example" for number in range(ADDRESSES)]
    snapshot = configuration.current()
    with _as_in_the_web():
        ours = _rate(lambda: _made(snapshot, addresses))
        offline = _rate(lambda: _minted(snapshot, addresses))
    connection, wanted = Connection(stack.port), messages.api(stack, "/v1/links", _question(addresses))
    asked = statistics.median(milliseconds(lambda: require_success(connection.ask(wanted))) for _ in range(ROUNDS))
    connection.close()
    note = (
        f"{ADDRESSES:,} addresses → normal form, key, token, URLs, mailto, both headers, bounce id and return path, in "
        f"process; against the limit. POST /v1/links of them, from JSON to JSON: {asked:.0f} ms. The offline function "
        f"of docs/examples, with nothing but Python's own library: {offline:,.0f} links/s."
    )
    return Figure("links", ours, AIM, "links/s", "higher", Aim("ours", AIM), note)


@contextmanager
def _as_in_the_web() -> Iterator[None]:
    """The garbage collector kept off what was loaded, as config/wsgi.py has it."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _rate(make: Callable[[], Sequence[str]]) -> float:
    """The median rate, by the time that the processor spent. What was made must be what the server reads."""
    if any(read_token(url.rpartition("/")[2]).campaign[:6] not in (CAMPAIGN[:6], "sha256") for url in make()[:100]):
        raise BenchError("a link that the server does not read")
    return statistics.median(ADDRESSES / _seconds(make) for _ in range(ROUNDS))


def _seconds(step: Callable[[], object]) -> float:
    began = time.process_time()
    step()
    return time.process_time() - began


def _question(addresses: Sequence[str]) -> dict[str, Any]:
    return {"channel": "email", "topic": "offers", "campaign": CAMPAIGN, "addresses": addresses}


def _made(snapshot: Snapshot, addresses: Sequence[str]) -> list[str]:
    topic = snapshot.topics_by_slug[messages.controller_id(), "offers"]
    keys = [key for [key] in keys_of_many("email", addresses)]
    return [links["unsubscribe_url"] for links in make_links(topic, keys, _BOXES, CAMPAIGN)]


def _minted(snapshot: Snapshot, addresses: Sequence[str]) -> list[str]:
    links = _PREPARE(_config(snapshot), "offers", CAMPAIGN)
    return [links(address)["unsubscribe_url"] for address in addresses]


def _config(snapshot: Snapshot) -> dict[str, Any]:
    number = messages.controller_id()
    topic = snapshot.topics_by_slug[number, "offers"].id
    key = newest_link_key(number).key.hex()
    origin = "https://sayso.example"
    return {"origin": origin, "controller": number, "key": key, "mailbox": _BOXES.opt_out, "topics": {"offers": topic}}
