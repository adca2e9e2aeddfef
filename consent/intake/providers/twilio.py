"""Twilio Programmable Messaging.

Incoming text (https://www.twilio.com/docs/messaging/guides/webhook-request), a form post:

    MessageSid=SM…&AccountSid=AC…&From=%2B14158675309&To=%2B15550100001&Body=STOP&NumMedia=0&OptOutType=STOP

Delivery report (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status):

    MessageSid=SM…&MessageStatus=failed&ErrorCode=21610&To=%2B14158675309&From=%2B15550100001

A text within a conversation (https://www.twilio.com/docs/conversations/conversations-webhooks), `Source` being SMS:

    EventType=onMessageAdded&Source=SMS&MessageSid=IM…&ConversationSid=CH…&Author=%2B14158675309&Body=STOP

Events of Event Streams, as JSON: `twilio_json`.

Authentication (https://www.twilio.com/docs/usage/webhooks/webhooks-security): `X-Twilio-Signature` is the base64
HMAC-SHA1 under the account's auth token (or HMAC-SHA256 under a shared key, where
`X-Twilio-Webhooks-Signature-Settings` says so) over the URL followed by each name and value of the form, sorted; a
repeated name's values de-duplicated and sorted. Any other body is covered by `bodySHA256` in the query. There is no
timestamp: a replay is known by its MessageSid.
"""

import hashlib
from datetime import datetime
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from consent.intake.contract import POSTS, Account, Answer, Forbidden, Message, Request, Verdict
from consent.intake.providers import proof, twilio_json, wire

METHODS = POSTS
VERDICTS: dict[str, Verdict] = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}  # OptOutType
OPTED_OUT = {"21610"}  # ErrorCode: "attempt to send to unsubscribed recipient"
IN_CONVERSATION = "onMessageAdded"  # EventType
INCOMING = {"", "receiving", "received"}  # MessageStatus (SmsStatus) of a text to us
ALGORITHM_HEADER = "x-twilio-webhooks-signature-settings"
ALGORITHMS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
STANDARD_PORT = {"https": 443, "http": 80}


def verify(request: Request, account: Account, now: datetime) -> None:
    given, keys = proof.header(request, "x-twilio-signature"), proof.secrets_of(account)
    content, digest = signed_content(request), algorithm(request)

    def expected(urls: list[str]) -> list[str]:
        return [proof.hmac_base64(key, url.encode() + content, digest) for key in keys for url in urls]

    if not proof.is_one_of(given, expected([request.url])):
        proof.require(given, expected(other_forms(request.url)))


def algorithm(request: Request) -> proof.Digest:
    settings = request.headers.get(ALGORITHM_HEADER)
    if settings is None:
        return hashlib.sha1
    named = dict(part.strip().partition("=")[::2] for part in settings.split(","))
    try:
        return ALGORITHMS[(named.get("algorithm") or "HMAC_SHA1").strip().upper()]
    except KeyError as error:
        raise Forbidden("unknown signature algorithm") from error


def signed_content(request: Request) -> bytes:
    """What is signed after the URL: the fields of a form, or nothing once the query's digest covers the body."""
    digests = parse_qs(urlsplit(request.url).query).get("bodySHA256")
    is_form = wire.is_form(request)
    if digests or (request.body and not is_form):
        # Also of an empty body: the signature of one post must not prove another.
        proof.require_hash(digests[0] if digests else "", request.body)
    return b"".join(map(b"".join, sorted(set(wire.body_pairs(request))))) if is_form else b""


def other_forms(url: str) -> list[str]:
    """The URL with a port and without: Twilio signs either."""
    try:
        parts = urlsplit(url)
        return [with_port(parts), without_port(parts)]
    except ValueError as error:
        raise Forbidden("the URL cannot be read") from error


def with_port(parts: SplitResult) -> str:
    port = parts.port or STANDARD_PORT.get(parts.scheme, 80)
    return urlunsplit(parts._replace(netloc=f"{host_of(parts)}:{port}"))


def without_port(parts: SplitResult) -> str:
    return urlunsplit(parts._replace(netloc=host_of(parts)))


def host_of(parts: SplitResult) -> str:
    return parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc


def parse(request: Request, account: Account) -> list[Message]:
    if request.body and not wire.is_form(request):
        return parse_json(request.body)
    return parse_fields(wire.fields(request))


def parse_json(body: bytes) -> list[Message]:
    value = wire.json_value(body)
    return wire.each(value, "body", parse_entry) if isinstance(value, list) else parse_entry(wire.json_object(body))


def parse_entry(fields: wire.Fields) -> list[Message]:
    if twilio_json.is_event(fields):
        return [twilio_json.event_of(fields, VERDICTS, OPTED_OUT)]
    return parse_fields(fields)


def parse_fields(fields: wire.Fields) -> list[Message]:
    if fields.text("EventType", "") == IN_CONVERSATION and fields.text("Source", "").upper() == "SMS":
        return [in_conversation(fields)]
    if status_of(fields) not in INCOMING:
        return [report(fields)]
    return [message(fields)] if "From" in fields and "MessageSid" in fields else [unknown(fields)]


def status_of(fields: wire.Fields) -> str:
    return fields.text("MessageStatus", "") or fields.text("SmsStatus", "")


def message(fields: wire.Fields) -> Message:
    return Message(
        kind="message",
        sender=fields.text("From"),
        recipient=fields.text("To"),
        text=fields.text("Body", ""),
        external_id=fields.text("MessageSid"),
        verdict=VERDICTS.get(fields.text("OptOutType", "").upper()),
    )


def in_conversation(fields: wire.Fields) -> Message:
    return Message(
        kind="message",
        sender=fields.text("Author"),
        recipient=fields.text("MessagingServiceSid", "") or fields.text("ConversationSid"),
        text=fields.text("Body", ""),
        external_id=fields.text("MessageSid"),
        occurred_at=fields.time("DateCreated"),
    )


def report(fields: wire.Fields) -> Message:
    status, error = status_of(fields), fields.text("ErrorCode", "")
    return Message(
        kind="report",
        sender=fields.text("To"),
        recipient=fields.text("From", "") or fields.text("MessagingServiceSid", ""),
        text="",
        external_id=f"{fields.text('MessageSid')}:{status}",
        verdict="opt_out" if error in OPTED_OUT else None,
        event=f"{status} {error}".strip(),
    )


def unknown(fields: wire.Fields) -> Message:
    return Message(
        kind="unknown",
        sender=fields.text("From", ""),
        recipient=fields.text("To", ""),
        text="",
        external_id=fields.text("MessageSid", ""),
        event=fields.text("EventType", ""),
    )


def answer() -> Answer:
    return Answer("text/xml", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')
