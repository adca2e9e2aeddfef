"""Vonage Messages API, at the same endpoint as its SMS API.

Incoming text (https://developer.vonage.com/api/messages):

    {"channel": "sms", "message_uuid": "aaaa-…", "from": "14158675309", "to": "15550100001", "text": "STOP",
     "message_type": "text", "timestamp": "2026-01-31T08:00:00Z"}

Its older version (v0.1) has objects, `"from": {"type": "sms", "number": "14158675309"}` (`to` likewise), and
`"message": {"content": {"type": "text", "text": "STOP"}}`.

Status: `message_uuid status error.title` (v0.1: `error.code`), where `to` is the person. Other channels than SMS and
MMS are unknown to us.

Authentication: `Authorization: Bearer`, a JWT (HS256) whose `payload_hash` is the SHA-256 of the body. It covers
the body alone, so nothing else is read.
"""

from datetime import datetime

from consent.intake.contract import Account, Forbidden, Message, Request
from consent.intake.providers import proof, wire

OPTED_OUT = {"9"}  # error.title, as the SMS API's err-code
OURS = {"sms", "mms"}


def verify(request: Request, account: Account, now: datetime) -> None:
    scheme, _, token = proof.header(request, "authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise Forbidden("no bearer token")
    claims = proof.jwt_claims(token.strip(), proof.secrets_of(account), ["HS256"])
    if proof.claim(claims, "iss") != "Vonage":
        raise Forbidden("the token is not Vonage's")
    proof.require_fresh(proof.moment(proof.claim(claims, "iat")), now)
    proof.require_hash(proof.claim(claims, "payload_hash"), request.body)


def parse(request: Request, account: Account) -> list[Message]:
    fields = wire.json_object(request.body)
    if "message_uuid" not in fields:
        return [Message("unknown", "", "", "", "")]
    return [report(fields) if "status" in fields else message(fields)]


def message(fields: wire.Fields) -> Message:
    channel = channel_of(fields)
    return Message(
        kind="message" if channel in OURS else "unknown",
        sender=number_of(fields, "from"),
        recipient=number_of(fields, "to"),
        text=text_of(fields),
        external_id=fields.text("message_uuid"),
        occurred_at=fields.time("timestamp"),
        event="" if channel in OURS else channel,
    )


def channel_of(fields: wire.Fields) -> str:
    old = isinstance(fields.values.get("from"), dict)
    return fields.child("from").text("type", "sms") if old else fields.text("channel", "sms")


def number_of(fields: wire.Fields, name: str) -> str:
    if not isinstance(fields.values.get(name), dict):
        return fields.text(name)
    party = fields.child(name)
    return party.text("number", "") or party.text("id")


def text_of(fields: wire.Fields) -> str:
    if isinstance(fields.values.get("message"), dict):
        return fields.child("message").child("content").text("text", "")
    if "text" not in fields and isinstance(fields.values.get("image"), dict):
        return fields.child("image").text("caption", "")
    return fields.text("text", "")


def report(fields: wire.Fields) -> Message:
    status, error = fields.text("status"), fields.child("error") if "error" in fields else wire.Fields({})
    code = error.text("title", "") or error.text("code", "")
    return Message(
        kind="report",
        sender=number_of(fields, "to"),
        recipient=number_of(fields, "from") if "from" in fields else "",
        text="",
        external_id=f"{fields.text('message_uuid')}:{status}",
        occurred_at=fields.time("timestamp"),
        verdict="opt_out" if code in OPTED_OUT else None,
        event=f"{status} {code}".strip(),
    )
