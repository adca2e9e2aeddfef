"""What a running instance wrote in its outbox, a folder of .eml files."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.instance import Instance


def messages_to(running: Instance, address: str) -> list[EmailMessage]:
    """The messages to an address. What does not hold it is not parsed: many are there, and who waits looks often."""
    folder, wanted = Path(running.values["SAYSO_MAIL_URL"].removeprefix("file://")), address.encode()
    raws = [raw for path in folder.glob("*.eml") if wanted in (raw := path.read_bytes())]
    found = [message_from_bytes(raw, EmailMessage, policy=policy.default) for raw in raws]
    return [message for message in found if message["To"] == address]
