"""The envelope that a stored message lost: to whom it was sent, and by whom, as its header fields remember it."""

import re
from typing import Final

from consent.intake.mail_headers import addresses, is_field_line, read_fields
from consent.intake.mail_limits import HEAD_BYTES, TooComplex

RECIPIENTS: Final = (
    *("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"),  # what a mail system wrote as it delivered
    *("to", "cc", "bcc", "resent-to", "resent-cc", "apparently-to"),  # what the sender wrote
)
MAX_RECIPIENTS: Final = 1_000
_END: Final = re.compile(rb"\r\n\r\n|\n\n|\n\r\n|\r\r")
_LINES: Final = re.compile(rb"(?:\r\n|\n)(?![ \t])|\r(?![ \t\n])")
_ADDRESS: Final = re.compile(r"[^\s<>(),;:\"@]{1,128}@[^\s<>(),;:\"@]{1,255}")
_ADDRESS_CHARS: Final = 320


def has_header(raw: bytes) -> bool:
    """Whether this is a message at all: some header field is in its head."""
    return any(is_field_line(line) for line in _LINES.split(_head(raw)))


def recipients(raw: bytes) -> tuple[str, ...]:
    """Every address that the header says the message was sent or delivered to."""
    return _addresses(raw, RECIPIENTS)[:MAX_RECIPIENTS]


def return_path(raw: bytes, from_line: bytes = b"") -> str:
    """The envelope's sender: of the Return-Path field, else of the mbox's `From ` line; empty where nobody knows."""
    found = _addresses(raw, ("return-path",))
    words = from_line.decode("utf-8", "replace").split(None, 2)
    return (found or tuple(word for word in words[1:2] if "@" in word) or ("",))[0][:_ADDRESS_CHARS]


def _head(raw: bytes) -> bytes:
    start = len(raw) - len(raw.lstrip(b"\r\n"))
    end = _END.search(raw, start, start + HEAD_BYTES)
    return raw[start : end.start() if end else start + HEAD_BYTES]


def _addresses(raw: bytes, names: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    wanted = tuple(f"{name}:".encode() for name in names)
    for line in _LINES.split(_head(raw)):
        name, colon, _ = line[:200].partition(b":")
        if name.strip().lower() + colon in wanted:
            found += _read_field(line, names)
    return tuple(dict.fromkeys(found))


def _read_field(line: bytes, names: tuple[str, ...]) -> tuple[str, ...]:
    """Each field alone, so that a monstrous one hides no other; of a monstrous one, whatever looks like an address."""
    try:
        return addresses(read_fields(line), names)
    except TooComplex:
        return tuple(_ADDRESS.findall(line.decode("utf-8", "replace"))[:MAX_RECIPIENTS])
