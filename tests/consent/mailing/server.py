"""A real mail server for the tests, which takes messages, or refuses them as it is told."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

# mood → (command, what it answers); `broken` hangs up after the message, before an answer
MOODS = {
    "greylists": ("RCPT", "450 4.7.1 come again"),
    "no such user": ("RCPT", "550 5.1.1 unknown"),
    "no null path": ("MAIL", "550 5.7.1 who are you"),
    "busy": ("MAIL", "421 4.3.2 closing"),
    "full": ("DATA", "452 4.3.1 no space"),
    "spam": ("DATA", "554 5.7.1 no"),
    "broken": ("DATA", ""),
}


class Taken(NamedTuple):
    """A message as it was taken."""

    mail_from: str
    recipients: tuple[str, ...]
    content: bytes


class MailServer:
    """`mood` is one of `MOODS`, or empty: it takes everything."""

    def __init__(self) -> None:
        self.mood = ""
        self.taken: list[Taken] = []

    def says(self, command: str) -> str:
        at, answer = MOODS.get(self.mood, ("", ""))
        return answer if at == command else "250 OK"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.says("MAIL")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.says("RCPT")

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.says("DATA")
        if not answer:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.sleep(0)
        if answer.startswith("250"):
            self.taken.append(Taken(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return answer or "250 never heard"


@contextmanager
def serving(port: int) -> Iterator[MailServer]:
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
