"""One process that we started: its log, its pid file, its end."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.local import errors, orphans
from config.local.errors import SetupError

TETHER = Path(__file__).with_name("tether.py")
LOG_LIMIT = 8_000_000  # bytes
SHOWN = 15  # lines of a log
FULL = 1_000_000  # bytes: with less than that, a process could not even write down what is wrong


def always() -> bool:
    return True


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Process:
    """A row of the process table.

    `ready` is asked until it says yes, for `patience` seconds at the most: many, since a server that recovers and a
    web that works off a backlog must not be stopped half-way. `before` runs ahead of every start and may raise
    `SetupError`. A stop sends `stop_signal`, and SIGKILL after `grace` seconds; the kernel sends `stop_signal` too when
    the supervisor itself is killed.
    """

    name: str
    command: Sequence[str]
    folder: Path
    ready: Callable[[], bool] = always
    before: Callable[[], None] = nothing
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    patience: float = 600.0
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """A started `Process`: leader of a session, so that it and its children can be frozen or killed as one."""

    def __init__(self, process: Process, state: Path, environment: Mapping[str, str]) -> None:
        self.process = process
        self.log = state / "log" / f"{process.name}.log"
        self._pid_file = state / "run" / f"{process.name}.pid"
        # libpq's: pg_stat_activity tells whose a connection is.
        self._environment = {**environment, "PGAPPNAME": f"sayso-{process.name}", **process.environment}
        self._popen: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self.started_at = 0.0

    @property
    def pid(self) -> int:
        """The process id. Raise `SetupError` while it does not run."""
        if self._popen is None:
            raise SetupError(f"{self.process.name} is not running.")
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        return self._popen is not None

    def start(self) -> None:
        self.process.before()
        bound(self.log)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._popen = subprocess.Popen(
                self._command(),
                cwd=self.process.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started_at = time.monotonic()
        self._pid_file.write_text(f"{self.pid}\n")

    def _command(self) -> list[str]:
        tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid())]
        return [*tether, str(int(self.process.stop_signal)), *self.process.command]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        orphans.send([self.pid], number)

    def send_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and all that it started in its session."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def poll(self) -> int | None:
        """Return the exit status once it has ended (negative: the signal that killed it), and clear up after it.

        A process that is stopped (SIGSTOP) has not ended.
        """
        popen = self._popen
        if popen is None or os.waitid(os.P_PID, popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        # Its children would hold the port. Until we reap it, the group's number cannot become another's.
        self.send_group(signal.SIGKILL)
        self._popen = None
        self._pid_file.unlink(missing_ok=True)
        return popen.wait()

    def begin_stop(self) -> None:
        self.send(self.process.stop_signal)
        self.send_group(signal.SIGCONT)  # a frozen one hears nothing

    def failure(self, what: str) -> SetupError:
        """Return the `SetupError` of a start, with the log's last lines since then."""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - 20_000))
            lines = log.read().decode(errors="replace").splitlines()[-SHOWN:]
        if any(errors.FULL in line for line in lines) or shutil.disk_usage(self.log).free < FULL:
            return SetupError(f"{self.log.parent.parent}: {errors.CAUSES[errno.ENOSPC]}.")
        return SetupError(f"{self.process.name} {what}; the end of {self.log}:", "\n".join(lines))


def describe(status: int) -> str:
    """Say how a process ended."""
    return f"was killed ({signal.Signals(-status).name})" if status < 0 else f"ended with status {status}"


def bound(log: Path) -> None:
    """Keep one older log and start anew where it has grown too large; its writers append, so they carry on."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        with suppress(OSError):  # on a full disk, room matters more than the old log
            shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)
