"""Telnyx messaging.

Incoming text (https://developers.telnyx.com/api-reference/callbacks/inbound-message):

    {"data": {"event_type": "message.received", "id": "bf63…", "occurred_at": "2026-01-31T08:00:00.574Z",
      "payload": {"id": "7ee4…", "direction": "inbound", "type": "SMS", "text": "STOP", "autoresponse_type": "STOP",
        "from": {"phone_number": "+14158675309"}, "to": [{"phone_number": "+15550100001"}]}}}

`autoresponse_type` is Telnyx's own reading of a keyword. Delivery reports are `message.sent` and `message.finalized`,
with `to[].status` and `errors[].code`; 40300 says "blocked due to STOP message".

Authentication: Ed25519 over `timestamp|body` in `telnyx-signature-ed25519`; the account's secrets are public keys,
base64.
"""

from datetime import datetime

from consent.intake.contract import POSTS, Account, Answer, Message, Request, Verdict
from consent.intake.providers import proof, public_keys, wire

METHODS = POSTS
VERDICTS: dict[str, Verdict] = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}  # autoresponse_type
OPTED_OUT = {"40300"}
REPORTS = {"message.sent", "message.finalized"}


def verify(request: Request, account: Account, now: datetime) -> None:
    timestamp = proof.header(request, "telnyx-timestamp")
    signature = proof.from_base64(proof.header(request, "telnyx-signature-ed25519"))
    content = timestamp.encode("utf-8", "replace") + b"|" + request.body
    public_keys.require(account, lambda key: public_keys.ed25519(key, signature, content))
    proof.require_fresh(proof.moment(timestamp), now)


def parse(request: Request, account: Account) -> list[Message]:
    data = wire.json_object(request.body).child("data")
    event = data.text("event_type", "")
    if event == "message.received":
        return [message(data, data.child("payload"))]
    if event in REPORTS:
        payload = data.child("payload")
        return payload.each("to", lambda to: [report(data, payload, to)])
    return [Message("unknown", "", "", "", data.text("id", ""), occurred_at=data.time("occurred_at"), event=event)]


def message(data: wire.Fields, payload: wire.Fields) -> Message:
    receivers = payload.children("to")
    return Message(
        kind="message",
        sender=payload.child("from").text("phone_number"),
        recipient=receivers[0].text("phone_number") if receivers else payload.missing("to"),
        text=payload.text("text", ""),
        external_id=payload.text("id"),
        occurred_at=payload.time("received_at") or data.time("occurred_at"),
        verdict=VERDICTS.get(payload.text("autoresponse_type", "").upper()),
    )


def report(data: wire.Fields, payload: wire.Fields, to: wire.Fields) -> Message:
    number, status = to.text("phone_number"), to.text("status", "")
    codes = [error.text("code", "") for error in payload.children("errors")] if "errors" in payload else []
    blocked = status.endswith("failed") and bool(OPTED_OUT.intersection(codes))
    return Message(
        kind="report",
        sender=number,
        recipient=payload.child("from").text("phone_number", "") if "from" in payload else "",
        text="",
        external_id=f"{payload.text('id')}:{number}:{status}",
        occurred_at=data.time("occurred_at"),
        verdict="opt_out" if blocked else None,
        event=" ".join([status, *codes]).strip(),
    )


def answer() -> Answer:
    return Answer()
