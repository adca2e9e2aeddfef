"""The answers to letters, where an instance writes them into files."""

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

_SECONDS = 10
_SHOWN = ("From", "To", "Subject", "Auto-Submitted")
_NEWEST = 50


class Found(NamedTuple):
    """A message with its file, and what there is to show of it."""

    path: Path
    lines: tuple[str, ...]


def answer_to(address: str) -> Found | None:
    """The answer that an address was written, once it is there; None if it does not come into files of ours."""
    deadline = time.monotonic() + _SECONDS
    while settings.EMAIL_FILE_PATH:
        found = next((one for one in _newest() if one.lines[1] == f"To: {address}"), None)
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)
    return None


def _newest() -> list[Found]:
    """Their names sort by time."""
    paths = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.eml"), reverse=True)
    return [Found(path, _lines(path)) for path in paths[:_NEWEST]]


def _lines(path: Path) -> tuple[str, ...]:
    message = message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default)
    head = [f"{name}: {message[name]}" for name in _SHOWN]
    return (*head, "", *message.get_content().rstrip().splitlines())
