"""Small programs to supervise, and patience."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from config.local import orphans
from config.local.child import Process

ROOT = Path(__file__).resolve().parents[2]
SLEEP = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"


def program(name: str, code: str, folder: Path, **options: Any) -> Process:
    return Process(name, (sys.executable, "-c", code), folder, **options)


def eventually(happened: Callable[[], object], seconds: float = 10) -> None:
    """Wait until `happened` says yes."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command, and kill it at the end, whatever came of the test.

    It heeds SIGINT as at a terminal: where a script started the tests in the background, they came to ignore it.
    """
    heeding = ("env", "--default-signal=INT", *command)
    with subprocess.Popen(heeding, stdin=subprocess.DEVNULL, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def start_python(code: str, *arguments: object, **options: Any) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start Python on the code, with the project importable, its output in pipes."""
    variables = {**clean_environment(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return started(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def clean_environment() -> dict[str, str]:
    """Return the environment without what would point the servers, or Celery, elsewhere."""
    ours = (
        "DJANGO_",
        "SAYSO_",
        "DATABASE_URL",
        "REDIS_URL",
        "PORT",
        "POSTGRES_PORT",
        "VALKEY_PORT",
        "SMTP_PORT",
        "SECRET_KEY",
    )
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def left(folder: Path) -> list[int]:
    """Return the processes that run for a state folder."""
    return orphans.of(folder.resolve())
