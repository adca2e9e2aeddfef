"""MessageBird (Bird) SMS.

Incoming text (https://developers.messagebird.com/api/sms-messaging/), as form post, JSON or GET:

    {"id": "e8077d803532c0b5937c639b60216938", "originator": "31612345678", "recipient": "31970101010", "body": "STOP",
     "createdDatetime": "2026-01-31T08:00:00+00:00"}

Delivery report, usually a GET: `id reference recipient status statusReason statusErrorCode statusDatetime`; error 103
and the reason "opted out" say that the person has opted out.

Authentication (https://developers.messagebird.com/docs/verify-http-requests): `MessageBird-Signature-JWT`, a token
that binds the URL (`url_hash`) and the body (`payload_hash`) and lasts a minute. Older accounts:
`MessageBird-Signature` = base64 HMAC-SHA256(key, timestamp, query sorted, SHA-256 of the body, each on a line).
"""

import hashlib
from datetime import datetime, timedelta
from urllib.parse import urlencode

from consent.intake.contract import GETS_TOO, Account, Answer, Forbidden, Message, Request
from consent.intake.providers import proof, wire

METHODS = GETS_TOO
OPTED_OUT = {"103"}  # statusErrorCode: EC_SUBSCRIBER_OPTEDOUT
OPTED_OUT_REASONS = {"opted out"}  # statusReason
LEEWAY = timedelta(seconds=1)  # as in MessageBird's own libraries


def verify(request: Request, account: Account, now: datetime) -> None:
    if "messagebird-signature-jwt" in request.headers:
        verify_token(request, account, now)
    else:
        verify_legacy(request, account, now)


def verify_token(request: Request, account: Account, now: datetime) -> None:
    token = proof.header(request, "messagebird-signature-jwt")
    claims = proof.jwt_claims(token, proof.secrets_of(account), proof.JWT_DIGESTS)
    if proof.claim(claims, "iss") != "MessageBird":
        raise Forbidden("the token is not MessageBird's")
    since, until = (proof.moment(proof.claim(claims, name)) for name in ("nbf", "exp"))
    if not since - LEEWAY <= now < until + LEEWAY:
        raise Forbidden("outside of the token's time")
    proof.require_hash(proof.claim(claims, "url_hash"), request.url.encode())
    verify_body(request, proof.claim(claims, "payload_hash"))


def verify_body(request: Request, claimed: str) -> None:
    """The body is hashed if and only if there is one: neither may be taken away or added."""
    if request.body or claimed:
        proof.require_hash(claimed, request.body or b"a body that was taken away")


def verify_legacy(request: Request, account: Account, now: datetime) -> None:
    given = proof.header(request, "messagebird-signature")
    timestamp = proof.header(request, "messagebird-request-timestamp")
    query = urlencode(sorted(wire.pairs(wire.query(request)), key=lambda pair: pair[0]))
    lines = [timestamp.encode("utf-8", "replace"), query.encode(), hashlib.sha256(request.body).digest()]
    proof.require(given, [proof.hmac_base64(key, b"\n".join(lines)) for key in proof.secrets_of(account)])
    proof.require_fresh(proof.moment(timestamp), now)


def parse(request: Request, account: Account) -> list[Message]:
    fields = wire.fields(request)
    if "status" in fields and "recipient" in fields:
        return [report(fields)]
    if "originator" in fields:
        return [message(fields)]
    return [Message("unknown", "", fields.text("recipient", ""), "", fields.text("id", ""))]


def message(fields: wire.Fields) -> Message:
    return Message(
        kind="message",
        sender=fields.text("originator"),
        recipient=fields.text("recipient"),
        text=fields.text("body", ""),
        external_id=fields.text("id"),
        occurred_at=fields.time("createdDatetime"),
    )


def report(fields: wire.Fields) -> Message:
    status, code, reason = (fields.text(name, "") for name in ("status", "statusErrorCode", "statusReason"))
    return Message(
        kind="report",
        sender=fields.text("recipient"),
        recipient=fields.text("originator", ""),
        text="",
        external_id=f"{fields.text('id')}:{status}",
        occurred_at=fields.time("statusDatetime"),
        verdict="opt_out" if code in OPTED_OUT or reason.strip().lower() in OPTED_OUT_REASONS else None,
        event=f"{status} {code}".strip(),
    )


def answer() -> Answer:
    return Answer("text/plain", b"OK")
