"""Bandwidth messaging.

Webhooks (https://dev.bandwidth.com/docs/messaging/webhooks), an array; at least once, for 24 hours:

    [{"type": "message-received", "time": "2026-01-31T08:00:00.680Z", "description": "Incoming message received",
      "to": "+15550100001", "message": {"id": "1476…", "time": "2026-01-31T08:00:00.680Z", "owner": "+15550100001",
        "from": "+14158675309", "to": ["+15550100001"], "text": "STOP", "direction": "in", "segmentCount": 1}}]

Delivery reports are `message-sending`, `message-delivered` and `message-failed` (with `errorCode`); the outer `to` is
the person. Error 4775 says that the person has opted out (https://dev.bandwidth.com/docs/messaging/errors).
Authentication: HTTP Basic; a secret is `user:password`.
"""

from datetime import datetime

from consent.intake.contract import POSTS, Account, Answer, Malformed, Message, Request
from consent.intake.providers import proof, wire

METHODS = POSTS
OPTED_OUT = {"4775"}  # errorCode: "destination-rejected-due-to-user-opt-out"
REPORTS = {"message-sending", "message-delivered", "message-failed"}


def verify(request: Request, account: Account, now: datetime) -> None:
    proof.basic(request, account)


def parse(request: Request, account: Account) -> list[Message]:
    events = wire.json_value(request.body)
    if not isinstance(events, list):
        raise Malformed("body", "not an array")
    return wire.each(events, "body", lambda event: [event_of(event)])


def event_of(event: wire.Fields) -> Message:
    kind = event.text("type", "")
    if kind == "message-received":
        return message(event, event.child("message"))
    if kind in REPORTS:
        return report(event, event.child("message"))
    return Message("unknown", "", event.text("to", ""), "", "", occurred_at=event.time("time"), event=kind)


def message(event: wire.Fields, inner: wire.Fields) -> Message:
    return Message(
        kind="message",
        sender=inner.text("from"),
        recipient=inner.text("owner", "") or event.text("to"),
        text=inner.text("text", ""),
        external_id=inner.text("id"),
        occurred_at=inner.time("time") or event.time("time"),
    )


def report(event: wire.Fields, inner: wire.Fields) -> Message:
    kind, person, code = event.text("type"), event.text("to"), event.text("errorCode", "")
    return Message(
        kind="report",
        sender=person,
        recipient=inner.text("from", "") or inner.text("owner", ""),
        text="",
        external_id=f"{inner.text('id')}:{person}:{kind}",
        occurred_at=event.time("time"),
        verdict="opt_out" if code in OPTED_OUT else None,
        event=f"{kind} {code}".strip(),
    )


def answer() -> Answer:
    return Answer()
