"""The servers and processes under measurement: those of `make up`, in var/bench, on a database of their own."""

import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.figures import BenchError
from config.local import account, environment, ports, processes, servers
from config.local.child import Process
from config.local.supervisor import Supervisor
from consent.filter.turns import turn

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "bench"
FILTER = FOLDER / "filter"
MEASURED = ("web", "worker", "sweep")
PIPELINE = ("worker", "sweep")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "bench.settings", "LOG_LEVEL": "WARNING"}
_PENDING = "SELECT 1 FROM consent_inbound WHERE state = 'pending' LIMIT 1"
_HELD = ("postgres", "postgres.new", "valkey", "filter")
_IDLE_SECONDS = 120.0
_LOOK_SECONDS = 0.005


class Stack:
    """What runs, as the measuring process sees it: the whole environment in `values`, the processes by their ids."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.database = values["DATABASE_URL"]
        self.port = urlsplit(values["SAYSO_URL"]).port or 80

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Freeze the pipeline once it is idle, so that it holds no lock; afterwards let it go on."""
        self.wait_until_idle()
        with turn(FILTER):  # nor is it frozen while it builds the filter, for which others would wait
            self._send(signal.SIGSTOP, *PIPELINE)
        try:
            yield
        finally:
            self._send(signal.SIGCONT, *PIPELINE)

    @contextmanager
    def woken(self, name: str) -> Iterator[None]:
        """Let one process of the frozen pipeline work. The inbox must be empty at the end, as with `paused`."""
        self._send(signal.SIGCONT, name)
        try:
            yield
        finally:
            self._send(signal.SIGSTOP, name)

    @staticmethod
    def _send(number: signal.Signals, *names: str) -> None:
        """To each process and its children, which are its group."""
        for name in names:
            os.killpg(int((FOLDER / "run" / f"{name}.pid").read_text()), number)

    def wait_until_idle(self) -> float:
        """Wait until nothing is pending, and return the seconds that took. Raise `BenchError` after two minutes."""
        began = time.perf_counter()
        with psycopg.connect(self.database, autocommit=True) as connection:
            while connection.execute(_PENDING).fetchone():
                if time.perf_counter() - began > _IDLE_SECONDS:
                    raise BenchError(f"the pipeline did not work off its inbox within {_IDLE_SECONDS:.0f} s")
                time.sleep(_LOOK_SECONDS)
        return time.perf_counter() - began


@contextmanager
def running() -> Iterator[Mapping[str, str]]:
    """Start it all on an empty database with the example organisation, and yield its environment.

    At the end, whatever happened, all of it is stopped, and what it wrote is removed, but for the logs.
    """
    with Supervisor(FOLDER, os.environ) as supervisor:
        clear()  # what a run that was killed has left
        port = ports.anywhere()
        # Nothing of the environment is taken: what is measured is the embedded default.
        values = {**environment.prepare(supervisor.state, {}, port), **SETTINGS, "SAYSO_FILTER_DIR": str(FILTER)}
        supervisor.update(values)
        try:
            for row in servers.rows(supervisor.state, values, {}):
                supervisor.start(row)
            for command in ("migrate", "seed_example"):
                supervisor.complete(Process(command, (processes.PYTHON, "manage.py", command), ROOT))
            supervisor.start(*(row for row in processes.table(ROOT, values, port) if row.name in MEASURED))
            yield values
        finally:
            supervisor.stop()
            clear()


def clear(folder: Path = FOLDER) -> None:
    """Remove the servers' data and the files of a run; nothing may run on them."""
    for held in (*map(folder.joinpath, _HELD), account.own_home(folder / "postgres")):
        # Under another name first: half of a cluster would be refused at the next start.
        gone = held.with_name(f"{held.name}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        if held.exists():
            shutil.rmtree(held.rename(gone))
    for file in folder.glob("scrub.*"):
        file.unlink()
