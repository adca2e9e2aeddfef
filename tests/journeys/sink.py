"""A mail server that takes whatever comes, and keeps it for the test."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from aiosmtpd.controller import Controller

from config.local import ports


class Delivered(NamedTuple):
    sender: str
    recipients: list[str]
    content: bytes


class Sink:
    """Where the filter hands messages back."""

    def __init__(self) -> None:
        self.delivered: list[Delivered] = []

    async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self.delivered.append(Delivered(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture
def back() -> Iterator[tuple[Sink, str]]:
    sink, port = Sink(), ports.anywhere()
    controller = Controller(sink, hostname=ports.HOST, port=port)
    controller.start()
    try:
        yield sink, f"{ports.HOST}:{port}"
    finally:
        controller.stop()
