"""When to stop: Ctrl-C, a closed terminal, a polite kill, or the end of the `make` that started us."""

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType

SECOND = 1.0  # seconds after which another Ctrl-C means: at once


class StopRequest:
    """Ask it, as a function, whether we shall stop; `hurry` is set when it shall be at once.

    Construct it in the main thread: it installs signal handlers.
    """

    def __init__(self) -> None:
        self.hurry = threading.Event()
        self._asked_at: float | None = None
        self._make = Make.of_parent()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif number == signal.SIGINT and now - self._asked_at > SECOND:
            self.hurry.set()

    def __call__(self) -> bool:
        return self._asked_at is not None or (self._make is not None and self._make.has_given_up())


class Make:
    """The `make` that runs us and waits for our end.

    GNU make passes SIGTERM on to its commands but not SIGINT, which it expects them to get from the terminal; where it
    was sent to make alone, make resets its own handler and waits for us for ever. We see that in the mask of the
    signals it catches (proc(5), SigCgt), and its death in our parent's number.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._caught_interrupts = self._catches_interrupts()

    @classmethod
    def of_parent(cls) -> "Make | None":
        """Return the `make` that is our parent, if it is one."""
        try:
            name = Path(f"/proc/{os.getppid()}/comm").read_text().strip()
        except OSError:
            return None
        return cls(os.getppid()) if name in ("make", "gmake") else None

    def has_given_up(self) -> bool:
        return os.getppid() != self._pid or (self._caught_interrupts and not self._catches_interrupts())

    def _catches_interrupts(self) -> bool:
        try:
            status = Path(f"/proc/{self._pid}/status").read_text()
        except OSError:
            return False
        mask = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
        return bool(int(mask, 16) >> (signal.SIGINT - 1) & 1)
