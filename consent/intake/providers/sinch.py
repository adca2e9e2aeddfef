"""Sinch SMS (REST API).

Incoming text (https://developers.sinch.com/docs/sms/api-reference/sms/tag/Webhooks/):

    {"type": "mo_text", "id": "01FC66621XXXXX119Z8PMV1QPQ", "from": "16051234567", "to": "54321", "body": "STOP",
     "sent_at": "2026-01-31T07:59:58.318Z", "received_at": "2026-01-31T08:00:00.318Z", "operator_id": "35000"}

`mo_binary` carries the body in base64 and `udh` in hex; `mo_media` an object with a `message`. `client_reference` is
there when the text answers one of ours.

Delivery reports: `recipient_delivery_report_sms` (batch_id recipient code status at applied_originator) and
`delivery_report_sms` (statuses[]: code status recipients[]). Code 257 says that the person has opted out.

Callbacks of its Conversation API: `sinch_conversation`.

Authentication: `x-sinch-webhook-signature` = base64 HMAC-SHA256(secret, body.nonce.timestamp); with the account
option `authentication` = `basic`, HTTP Basic instead.
"""

import base64
import binascii
from datetime import datetime

from consent.intake.contract import POSTS, Account, Answer, Message, Request
from consent.intake.providers import proof, sinch_conversation, udh, wire

METHODS = POSTS
OPTED_OUT = {"257"}
PREFIX = "x-sinch-webhook-signature"


def verify(request: Request, account: Account, now: datetime) -> None:
    if account.options.get("authentication") == "basic":
        proof.basic(request, account)
        return
    nonce, timestamp = proof.header(request, f"{PREFIX}-nonce"), proof.header(request, f"{PREFIX}-timestamp")
    content = b"%s.%s.%s" % (request.body, nonce.encode("utf-8", "replace"), timestamp.encode("utf-8", "replace"))
    expected = [proof.hmac_base64(key, content) for key in proof.secrets_of(account)]
    proof.require(proof.header(request, PREFIX), expected)
    proof.require_fresh(proof.moment(timestamp), now)


def parse(request: Request, account: Account) -> list[Message]:
    fields = wire.json_object(request.body)
    if sinch_conversation.is_callback(fields):
        return [sinch_conversation.event_of(fields)]
    match fields.text("type", ""):
        case "mo_text" | "mo_binary" | "mo_media":
            return [message(fields)]
        case "recipient_delivery_report_sms" | "recipient_delivery_report_mms":
            return [report(fields, fields, fields.text("recipient"))]
        case "delivery_report_sms" | "delivery_report_mms":
            return fields.each(
                "statuses", lambda status: [report(fields, status, recipient) for recipient in recipients(status)]
            )
        case event:
            return [Message("unknown", fields.text("from", ""), "", "", fields.text("id", ""), event=event)]


def message(fields: wire.Fields) -> Message:
    whole = udh.concatenation(fields.text("udh", ""))
    return Message(
        kind="message",
        sender=fields.text("from"),
        recipient=fields.text("to"),
        text=body_of(fields),
        external_id=fields.text("id"),
        occurred_at=fields.time("sent_at") or fields.time("received_at"),
        reply_to_us="client_reference" in fields,
        part=whole.part,
        parts=whole.parts,
        reference=whole.reference,
    )


def body_of(fields: wire.Fields) -> str:
    match fields.text("type"):
        case "mo_binary":
            return binary_body(fields)
        case "mo_media":
            return fields.child("body").text("message", "")
        case _:
            return fields.text("body", "")


def binary_body(fields: wire.Fields) -> str:
    try:
        return wire.clean(udh.text_of(base64.b64decode(fields.text("body", ""), validate=True)))
    except (binascii.Error, ValueError):
        fields.refuse("body", "not base64")


def recipients(status: wire.Fields) -> list[str]:
    """The numbers of a full report. A summary names none, and so tells nothing about anybody."""
    numbers = status.values.get("recipients") or []
    if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
        status.refuse("recipients", "not a list of numbers")
    return [wire.clean(number) for number in numbers[: wire.MAX_FIELDS]]


def report(fields: wire.Fields, status: wire.Fields, recipient: str) -> Message:
    code, name = status.text("code", ""), status.text("status", "")
    return Message(
        kind="report",
        sender=recipient,
        recipient=fields.text("applied_originator", ""),
        text="",
        external_id=f"{fields.text('batch_id')}:{recipient}:{name}",
        occurred_at=fields.time("at"),
        verdict="opt_out" if code in OPTED_OUT else None,
        event=f"{name} {code}".strip(),
    )


def answer() -> Answer:
    return Answer()
