"""Small programs to supervise, and patience."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config.local import orphans
from config.local.child import Process

ROOT = Path(__file__).resolve().parents[2]
SLEEP = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"


def program(name: str, code: str, folder: Path, **options: object) -> Process:
    return Process(name, (sys.executable, "-c", code), folder, **options)  # type: ignore[arg-type]


def eventually(happened: Callable[[], object], seconds: float = 10) -> None:
    """Wait until `happened` says yes."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def start_python(code: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start Python on the code, with the project importable, its output in pipes."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**clean_environment(), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def clean_environment() -> dict[str, str]:
    """Return the environment without what would point the servers elsewhere."""
    ours = ("SAYSO_", "DATABASE_URL", "REDIS_URL", "PORT", "POSTGRES_PORT", "VALKEY_PORT", "SMTP_PORT", "SECRET_KEY")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def left(folder: Path) -> list[int]:
    """Return the processes that run for a state folder."""
    return orphans.of(folder.resolve())
