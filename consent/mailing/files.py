"""Mail into a folder: one RFC 5322 file a message, whole or not at all, for its owner alone."""

import os
import re
from collections.abc import Sequence
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from consent.mailing.message import to_bytes

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_CHARACTERS = 100


class EmailBackend(BaseEmailBackend):
    """Writes messages to `EMAIL_FILE_PATH`. A message with the same Message-ID again is the same file."""

    def __init__(self, *args: Any, file_path: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            self._write(message)
        return len(email_messages)

    def _write(self, message: EmailMessage) -> None:
        content = to_bytes(message)
        path = self.folder / f"{_name(str(message.extra_headers.get('Message-ID', make_msgid())))}.eml"
        new = path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


def _name(message_id: str) -> str:
    """The local part of a Message-ID: ours is the errand's id, which sorts by time."""
    return _UNSAFE.sub("_", message_id.strip("<> ").partition("@")[0])[:_NAME_CHARACTERS] or "message"
