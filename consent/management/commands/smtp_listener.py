"""The listener for mail, SMTP and LMTP, as a process of its own."""

import asyncio
import logging
import signal
from typing import Any

from django.core.management.base import CommandError

from consent.classify import text_rules
from consent.management.base import BaseCommand
from consent.smtp.limits import Door
from consent.smtp.listener import Unusable, door_of_settings, load_certificate, serve

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Takes mail for the opt-out mailboxes, until it is stopped. SIGHUP reads a renewed certificate."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(self._serve(door_of_settings()))
        except Unusable as error:
            raise CommandError(str(error)) from error

    async def _serve(self, door: Door) -> None:
        text_rules.prepare()
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, _renew, door)
        await serve(door, stop, lambda where: self.stdout.write(f"taking mail on {', '.join(where.values())}"))


def _renew(door: Door) -> None:
    try:
        if door.tls is not None:
            load_certificate(door.tls)
    except Unusable as error:
        logger.error("the certificate before it stays in use: %s", error)
