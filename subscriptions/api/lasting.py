"""Requests that last: streams, exports, and clients that wait. There are few threads, and a check must find one free.

So each web process takes only so many of them at once. A stream or an export that is too much is answered 429; whoever
cannot be let wait is answered at once.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from subscriptions.api.problems import Problem

_lock = threading.Lock()
_busy = {"long": 0, "waiting": 0}


@contextmanager
def place_to_wait() -> Iterator[bool]:
    """Whether one more may wait."""
    got = _take("waiting", settings.SAYSO_WAITING_CLIENTS)
    try:
        yield got
    finally:
        if got:
            _give("waiting")


class Streaming:
    """A long answer, part by part. It holds a place until it is closed, as it is when the client hangs up."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._open = _take("long", settings.SAYSO_LONG_REQUESTS)
        if not self._open:
            raise Problem(429, "Too many streams and exports at once. Try again later.", Retry_After="5")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        """End the parts, wherever they are, and give the place back."""
        try:
            close = getattr(self._parts, "close", None)
            if close is not None:
                close()
        finally:
            if self._open:
                self._open = False
                _give("long")


def _take(kind: str, most: int) -> bool:
    with _lock:
        if _busy[kind] >= most:
            return False
        _busy[kind] += 1
        return True


def _give(kind: str) -> None:
    with _lock:
        _busy[kind] -= 1
