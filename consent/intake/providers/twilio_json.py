"""What Twilio sends as JSON, at the same endpoint as its forms: events of Event Streams.

A webhook sink (https://www.twilio.com/docs/events/webhook-quickstart) posts an array of CloudEvents, of whatever kinds
it is subscribed to. A text that came in
(https://www.twilio.com/docs/events/event-types/messaging/inbound-message), and what became of one of ours
(https://www.twilio.com/docs/events/event-types/messaging/outbound-message):

    [{"specversion": "1.0", "type": "com.twilio.messaging.inbound-message.received", "source": "AB…", "id": "NO…",
      "data": {"messageSid": "SM…", "timestamp": "2026-01-31T08:00:00.000Z", "from": "+14158675309",
        "to": "+15550100001", "body": "STOP", "numMedia": 0}},
     {"specversion": "1.0", "type": "com.twilio.messaging.message.failed", "source": "AB…", "id": "NO…",
      "data": {"messageSid": "SM…", "timestamp": "2026-01-31T08:00:00.000Z", "from": "+15550100001",
        "to": "+14158675309", "messageStatus": "FAILED", "errorCode": 21610}}]

A text that comes as a form too is one and the same: it bears the same MessageSid.
"""

from collections.abc import Set

from consent.intake.contract import Message, Verdict
from consent.intake.providers import wire

INCOMING = "com.twilio.messaging.inbound-message.received"
OUTGOING = "com.twilio.messaging.message."


def is_event(fields: wire.Fields) -> bool:
    return "specversion" in fields and "type" in fields


def event_of(event: wire.Fields, verdicts: dict[str, Verdict], opted_out: Set[str]) -> Message:
    """One CloudEvent. `verdicts` and `opted_out` are the tables of the forms."""
    kind = event.text("type")
    if kind == INCOMING:
        return message(event.child("data"), verdicts)
    if kind.startswith(OUTGOING):
        return report(event.child("data"), opted_out)
    return Message("unknown", "", "", "", event.text("id", ""), occurred_at=event.time("time"), event=kind)


def message(data: wire.Fields, verdicts: dict[str, Verdict]) -> Message:
    return Message(
        kind="message",
        sender=data.text("from"),
        recipient=data.text("to"),
        text=data.text("body", ""),
        external_id=data.text("messageSid"),
        occurred_at=data.time("timestamp"),
        verdict=verdicts.get(data.text("optOutType", "").upper()),
    )


def report(data: wire.Fields, opted_out: Set[str]) -> Message:
    status, error = data.text("messageStatus", "").lower(), data.text("errorCode", "")
    return Message(
        kind="report",
        sender=data.text("to"),
        recipient=data.text("from", "") or data.text("messagingServiceSid", ""),
        text="",
        external_id=f"{data.text('messageSid')}:{status}",
        occurred_at=data.time("timestamp"),
        verdict="opt_out" if error in opted_out else None,
        event=f"{status} {error}".strip(),
    )
