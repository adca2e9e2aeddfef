"""Calling out: one HTTP request, within bounds, and what became of it.

Short time-outs, TLS verified, no redirects, and no more of an answer read than it takes to understand it. A connection
serves one call: one that the other side had closed meanwhile would leave us unsure whether it was heard.
"""

import logging
from collections.abc import Callable

import httpx

from consent.outgoing.contract import Call, Later, Outcome, Unsure

logger = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 64_000
LONGEST_SECONDS = 20.0  # of a call in all; each of its reads and writes has less
TIMEOUT = httpx.Timeout(8.0, connect=3.0, pool=3.0)
_LIMITS = httpx.Limits(max_keepalive_connections=0)
_AGENT = {"User-Agent": "Sayso"}
# Before these nothing had been sent; after any other error nobody knows.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def client() -> httpx.Client:
    """A client for some calls at once, to be closed after them. It believes no proxy of the environment."""
    return httpx.Client(
        timeout=TIMEOUT, limits=_LIMITS, headers=_AGENT, follow_redirects=False, trust_env=False, max_redirects=0
    )


def perform(by: httpx.Client, call: Call, read: Callable[[int, bytes], Outcome]) -> Outcome:
    """Make a call and read its answer. Never raises for what the other side does."""
    try:
        with by.stream(call.method, call.url, headers=dict(call.headers), content=call.content) as answer:
            return read(answer.status_code, _body(answer))
    except _NOT_SENT as error:
        return Later(type(error).__name__)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        return Unsure(type(error).__name__)


def _body(answer: httpx.Response) -> bytes:
    found = b""
    for part in answer.iter_bytes(8_192):
        found += part
        if len(found) > MAX_ANSWER_BYTES:
            break
    return found[:MAX_ANSWER_BYTES]
