"""What an earlier run left behind: found in /proc and stopped.

A run that was killed with -9 may leave processes that hold our ports and data. Each child carries the path of its state
folder in its environment, which cannot be mistaken as a process id can: a child's children carry it too, and the
processes of another checkout carry another path.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

MARK = "SAYSO_STATE_FOLDER"
PROC = Path("/proc")


def process_ids() -> Iterable[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def is_alive(pid: int) -> bool:
    """Tell whether the process runs or is stopped; one that has ended and waits for its parent is not alive."""
    try:
        # The command's name, in brackets, may itself hold spaces and brackets (proc(5)).
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def carries(pid: int, mark: bytes) -> bool:
    try:
        return mark in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile, or is another user's
        return False


def of(folder: Path) -> list[int]:
    """Return the ids of the processes that run for this state folder."""
    mark = os.fsencode(f"{MARK}={folder}")
    return [pid for pid in process_ids() if pid != os.getpid() and carries(pid, mark) and is_alive(pid)]


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def stop(find: Callable[[], list[int]], grace: float = 5.0) -> int:
    """Stop every process that `find` names, those that ignore it with force. Return how many there were.

    SIGINT first: it is a proper shutdown to PostgreSQL (fast), Valkey, Celery and Python alike.
    """
    found = find()
    send(found, signal.SIGINT)
    send(found, signal.SIGCONT)  # a frozen one hears nothing
    if not wait_for_end(find, grace):
        send(find(), signal.SIGKILL)
        wait_for_end(find, grace)
    return len(found)


def wait_for_end(find: Callable[[], list[int]], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while find():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
