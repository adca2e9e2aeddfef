"""The whole story of `make up`."""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from config.local import environment, ports, processes, servers
from config.local.errors import SetupError
from config.local.stopping import StopRequest
from config.local.supervisor import Supervisor, say

NEEDED = 200_000_000  # bytes on the disk, for a first run
READY = """
Sayso is ready ({seconds:.1f} s).

  Web       {SAYSO_URL}
  API docs  {SAYSO_URL}/docs
  Admin     {SAYSO_URL}/admin/   user {SAYSO_ADMIN_USER}, password {SAYSO_ADMIN_PASSWORD}
  SMTP      {SAYSO_SMTP}
  Mail out  {mail_out}
  Keys      {state}/local.env
  Logs      {state}/log/

Ctrl-C stops it."""


def up(root: Path, given: Mapping[str, str] = os.environ) -> int:
    """Start everything, say where to look, watch over it, and stop it when asked; return the exit status.

    Raise `SetupError` where it cannot start, `StartInterruptedError` where it was asked to stop before it had.
    """
    began = time.monotonic()
    require_linux()
    stop = StopRequest()
    with Supervisor(root / "var", given, asked_to_stop=stop, hurry=stop.hurry) as supervisor:
        require_space(supervisor.state, NEEDED)
        try:
            start(supervisor, root, given, began)
            supervisor.watch()
        finally:
            if stop():
                say("Stopping.")
    return 0


def start(supervisor: Supervisor, root: Path, given: Mapping[str, str], began: float) -> None:
    port = ports.web(given)
    values = environment.prepare(supervisor.state, given, port)
    supervisor.update(values)
    for row in servers.rows(supervisor.state, values, given):
        say(f"Starting {row.name}.")
        supervisor.start(row)
    say("Preparing the database.")
    supervisor.complete(processes.preparation(root))
    table = processes.table(root, values, port)
    say(f"Starting {', '.join(row.name for row in table)}.")
    supervisor.start(*table)
    mail_out = "as SAYSO_MAIL_URL says" if given.get("SAYSO_MAIL_URL") else f"{supervisor.state}/outbox/"
    say(READY.format(**values, mail_out=mail_out, state=supervisor.state, seconds=time.monotonic() - began))


def require_linux() -> None:
    if not sys.platform.startswith("linux"):
        raise SetupError("`make up` needs Linux; elsewhere, run it in a Linux container.")


def require_space(folder: Path, needed: int) -> None:
    """Raise `SetupError` where the disk has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(f"The disk with {folder} is full: {free // 1_000_000} MB free, {needed // 1_000_000} needed.")
