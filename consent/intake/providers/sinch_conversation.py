"""Sinch Conversation API, at the same endpoint and signed in the same way as its SMS API.

Callbacks (https://developers.sinch.com/docs/conversation/callbacks): a text from a person, and the word of a channel
that somebody opted out:

    {"app_id": "01EB…", "accepted_time": "2026-01-31T08:00:00.318Z", "event_time": "2026-01-31T07:59:58.318Z",
     "message": {"id": "01EQ…", "direction": "TO_APP", "contact_message": {"text_message": {"text": "STOP"}},
       "channel_identity": {"channel": "SMS", "identity": "14158675309", "app_id": ""}, "sender_id": "15550100001"}}

    {"app_id": "01EB…", "accepted_time": "…", "opt_out_notification": {"request_id": "01EQ…", "channel": "SMS",
     "identity": "14158675309", "status": "OPT_OUT_SUCCEEDED"}}

Other channels than SMS, MMS and RCS are unknown to us.
"""

from consent.intake.contract import Message
from consent.intake.providers import wire

OURS = {"SMS", "MMS", "RCS"}  # channel: what has a telephone number for an address
OPTED_OUT = {"OPT_OUT_SUCCEEDED"}  # status


def is_callback(fields: wire.Fields) -> bool:
    return "app_id" in fields and "type" not in fields


def event_of(fields: wire.Fields) -> Message:
    if "message" in fields:
        return message(fields, fields.child("message"))
    if "opt_out_notification" in fields:
        return opt_out(fields, fields.child("opt_out_notification"))
    known = {"app_id", "accepted_time", "event_time", "project_id", "message_metadata", "correlation_id"}
    event = next((wire.clean(name) for name in fields.values if name not in known), "")
    return Message("unknown", "", "", "", "", occurred_at=fields.time("accepted_time"), event=event)


def message(fields: wire.Fields, inner: wire.Fields) -> Message:
    identity = inner.child("channel_identity")
    channel = identity.text("channel")
    return Message(
        kind="message" if channel in OURS else "unknown",
        sender=identity.text("identity"),
        recipient=inner.text("sender_id", "") or fields.text("app_id"),
        text=text_of(inner.child("contact_message")),
        external_id=inner.text("id"),
        occurred_at=fields.time("event_time") or inner.time("accept_time") or fields.time("accepted_time"),
        event="" if channel in OURS else channel,
    )


def text_of(content: wire.Fields) -> str:
    """A text, what a button says, or nothing: of a picture or a place."""
    for name, inside in (("text_message", "text"), ("choice_response_message", "postback_data")):
        if name in content:
            return content.child(name).text(inside, "")
    return ""


def opt_out(fields: wire.Fields, notice: wire.Fields) -> Message:
    channel, status = notice.text("channel"), notice.text("status", "")
    known = channel in OURS and status in OPTED_OUT
    return Message(
        kind="report" if known else "unknown",
        sender=notice.text("identity", ""),
        recipient=fields.text("app_id"),
        text="",
        external_id=f"{notice.text('request_id', '') or fields.text('accepted_time', '')}:{status}",
        occurred_at=fields.time("event_time") or fields.time("accepted_time"),
        verdict="opt_out" if known else None,
        event=f"{status} {channel}".strip(),
    )
