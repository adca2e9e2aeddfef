"""Any SMS gateway, through a few lines of glue of its user's own.

    POST /webhooks/sms/generic/{endpoint}
    X-Signature: sha256=<hex HMAC-SHA256 of the body under the shared secret>

    {"id": "m-1", "from": "+14158675309", "to": "+15550100001", "text": "STOP", "received_at": "2026-01-31T08:00:00Z"}

`received_at` (RFC 3339, with its offset) may be absent. Nothing dates the signature: a replay is known by its id.
"""

from datetime import datetime

from consent.intake.contract import POSTS, Account, Answer, Malformed, Message, Request
from consent.intake.providers import proof, wire

METHODS = POSTS
PREFIX = "sha256="


def verify(request: Request, account: Account, now: datetime) -> None:
    given = proof.header(request, "x-signature").lower()
    proof.require(given, [PREFIX + proof.hmac_hex(key, request.body) for key in proof.secrets_of(account)])


def parse(request: Request, account: Account) -> list[Message]:
    fields = wire.json_object(request.body)
    if "text" not in fields:
        fields.missing("text")
    return [
        Message(
            kind="message",
            sender=fields.text("from"),
            recipient=fields.text("to"),
            text=fields.text("text", ""),
            external_id=fields.text("id"),
            occurred_at=received_at(fields),
        )
    ]


def received_at(fields: wire.Fields) -> datetime | None:
    """Strict where gateways are not: who writes this format can still correct it."""
    if "received_at" not in fields:
        return None
    at = fields.time("received_at")
    if at is None:
        raise Malformed("received_at", "not an RFC 3339 time")
    return at


def answer() -> Answer:
    return Answer()
