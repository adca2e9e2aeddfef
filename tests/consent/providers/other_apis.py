"""What payloads mean that come from a second API of a gateway, at the endpoint of its first."""

from datetime import datetime, timedelta

from consent.intake.contract import Message
from tests.consent.providers.gateways import NOW

PERSON, OURS = "14158675309", "15550100001"


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


OTHER_APIS: dict[str, list[Message]] = {
    "twilio/events.json": [
        Message("message", f"+{PERSON}", f"+{OURS}", "Stop", "SM00000000000000000000000000000005", NOW),
        Message(
            "report",
            "+14158675310",
            f"+{OURS}",
            "",
            "SM00000000000000000000000000000006:failed",
            at(1),
            verdict="opt_out",
            event="failed 21610",
        ),
        Message(
            "unknown",
            "",
            "",
            "",
            "NO00000000000000000000000000000003",
            at(2),
            event="com.twilio.error-logs.error.logged",
        ),
    ],
    "twilio/conversation.form": [
        Message(
            "message",
            f"+{PERSON}",
            "CH00000000000000000000000000000001",
            "STOP",
            "IM00000000000000000000000000000001",
            NOW,
        )
    ],
    "vonage/messages_incoming.json": [
        Message("message", PERSON, OURS, "unsubscribe me", "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", NOW)
    ],
    "vonage/messages_status.json": [
        Message("report", PERSON, OURS, "", "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ac:rejected", NOW, event="rejected 1020")
    ],
    "vonage/messages_whatsapp.json": [
        Message("unknown", PERSON, OURS, "STOP", "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ad", NOW, event="whatsapp")
    ],
    "vonage/messages_v01_incoming.json": [
        Message("message", PERSON, OURS, "STOP", "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ae", NOW)
    ],
    "vonage/messages_v01_status.json": [
        Message(
            "report",
            PERSON,
            OURS,
            "",
            "aaaaaaaa-bbbb-4ccc-8ddd-0123456789af:rejected",
            NOW,
            verdict="opt_out",
            event="rejected 9",
        )
    ],
    "vonage/messages_picture.json": [
        Message("message", PERSON, OURS, "Stop", "aaaaaaaa-bbbb-4ccc-8ddd-0123456789b0", NOW)
    ],
    "sinch/conversation_incoming.json": [
        Message("message", PERSON, OURS, "Stop", "01EQ8235TD19N21XQTH12B145D", at(-1.682))
    ],
    "sinch/conversation_opt_out.json": [
        Message(
            "report",
            PERSON,
            "01EB37HMH1M6SV18BSNS3G135H",
            "",
            "01EQBFNC9HVGDW1878RD3B15AC:OPT_OUT_SUCCEEDED",
            at(0.318),
            verdict="opt_out",
            event="OPT_OUT_SUCCEEDED SMS",
        )
    ],
    "sinch/conversation_whatsapp.json": [
        Message(
            "unknown",
            PERSON,
            "01EB37HMH1M6SV18BSNS3G135H",
            "Stop",
            "01EQ8235TD19N21XQTH12B145E",
            at(0.318),
            event="WHATSAPP",
        )
    ],
    "sinch/conversation_unknown.json": [
        Message("unknown", "", "", "", "", at(0.318), event="contact_create_notification")
    ],
}
