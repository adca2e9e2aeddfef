"""The signing certificates of webhooks: fetched once, within narrow limits, and kept while they hold.

AWS documents (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html): take the certificate
over HTTPS from an SNS host, check that it comes from there, verify the message's signature with its key. What we check:
the adapter compares the address with SNS's hosts before it asks for it, and that the message names a topic of ours; the
connection's own certificate is verified up to the system's or certifi's roots for exactly that host, so that nobody but
AWS can have answered; no redirect is followed; and the document must be one X.509 certificate that holds now. Its own
chain is not built: AWS serves it without its issuers, and the verified connection already says whose it is.

A forged post can make us fetch, since its signature cannot be judged before. So: one flight an address, a few fetches a
minute in a process, failures remembered, and no more than `WAITING` threads wait, none longer than `PATIENCE`; whoever
comes meanwhile is told to come again. A certificate once fetched stays until it expires: its address gets no other.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from datetime import datetime
from typing import NamedTuple, TypeVar

import httpx
from cryptography import x509
from django.utils import timezone

MAX_BYTES = 65_536
PATIENCE = 3.0  # seconds that a request waits for a fetch, and that a fetch may take
WAITING = 2  # of the threads that serve requests
FORGET_FAILURE = 30.0  # seconds
A_MINUTE = 60.0
FETCHES_A_MINUTE = 10
KEPT = 64  # certificates, and failures; SNS has some thirty regions

Download = Callable[[str], bytes]
_T = TypeVar("_T")


class Unavailable(Exception):
    """The certificate could not be had now: the sender may try again later."""


class _Known(NamedTuple):
    pem: bytes
    until: datetime


def download(url: str, client: httpx.Client | None = None) -> bytes:
    """Fetch a small document. Raise `Unavailable` for anything but a 200 of at most `MAX_BYTES` within `PATIENCE`."""
    headers = {"Accept-Encoding": "identity"}
    with client or httpx.Client(timeout=PATIENCE / 2, headers=headers) as session:
        try:
            return _body(session, url, time.monotonic() + PATIENCE)
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__) from error


def _body(session: httpx.Client, url: str, deadline: float) -> bytes:
    with session.stream("GET", url, follow_redirects=False) as answer:
        if answer.status_code != httpx.codes.OK:
            raise Unavailable(f"status {answer.status_code}")
        body = bytearray()
        for chunk in answer.iter_raw(4_096):
            body += chunk
            if len(body) > MAX_BYTES or time.monotonic() > deadline:
                raise Unavailable("too large or too slow")
        return bytes(body)


class Certificates:
    """A process's certificates by their address. Safe to use from many threads."""

    def __init__(self, fetch: Download = download) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._flights: dict[str, Future[bytes]] = {}
        self._started: deque[float] = deque(maxlen=FETCHES_A_MINUTE)
        self._pool = ThreadPoolExecutor(WAITING, thread_name_prefix="certificate")
        self._places = threading.BoundedSemaphore(WAITING)

    def get(self, url: str) -> bytes:
        """The certificate in PEM. Raise `Unavailable` where it cannot be had within `PATIENCE`."""
        if (known := self._held(url)) is not None:
            return known
        if not self._places.acquire(blocking=False):
            raise Unavailable("others wait already")
        try:
            return self._flight(url).result(PATIENCE)
        except Late as error:
            raise Unavailable("too slow") from error
        finally:
            self._places.release()

    def _held(self, url: str) -> bytes | None:
        known = self._known.get(url)
        return known.pem if known is not None and timezone.now() < known.until else None

    def _flight(self, url: str) -> "Future[bytes]":
        with self._lock:
            flight = self._flights.get(url)
            if flight is None and (known := self._held(url)) is not None:  # it landed a moment ago
                flight = Future()
                flight.set_result(known)
            elif flight is None:
                self._may_start(url, time.monotonic())
                flight = self._flights[url] = self._pool.submit(self._fly, url)
            return flight

    def _may_start(self, url: str, now: float) -> None:
        if now - self._failed.get(url, -FORGET_FAILURE) < FORGET_FAILURE:
            raise Unavailable("it failed a moment ago")
        if len(self._started) == FETCHES_A_MINUTE and now - self._started[0] < A_MINUTE:
            raise Unavailable("too many fetches")
        self._started.append(now)

    def _fly(self, url: str) -> bytes:
        try:
            known = _checked(self._fetch(url))
            self._keep(self._known, url, known)
            return known.pem
        except Exception as error:
            self._keep(self._failed, url, time.monotonic())
            raise Unavailable(str(error) if isinstance(error, Unavailable) else type(error).__name__) from error
        finally:
            with self._lock:
                del self._flights[url]

    def _keep(self, where: "OrderedDict[str, _T]", url: str, what: _T) -> None:
        with self._lock:
            where[url] = what
            while len(where) > KEPT:
                where.popitem(last=False)


def _checked(pem: bytes) -> _Known:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise Unavailable("not a certificate") from error
    if not certificate.not_valid_before_utc <= timezone.now() < certificate.not_valid_after_utc:
        raise Unavailable("a certificate that does not hold now")
    return _Known(pem, certificate.not_valid_after_utc)


shared = Certificates()
