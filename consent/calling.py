"""Calling out: one HTTP request, within bounds, and what became of it.

Short time-outs, TLS verified, no redirects, and no more of an answer read than it takes to understand it. A connection
serves one call: one that the other side had closed meanwhile would leave us unsure whether it was heard.
"""

import ssl
import time
from collections.abc import Callable
from functools import cache

import httpx

from consent.incoming.contract import Fetched
from consent.outgoing.contract import Call, Later, Outcome, Unsure

MAX_ANSWER_BYTES = 64_000
LONGEST_SECONDS = 20.0  # of a whole answer; each read of it has less
TIMEOUT = httpx.Timeout(8.0, connect=3.0, pool=3.0)
_LIMITS = httpx.Limits(max_keepalive_connections=0)
_HEADERS = {"User-Agent": "Sayso", "Accept-Encoding": "identity"}
# Before these nothing had been sent; after any other error nobody knows.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def client() -> httpx.Client:
    """A client for some calls at once, to be closed after them. It believes no proxy of the environment."""
    return httpx.Client(
        timeout=TIMEOUT,
        limits=_LIMITS,
        headers=_HEADERS,
        verify=_certificates(),
        follow_redirects=False,
        trust_env=False,
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than many a call."""
    return httpx.create_ssl_context(trust_env=False)


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
    found, deadline = b"", time.monotonic() + LONGEST_SECONDS
    for part in answer.iter_raw():
        found += part
        if len(found) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
            break
    return found[:MAX_ANSWER_BYTES]


def fetch(by: httpx.Client, call: Call, limit: int, deadline: float) -> tuple[int, Fetched]:
    """The status and the answer of a call, its body up to `limit` bytes.

    Raise what httpx raises, and `TimeoutError` after the `deadline` (of the monotonic clock).
    """
    parts: list[bytes] = []
    size = 0
    with by.stream(call.method, call.url, headers=dict(call.headers), content=call.content) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        for part in answer.iter_raw() if answer.status_code == 200 else ():
            parts.append(part)
            size += len(part)
            if time.monotonic() > deadline:
                raise TimeoutError
            if size > limit:
                break
        return answer.status_code, Fetched(headers, b"".join(parts)[:limit], cut=size > limit)
