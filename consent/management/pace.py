"""How quickly a long work goes, and how long it will still take, on a line of progress."""

import time
from collections.abc import Callable

from django.core.management.base import OutputWrapper

from consent.management.progress import Progress

_EVERY_SECONDS = 0.1
_COLUMNS = 60  # so that a shorter text covers a longer one


class Pace:
    """`total` is how much there is to do, in the unit of `done`; 0 if nobody knows."""

    def __init__(self, stream: OutputWrapper, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._bar, self._total, self._clock = Progress(stream, total), total, clock
        self._began = clock()
        self._shown_at = self._began

    def show(self, done: int, count: int, noun: str) -> None:
        """Draw the line anew, unless it was drawn just now. `count` things were seen."""
        now = self._clock()
        if now - self._shown_at >= _EVERY_SECONDS:
            self._shown_at = now
            self._bar.show(done, self._words(now - self._began, done, count, noun).ljust(_COLUMNS))

    def end(self) -> None:
        """Leave the line as it is."""
        self._bar.end()

    def _words(self, seconds: float, done: int, count: int, noun: str) -> str:
        words = f"{count:,} {noun}, {count / seconds:,.0f} a second"
        if not done or done > self._total:
            return words
        minutes, rest = divmod(round((self._total - done) * seconds / done), 60)
        return f"{words}, {minutes}:{rest:02d} left"
