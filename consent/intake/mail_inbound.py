"""A mail provider's inbound post → the messages in it, as MIME.

Read here and not by Anymail, which parses the whole MIME as it reads: that is for the mail parser alone, with its
limits (mail_limits.py). Fields are as Anymail's inbound views know them. Attachments of what comes in parts are left
aside: a request stands in the words. Not here: providers that hand a message out only over their API (Mailtrap, Resend,
SES by S3).
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from consent.intake.contract import Malformed, Request
from consent.intake.mail_batches import MAX_EVENTS, decoded
from consent.intake.mail_form import fields_of_form
from consent.intake.mail_headers import decode_bytes, read_fields, unfold
from consent.intake.mail_limits import TooComplex
from consent.intake.providers import wire

Item = Mapping[str, Any]
Pairs = Iterable[tuple[str, str]]


class Letter(NamedTuple):
    """A message with its envelope."""

    raw: bytes
    mail_from: str
    recipients: tuple[str, ...]


def letters(provider: str, request: Request, form: Mapping[str, str]) -> list[Letter | Malformed]:
    """The messages of a verified post; in the place of one that cannot be read, what is wrong with it.

    Raise `Malformed` where the post itself cannot be read.
    """
    items = _ITEMS.get(provider, _alone)(request, form)
    if not isinstance(items, list) or len(items) > MAX_EVENTS:
        raise Malformed("body", "not a list of messages")
    return [_letter(provider, item) for item in items]


def _letter(provider: str, item: object) -> Letter | Malformed:
    try:
        return READERS[provider](item if isinstance(item, dict) else {})
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, TooComplex) as error:
        return Malformed("message", f"cannot be read ({type(error).__name__})")


def _alone(request: Request, form: Mapping[str, str]) -> object:
    return [decoded(request.body)]


def _of_sns(request: Request, form: Mapping[str, str]) -> object:
    return [decoded(wire.json_object(request.body).text("Message").encode())]


def _of_brevo(request: Request, form: Mapping[str, str]) -> object:
    value = decoded(request.body)
    return value.get("items") if isinstance(value, dict) else None


_ITEMS: dict[str, Callable[[Request, Mapping[str, str]], object]] = {
    "amazon_ses": _of_sns,
    "brevo": _of_brevo,
    "mailgun": lambda _, form: [dict(form)],
    "mandrill": lambda _, form: decoded(form.get("mandrill_events", "").encode("utf-8", "replace")),
    "sendgrid": lambda request, _: [fields_of_form(request)],
    "sparkpost": lambda request, _: decoded(request.body),
}


def _bytes(text: str, is_base64: object = False) -> bytes:
    if not text:
        raise ValueError("empty")
    return base64.b64decode(text, validate=False) if is_base64 else text.encode("utf-8", "replace")


def _amazon_ses(item: Item) -> Letter:
    receipt = item["receipt"]
    raw = _bytes(item["content"], receipt["action"].get("encoding") == "BASE64")
    return Letter(raw, str(item["mail"].get("source") or ""), tuple(receipt["recipients"]))


def _brevo(item: Item) -> Letter:
    headers = list(_flat(item["Headers"]))
    recipients = [_first(headers, "delivered-to"), *(item.get("Recipients") or [])]
    recipients += [to["Address"] for to in item.get("To", [])]
    raw = assemble(headers, item.get("RawTextBody"), item.get("RawHtmlBody"))
    return Letter(raw, _first(headers, "return-path"), tuple(filter(None, recipients)))


def _mailersend(item: Item) -> Letter:
    data = item["data"]
    recipients = tuple(one["email"] for one in data["recipients"]["rcptTo"])
    return Letter(_bytes(data["raw"]), str(data.get("sender", {}).get("email", "")), recipients)


def _mailgun(item: Item) -> Letter:
    envelope = str(item.get("sender", "")), tuple(part.strip() for part in item["recipient"].split(","))
    if "body-mime" in item:
        return Letter(_bytes(item["body-mime"]), *envelope)
    written = decoded(item["message-headers"].encode("utf-8", "replace"))
    headers = [(str(name), str(value)) for name, value in written] if isinstance(written, list) else []
    return Letter(assemble(headers, item.get("body-plain"), item.get("body-html")), *envelope)


def _mailjet(item: Item) -> Letter:
    raw = assemble(_flat(item["Headers"]), item.get("Text-part"), item.get("Html-part"))
    return Letter(raw, str(item.get("Sender", "")), (item["Recipient"],))


def _mandrill(item: Item) -> Letter:
    message = item["msg"]
    return Letter(_bytes(message["raw_msg"]), "", (message["email"],))


def _postal(item: Item) -> Letter:
    return Letter(_bytes(item["message"], item.get("base64")), str(item.get("mail_from", "")), (item["rcpt_to"],))


def _postmark(item: Item) -> Letter:
    headers = [(one["Name"], one["Value"]) for one in item.get("Headers", [])]
    mail_from = _first(headers[:1], "return-path")
    recipients = (item["OriginalRecipient"],)
    if item.get("RawEmail"):
        return Letter(_bytes(item["RawEmail"]), mail_from, recipients)
    item = {"From": item.get("FromFull", {}).get("Email"), **item}
    apart = [(name, str(item[name])) for name in ("From", "To", "Cc", "Subject", "Date") if item.get(name)]
    return Letter(assemble([*apart, *headers], item.get("TextBody"), item.get("HtmlBody")), mail_from, recipients)


def _sendgrid(item: Item) -> Letter:
    """A form in which each field is bytes in a character set of its own, which the field `charsets` names."""
    envelope = json_object(item["envelope"])
    sent = str(envelope.get("from") or ""), tuple(str(one) for one in envelope["to"])
    if item.get("email"):
        return Letter(item["email"], *sent)
    charsets = json_object(item.get("charsets", b"{}"))
    texts = {name: decode_bytes(item.get(name, b""), str(charsets.get(name, ""))) for name in ("text", "html")}
    headers = [(name, decode_eight_bit(unfold(str(value)))) for name, value in read_fields(item["headers"]).raw_items()]
    return Letter(assemble(headers, texts["text"], texts["html"]), *sent)


def json_object(text: bytes) -> Mapping[str, Any]:
    value = decoded(text)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def decode_eight_bit(raw: str) -> str:
    """A header field of compat32, in which bytes above 127 are surrogates."""
    return decode_bytes(raw.encode("utf-8", "surrogateescape"), "utf-8")


def _sparkpost(item: Item) -> Letter:
    message = item["msys"]["relay_message"]
    content = message["content"]
    raw = _bytes(content["email_rfc822"], content.get("email_rfc822_is_base64"))
    return Letter(raw, str(message.get("msg_from", "")), (message["rcpt_to"],))


READERS: dict[str, Callable[[Item], Letter]] = {
    "amazon_ses": _amazon_ses,
    "brevo": _brevo,
    "mailersend": _mailersend,
    "mailgun": _mailgun,
    "mailjet": _mailjet,
    "mandrill": _mandrill,
    "postal": _postal,
    "postmark": _postmark,
    "sendgrid": _sendgrid,
    "sparkpost": _sparkpost,
}


def _flat(headers: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """A header that occurs several times is a list."""
    for name, values in headers.items():
        for value in values if isinstance(values, list) else [values]:
            yield name, str(value)


def _first(headers: Pairs, name: str) -> str:
    return next((value.strip("<> ") for known, value in headers if known.casefold() == name), "")


_HEADER = re.compile(r"[!-9;-~]{1,70}")
_OURS = ("content-", "mime-version")


def assemble(headers: Pairs, text: object, html: object) -> bytes:
    """A message of the parts that a provider took apart. No header can bring in another one or end the head."""
    head = [
        f"{name}: {' '.join(value.splitlines())}"
        for name, value in headers
        if _HEADER.fullmatch(name) and not name.casefold().startswith(_OURS)
    ]
    parts = [
        f'--parts\r\nContent-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(content.encode("utf-8", "replace")).decode()
        for kind, content in (("plain", text), ("html", html))
        if isinstance(content, str) and content
    ]
    head += ["MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="parts"', "", ""]
    return ("\r\n".join(head) + "\r\n".join(parts) + "\r\n--parts--\r\n").encode("utf-8", "replace")
