"""The machine-readable parts of a report: delivery status (RFC 3464) and feedback (RFC 5965), as fields, not yet
judged."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from consent.intake.mail_headers import Block, clean_line, decode_bytes, raw_values, read_fields
from consent.intake.mail_limits import FIELDS, STATUS_GROUPS, within
from consent.intake.mail_mime import Leaf, split_head

Fields = tuple[tuple[str, str], ...]
"""Names in lower case with their values, in order, repeated ones kept."""

STATUS_TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
FEEDBACK_TYPES: Final = frozenset({"message/feedback-report", "text/feedback-report"})
RETURNED_TYPES: Final = frozenset(
    {"message/rfc822", "message/global", "message/global-headers", "text/rfc822-headers", "text/rfc822-header"}
)
RETURNED_NAMES: Final = frozenset(
    {"to", "cc", "from", "subject", "message-id", "date", "list-unsubscribe", "list-id", "feedback-id", "delivered-to"}
)
GROUP_BREAK: Final = re.compile(r"\n[ \t]*\n")


class DeliveryReport(msgspec.Struct, frozen=True):
    """A message/delivery-status: the fields of the message, then a group of fields for each recipient."""

    message: Fields
    recipients: tuple[Fields, ...]


class FeedbackReport(msgspec.Struct, frozen=True):
    """A message/feedback-report with the header fields of the message that it complains about."""

    fields: Fields
    returned: Mapping[str, str]


def first(fields: Fields, name: str) -> str:
    return next((value for key, value in fields if key == name), "")


def every(fields: Fields, name: str) -> list[str]:
    return [value for key, value in fields if key == name]


def read_delivery(text: str) -> DeliveryReport:
    """Read a delivery status. Programs that put the first recipient into the message's own group are forgiven."""
    groups = [group for group in _groups(text) if group]
    within(len(groups), STATUS_GROUPS, "recipients in a report")
    recipients = [group for group in groups if first(group, "final-recipient") or first(group, "original-recipient")]
    return DeliveryReport(groups[0] if groups else (), tuple(recipients))


def read_feedback(leaf: Leaf) -> Fields:
    return tuple(field for group in _groups(leaf.text) for field in group)


def _groups(text: str) -> Iterator[Fields]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, group in enumerate(GROUP_BREAK.split(text.strip("\n"))):
        within(number, 2 * STATUS_GROUPS, "recipients in a report")
        yield _fields(group)


def _fields(group: str) -> Fields:
    found: list[tuple[str, str]] = []
    for line in group.split("\n"):
        name, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"} and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {clean_line(line)}"[:2_000])
        elif colon and name.strip():
            found.append((name.strip().lower()[:80], clean_line(value[:2_000])))
        within(len(found), FIELDS, "fields in a report")
    return tuple(found)


def read_returned(leaf: Leaf) -> dict[str, str]:
    """Give the header fields of a returned message that name its recipient, first values, names in lower case."""
    data = leaf.data
    fields = split_head(data, 0, len(data))[0] if leaf.content_type.startswith("message/") else _headers_only(data)
    found: dict[str, str] = {}
    for key, _ in fields.raw_items():
        name = key.lower()
        if name not in found and (name in RETURNED_NAMES or name.startswith("x-")):
            found[name] = clean_line(decode_bytes(_octets(raw_values(fields, name)[0]), "utf-8"))[:4_000]
    return found


def _headers_only(data: bytes) -> Block:
    start = len(data) - len(data.lstrip(b"\r\n"))
    return read_fields(data[start:]) if b"\n\n" not in data[start:] else split_head(data, start, len(data))[0]


def _octets(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
