"""What `make up` runs."""

import http.client
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from config.local.child import Process
from config.local.ports import HOST

PYTHON = sys.executable
CELERY = (PYTHON, "-m", "celery", "-A", "config.celery")


def preparation(root: Path) -> Process:
    """Return what runs to its end before the others: migrate, seed, collect static files."""
    return Process("prepare", (PYTHON, "-m", "config.local.prepare"), root)


def table(root: Path, values: Mapping[str, str], port: int) -> list[Process]:
    """Return the rows: name, command, folder, when it is ready."""
    state = root / "var"
    smtp_host, _, smtp_port = values["SAYSO_SMTP"].rpartition(":")
    web = (
        *("--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "2", "--blocking-threads", "4"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5", "--no-ws"),
    )
    # Prefetch 1: a task that waits in a busy worker's memory is one that nobody else can do.
    plain = ("--prefetch-multiplier", "1", "--without-gossip", "--without-mingle", "-l", "INFO")
    worker = ("-Q", "pipeline", "--concurrency", "2", *plain)
    errands = ("-Q", "errands", "--concurrency", "1", "-n", "errands@%h", *plain)
    files = ("-Q", "runs,imports", "--concurrency", "2", "-n", "files@%h", *plain)
    schedule = ("-l", "INFO", "--schedule", str(state / "run" / "beat-schedule"), "--pidfile", "")
    return [
        Process(
            "web",
            (PYTHON, "-m", "granian", *web, "config.wsgi:application"),
            root,
            ready=lambda: is_ready(port),
            before=lambda: forget_counts(Path(values.get("SAYSO_METRICS_DIR") or state / "metrics")),
            environment={"MALLOC_ARENA_MAX": "2"},  # mallopt(3): an arena a thread took 7 MB more a process
        ),
        Process("worker", (*CELERY, "worker", *worker), root),
        Process("errands", (*CELERY, "worker", *errands), root),
        Process("files", (*CELERY, "worker", *files), root),
        Process("beat", (*CELERY, "beat", *schedule), root),
        Process("sweep", (PYTHON, "manage.py", "sweep"), root),
        Process("smtp", (PYTHON, "manage.py", "smtp_listener"), root, ready=lambda: listens(smtp_host, int(smtp_port))),
    ]


def forget_counts(folder: Path) -> None:
    """Remove the counters of web processes that ended: a counter may start anew, but must not count them for ever."""
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


def is_ready(port: int) -> bool:
    """Tell whether the web answers /readyz with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True
