"""The sweep: works off what the doorbells missed. It needs PostgreSQL and nothing else."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import DatabaseError, connection

from consent import outbox, pipeline, tidying
from consent.filter import building
from consent.management.base import BaseCommand
from consent.outside import working
from consent.runs import scrub
from consent.scrubs import working as scrubbing

logger = logging.getLogger(__name__)

_LAST_CALLS_SECONDS = 8.0
_FILTER_SECONDS = 5.0  # the filter is read once each time, to see that it is whole
_TIDY_SECONDS = 60.0
_RUNS_GRACE = timedelta(seconds=2)  # a scrub is work: the worker of its queue has the first try


class Command(BaseCommand):
    help = "Works off the inbox and the outbox without the broker, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks (default 1)")
        parser.add_argument("--once", action="store_true", help="work off what is there, and end")

    def handle(self, *args: Any, interval: float, once: bool, **options: Any) -> None:
        if once:
            self.stdout.write(f"worked off {pipeline.drain()}")
            self.stdout.write(f"errands {outbox.drain()}")
            self.stdout.write(f"mail runs {scrub.drain()}")
            self.stdout.write(f"scrubs {scrubbing.drain()}")
            self.stdout.write(f"imports {working.drain()}")
            tidying.tidy()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # Apart, so that somebody else's slow server does not keep the inbox waiting.
        errands = threading.Thread(target=_run, args=(_errands, stop, interval), name="errands", daemon=True)
        errands.start()
        threading.Thread(target=_run, args=(_runs, stop, interval), name="runs", daemon=True).start()
        threading.Thread(target=_run, args=(_scrubs, stop, interval), name="scrubs", daemon=True).start()
        threading.Thread(target=_run, args=(_imports, stop, interval), name="imports", daemon=True).start()
        threading.Thread(target=_run, args=(_filter, stop, _FILTER_SECONDS), name="filter", daemon=True).start()
        threading.Thread(target=_run, args=(tidying.tidy, stop, _TIDY_SECONDS), name="tidy", daemon=True).start()
        _run(pipeline.drain, stop, interval)
        errands.join(_LAST_CALLS_SECONDS)


def _errands() -> int:
    return outbox.drain(seconds=1.0)  # it looks often whether it is to end: a call cut off may have been heard


def _runs() -> int:
    return scrub.drain(seconds=1.0, grace=_RUNS_GRACE)


def _scrubs() -> int:
    return scrubbing.drain(seconds=1.0, grace=_RUNS_GRACE)


def _imports() -> int:
    return working.drain(seconds=5.0)


def _filter() -> int:
    folder = Path(settings.SAYSO_FILTER_DIR)
    try:
        return int(building.keep_current(folder, building.place_of(folder)))
    except OSError as error:
        logger.warning("the filter of keys could not be written (%s); checks do without", type(error).__name__)
        return 0


def _run(drain: Callable[[], object], stop: threading.Event, interval: float) -> None:
    while not stop.wait(interval):
        _look(drain)


def _look(drain: Callable[[], object]) -> None:
    try:
        drain()
    except DatabaseError as error:
        logger.warning("the database cannot answer (%s); looking again soon", type(error).__name__)
        connection.close()
