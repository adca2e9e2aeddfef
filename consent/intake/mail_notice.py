"""A mail provider's post that only tells of a message: which one it is, and what is told of its head.

The message itself is asked for later, over the provider's API (consent/incoming).

- Resend (https://resend.com/docs/webhooks/emails/received): {"type": "email.received", "data": {"email_id": "…",
  "from": "Ann <ann@…>", "to": ["…"], "cc": [], "bcc": [], "subject": "…", "message_id": "<…>"}}
- Mailtrap (https://docs.mailtrap.io/inbound-email/webhooks): {"events": [{"event": "inbound.message_received",
  "inbox_id": 7, "message_id": "18…", "from": "Ann <ann@…>"}]}, where `from` may be the name alone. To whom it was sent
  is not told. Its test button posts the inbox 1, or none.
- Amazon SES with the action *S3* (https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html),
  within a notification of SNS: {"notificationType": "Received", "receipt": {"recipients": ["…"], "action":
  {"type": "S3", "bucketName": "…", "objectKey": "…"}}, "mail": {"source": "…", "messageId": "…", "headers": [{"name":
  "From", "value": "…"}]}}
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from consent.intake.contract import Malformed, Request
from consent.intake.mail_batches import MAX_EVENTS, decoded
from consent.intake.providers import wire

Item = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]
MAX_FIELD = 20_000  # characters of one field of a head
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_BUCKET = re.compile(r"(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"[^\s<>(),;:\"@]{1,128}@[^\s<>(),;:\"@]{1,255}")
_SAMPLE_INBOXES = (None, 1)
_MAILTRAP_EVENTS = ("inbound.message_received", "inbound_message_received")  # the second of its test button
_ENDS_LINE = re.compile(r"[\r\n\0]+")


class MailNotice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message that waits at a provider. `id` is its name there, `place` the inbox or bucket that it lies in.

    `recipients` are the addresses it was sent to, as far as the provider tells; `head` the fields of its head.
    """

    id: str
    place: str = ""
    mail_from: str = ""
    recipients: tuple[str, ...] = ()
    head: Pairs = ()

    def field(self, name: str) -> str:
        """The first field of that name, written in lower case."""
        return next((value for known, value in self.head if known.lower() == name), "")

    def as_head(self) -> bytes:
        """The head as a message without words."""
        lines = [f"{name}: {_ENDS_LINE.sub(' ', value)}\r\n" for name, value in self.head]
        return "".join([*lines, "\r\n"]).encode("utf-8", "replace")


class Sample(msgspec.Struct, frozen=True):
    """What a provider's test button posts: a message that is not there."""

    name: str


Told = MailNotice | Sample | Malformed


def told(provider: str, request: Request) -> list[Told] | None:
    """The messages that a verified post tells of; None where it hands the messages over.

    Raise `Malformed` where the post itself cannot be read.
    """
    if provider not in NOTIFIERS:
        return None
    items, read = NOTIFIERS[provider](request)
    if items is None:
        return None
    if not isinstance(items, list) or not items or len(items) > MAX_EVENTS:
        raise Malformed("body", "not a list of events")
    return [_one(read, item) for item in items]


def _one(read: Callable[[Item], Told], item: object) -> Told:
    try:
        return read(item if isinstance(item, dict) else {})
    except Malformed as error:
        return error
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return Malformed("message", f"cannot be read ({type(error).__name__})")


def _resend(item: Item) -> Told:
    if item["type"] != "email.received":
        raise Malformed("type", "this is the address of the inbound webhook, and the post is no email.received")
    data = item["data"]
    fields = ("from", "to", "cc", "subject", "message_id")
    head = [(name.replace("_", "-").title(), ", ".join(_texts(data.get(name)))) for name in fields]
    recipients = [one for name in ("received_for", "to", "cc", "bcc") for one in _texts(data.get(name))]
    return MailNotice(_name(data["email_id"]), recipients=addresses_in(recipients), head=_head(head))


def _mailtrap(item: Item) -> Told:
    if item["event"] not in _MAILTRAP_EVENTS:
        raise Malformed("event", "this is the address of the inbound webhook, and the post is of another event")
    if item.get("inbox_id") in _SAMPLE_INBOXES:
        return Sample("test of the inbound webhook")
    sender = item.get("from")
    head = [("From", sender)] if isinstance(sender, str) and addresses_in([sender]) else []
    return MailNotice(_name(item["message_id"]), _name(item["inbox_id"]), head=_head(head))


def _amazon_ses(item: Item) -> Told:
    mail, receipt = item["mail"], item["receipt"]
    bucket, key = str(receipt["action"]["bucketName"]), receipt["action"]["objectKey"]
    if not _BUCKET.fullmatch(bucket) or not isinstance(key, str) or not _is_plain_key(key):
        raise ValueError("not the name of an object")
    head = [(one["name"], one["value"]) for one in mail.get("headers") or []]
    return MailNotice(key, bucket, str(mail.get("source") or ""), tuple(_texts(receipt["recipients"])), _head(head))


def _is_plain_key(key: str) -> bool:
    """No step upward, which would be taken on the way and so change what was signed."""
    return 0 < len(key.encode()) <= 1_024 and not {".", ".."} & set(key.split("/"))


def _name(value: object) -> str:
    text = str(value) if isinstance(value, str | int) else ""
    if not _ID.fullmatch(text):
        raise ValueError("not an id")
    return text


def _head(fields: Iterable[tuple[object, object]]) -> Pairs:
    return tuple(
        (name[:100], value[:MAX_FIELD])
        for name, value in fields
        if isinstance(name, str) and isinstance(value, str) and value and re.fullmatch(r"[!-9;-~]+", name)
    )


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, str)]


def addresses_in(texts: Iterable[object]) -> tuple[str, ...]:
    """Whatever looks like an address, with a name beside it or not."""
    found = (_ADDRESS.findall(text[:MAX_FIELD]) for text in texts if isinstance(text, str))
    return tuple(dict.fromkeys(one for some in found for one in some))


Reader = tuple[object, Callable[[Item], Told]]


def _of_resend(request: Request) -> Reader:
    return [decoded(request.body)], _resend


def _of_mailtrap(request: Request) -> Reader:
    value = decoded(request.body)
    return (value.get("events", "none") if isinstance(value, dict) else "none"), _mailtrap


def _of_ses(request: Request) -> Reader:
    """None where the message itself stands in the notification (the action *SNS*)."""
    value = decoded(wire.json_object(request.body).text("Message").encode())
    receipt = value.get("receipt") if isinstance(value, dict) else None
    action = receipt.get("action") if isinstance(receipt, dict) else None
    is_told = isinstance(action, dict) and action.get("type") == "S3"
    return ([value] if is_told else None), _amazon_ses


NOTIFIERS: dict[str, Callable[[Request], Reader]] = {
    "amazon_ses": _of_ses,
    "mailtrap": _of_mailtrap,
    "resend": _of_resend,
}


def same(notice: MailNotice) -> tuple[str, ...]:
    """What makes a repeated notification the same one."""
    return ("message", notice.place, notice.id, json.dumps(sorted(notice.recipients)))
