"""Requests that last: streams, exports, and clients that wait. There are few threads, and a check must find one free.

So each web process takes only so many of them at once. A stream or an export that is too much is answered 429; whoever
cannot be let wait is answered at once.
"""

import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from django.conf import settings

from subscriptions.api.problems import Problem


class Closable(Protocol):
    """What is open until it is closed."""

    def close(self) -> None: ...


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


class Place:
    """A place for a stream or an export. Raises `Problem` where there is none."""

    def __init__(self) -> None:
        self._is_taken = _take("long", settings.SAYSO_LONG_REQUESTS)
        if not self._is_taken:
            raise Problem(429, "Too many streams and exports at once. Try again later.", Retry_After="5")

    def close(self) -> None:
        if self._is_taken:
            self._is_taken = False
            _give("long")


class Streaming:
    """A long answer, part by part. When it is closed, as it is when the client hangs up, so is all that it needed."""

    def __init__(self, parts: Generator[bytes, None, None], *needed: Closable) -> None:
        self._parts = parts
        self._needed = needed

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        with ExitStack() as stack:
            for one in reversed(self._needed):
                stack.callback(one.close)
            self._parts.close()


def _take(kind: str, most: int) -> bool:
    with _lock:
        if _busy[kind] >= most:
            return False
        _busy[kind] += 1
        return True


def _give(kind: str) -> None:
    with _lock:
        _busy[kind] -= 1
