"""The SMTP listener, as a process of its own."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from consent.smtp import make_controller


class Command(BaseCommand):
    help = "Takes mail for the opt-out mailboxes, until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        host, _, port = settings.SAYSO_SMTP.rpartition(":")
        controller = make_controller(host or "127.0.0.1", int(port))
        try:
            controller.start()
        except OSError as error:
            raise CommandError(f"SAYSO_SMTP {settings.SAYSO_SMTP}: {error}") from error
        self.stdout.write(f"taking mail on {settings.SAYSO_SMTP}")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
        controller.stop()
