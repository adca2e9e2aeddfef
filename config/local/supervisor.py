"""Starts a table of processes, watches over them, starts again what dies, and stops all of it in order.

Own code rather than honcho (no restart, no readiness) or supervisord (a daemon with a configuration language, and its
children outlive a kill -9): what we need beyond both is readiness in order, parent-death signals and no orphans.
"""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from config.local import orphans
from config.local.child import Child, Process, always, bound, describe
from config.local.errors import SetupError, StartInterruptedError

TICK = 0.1  # seconds
BACK_OFF = (0.2, 1.0, 3.0, 10.0)  # seconds before the first, second… restart in a row
STEADY = 30.0  # seconds alive after which a death counts as the first again
LOG_CHECK = 10.0  # seconds
SLOW = 15.0  # seconds of waiting after which we say so

Say = Callable[[str], None]


def say(line: str) -> None:
    """Print a line at once; a closed terminal does not stop us."""
    with suppress(OSError):
        print(line, flush=True)


class Restart:
    """When a dead process is due again."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self.due = 0.0

    def plan(self, lived: float) -> float:
        """Set the time of the next start after a life of so many seconds, and return the wait."""
        self._in_a_row = 0 if lived > STEADY else self._in_a_row
        wait = BACK_OFF[min(self._in_a_row, len(BACK_OFF) - 1)]
        self._in_a_row += 1
        self.due = time.monotonic() + wait
        return wait


class Supervisor:
    """Owner of the processes of one state folder; use it as a context manager, which stops all it started.

    In the folder it keeps `log/NAME.log`, `run/NAME.pid` and `run/lock`. The processes get `environment` and the
    folder's mark. Entering raises `SetupError` where another supervisor owns the folder, and stops what a killed one
    left behind.
    """

    def __init__(
        self,
        state: Path,
        environment: Mapping[str, str],
        *,
        say: Say = say,
        asked_to_stop: Callable[[], bool] = lambda: False,
        hurry: threading.Event | None = None,
    ) -> None:
        self.state = state.resolve()
        self._hurry = hurry or threading.Event()  # set: kill rather than ask
        # Unbuffered: a process that is killed must not take its last words along.
        self._environment = {"PYTHONUNBUFFERED": "1", **environment, orphans.MARK: str(self.state)}
        self._say = say
        self._asked_to_stop = asked_to_stop
        self._groups: list[list[Child]] = []
        self._restarts: dict[str, Restart] = {}
        self._lock = threading.RLock()
        # One thread starts all children and lives as long as we do: the kernel ends them when it goes (see `tether`).
        self._starter = ThreadPoolExecutor(1, "starter")
        self._owner: int | None = None
        self._logs_checked = 0.0

    def __enter__(self) -> "Supervisor":
        for folder in (self.state, self.state / "run", self.state / "log"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._owner = own(self.state / "run" / "lock")
        if orphans.stop(lambda: orphans.of(self.state)):
            self._say("Stopped what an earlier run had left behind.")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._starter.shutdown()
        if self._owner is not None:
            os.close(self._owner)

    def update(self, environment: Mapping[str, str]) -> None:
        """Add to the environment of what starts from now on."""
        self._environment.update(environment)

    def start(self, *processes: Process) -> None:
        """Start a group: first those that have a `ready`, until they are, then the others. A stop goes in reverse.

        Raise `SetupError` with the log's end where one dies or is not ready in time, `StartInterruptedError` when asked
        to stop.
        """
        with self._lock:
            group = [Child(process, self.state, self._environment) for process in processes]
            self._groups.append(group)
            awaited = [child for child in group if child.process.ready is not always]
            self._start_children(awaited)
            self._wait_until_ready(awaited)
            # Only now: they would take the processor from those that somebody waits for.
            self._start_children([child for child in group if child not in awaited])

    def _start_children(self, children: list[Child]) -> None:
        for child in children:
            self._starter.submit(child.start).result()

    def _wait_until_ready(self, group: list[Child]) -> None:
        began = noted = time.monotonic()
        waiting = group
        while waiting := [child for child in waiting if not child.process.ready()]:
            for child in group:
                self._fail_if_ended(child)
            noted = self._note_slow(waiting[0], began, noted)
            self._pause()
        for child in group:
            self._fail_if_ended(child)

    def _note_slow(self, child: Child, began: float, noted: float) -> float:
        """Say now and then what we wait for, and give up in the end; return when it was said last."""
        now = time.monotonic()
        if now - began > child.process.patience:
            raise child.failure(f"was not ready within {child.process.patience:.0f} s")
        if now - noted < SLOW:
            return noted
        self._say(f"{child.process.name} runs but is not ready yet; waiting (log: {child.log})")
        return now

    @staticmethod
    def _fail_if_ended(child: Child) -> None:
        status = child.poll()
        if status is not None:
            raise child.failure(f"{describe(status)} while starting")

    def _pause(self) -> None:
        if self._asked_to_stop():
            raise StartInterruptedError
        time.sleep(TICK / 2)

    def complete(self, process: Process) -> None:
        """Run a process to its end. Raise `SetupError` unless it ends with status 0 within its patience."""
        child = Child(process, self.state, self._environment)
        self._groups.append([child])
        self._starter.submit(child.start).result()
        deadline = time.monotonic() + process.patience
        while (status := child.poll()) is None:
            if time.monotonic() > deadline:
                raise child.failure(f"did not end within {process.patience:.0f} s")
            self._pause()
        self._groups.pop()
        if status:
            raise child.failure(describe(status))

    def watch(self) -> None:
        """Start again whatever dies, until we are asked to stop."""
        while not self._asked_to_stop():
            self.tick()
            time.sleep(TICK)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch in a thread while the caller does something else."""
        done = threading.Event()

        def loop() -> None:
            while not done.wait(TICK):
                self.tick()

        thread = threading.Thread(target=loop, name="supervisor", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def tick(self) -> None:
        """Look once at every process: note a death, start what is due, bound the logs."""
        with self._lock:
            for child in self._children():
                if child.is_running:
                    self._notice_death(child)
                elif time.monotonic() >= self._restart(child).due:
                    self._start_again(child)
            self._bound_logs()

    def _notice_death(self, child: Child) -> None:
        status = child.poll()
        if status is not None:
            self._plan_restart(child, describe(status), time.monotonic() - child.started_at)

    def _plan_restart(self, child: Child, what: str, lived: float) -> None:
        wait = self._restart(child).plan(lived)
        self._say(f"{child.process.name} {what}; starting it again in {wait:.1f} s (log: {child.log})")

    def _restart(self, child: Child) -> Restart:
        return self._restarts.setdefault(child.process.name, Restart())

    def _start_again(self, child: Child) -> None:
        try:
            self._starter.submit(child.start).result()
        except (SetupError, OSError) as error:
            self._plan_restart(child, f"cannot start: {error}", 0)

    def _bound_logs(self) -> None:
        if time.monotonic() - self._logs_checked > LOG_CHECK:
            self._logs_checked = time.monotonic()
            for child in self._children():
                with suppress(OSError):
                    bound(child.log)

    def _children(self) -> list[Child]:
        return [child for group in self._groups for child in group]

    def pid(self, name: str) -> int:
        """Return the process id of a running process. Raise `SetupError` where it does not run."""
        return self._child(name).pid

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and all that it started, as a fault or a freeze would hit them."""
        with self._lock:
            self._child(name).send_group(number)

    def _child(self, name: str) -> Child:
        return next(child for child in self._children() if child.process.name == name)

    def stop(self) -> None:
        """Stop every group, the last one first, each at once and with its grace; then it can start anew."""
        with self._lock:
            while self._groups:
                self._stop_group([child for child in self._groups[-1] if child.is_running])
                self._groups.pop()

    def _stop_group(self, children: list[Child]) -> None:
        for child in children:
            child.begin_stop()
        asked = time.monotonic()
        while children := [child for child in children if child.poll() is None]:
            for child in children:
                if self._hurry.is_set() or time.monotonic() - asked > child.process.grace:
                    child.send_group(signal.SIGKILL)
            time.sleep(TICK / 5)


def own(lock: Path) -> int:
    """Take the lock file for this process' life and return its descriptor. Raise `SetupError` where another has it.

    The kernel drops the lock with its owner, so none is ever stale; children do not inherit the descriptor.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(descriptor, 20).decode().strip()
        os.close(descriptor)
        raise SetupError(
            f"Already running here (process {owner}, {lock.parent.parent}): stop that one first."
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor
