"""The sweep: works off what the doorbell missed. It needs PostgreSQL and nothing else."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection

from consent import pipeline

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Works off the inbox without the broker, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks (default 1)")
        parser.add_argument("--once", action="store_true", help="work off what is there, and end")

    def handle(self, *args: Any, interval: float, once: bool, **options: Any) -> None:
        if once:
            self.stdout.write(f"worked off {pipeline.drain()}")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(interval):
            _look()


def _look() -> None:
    try:
        pipeline.drain()
    except DatabaseError as error:
        logger.warning("the database cannot answer (%s); looking again soon", type(error).__name__)
        connection.close()
