"""What a running instance wrote in its outbox, a folder of .eml files."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from tests.instance import Instance


def messages_to(running: Instance, address: str) -> list[EmailMessage]:
    """The messages to an address. Each is read once, and not parsed unless it holds it: many are there, and who waits
    looks often.
    """
    folder, wanted = Path(running.values["SAYSO_MAIL_URL"].removeprefix("file://")), address.encode()
    raws = [raw for path in folder.glob("*.eml") if wanted in (raw := _content(path))]
    found = [message_from_bytes(raw, EmailMessage, policy=policy.default) for raw in raws]
    return [message for message in found if message["To"] == address]


@cache
def _content(path: Path) -> bytes:
    """A message's file is whole from the beginning, and never another one."""
    return path.read_bytes()
