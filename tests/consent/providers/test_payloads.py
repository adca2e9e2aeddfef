"""What each provider's own payloads mean."""

from datetime import UTC
from pathlib import Path

from consent.intake.contract import Account, Message, Request
from consent.intake.registry import PROVIDERS
from tests.consent.providers.gateways import FORM, JSON, NOW, ORIGIN, sns_envelope, sns_signed, vonage_token
from tests.consent.providers.other_apis import OTHER_APIS, OURS, PERSON, at
from tests.each import each

PAYLOADS = Path(__file__).parents[2] / "payloads"


def request(name: str) -> Request:
    path = PAYLOADS / name
    body = path.read_bytes().rstrip(b"\n")
    if path.parent.name == "sns":
        return sns_signed(sns_envelope("two-way-sms", body))
    if path.suffix == ".query":
        return Request("GET", f"{ORIGIN}/in?{body.decode()}", {}, b"")
    if path.name.startswith("messages_"):
        return vonage_token("secret", body)
    return Request("POST", f"{ORIGIN}/in", {"content-type": FORM if path.suffix == ".form" else JSON}, body)


CASES: dict[str, list[Message]] = {
    "twilio/incoming_stop.form": [
        Message(
            "message",
            f"+{PERSON}",
            f"+{OURS}",
            "Stop texting me",
            "SM7f2c9d1b8e3a4f6085c4d7e9a0b1c2d3",
            verdict="opt_out",
        )
    ],
    "twilio/incoming_unicode.form": [
        Message("message", "+33612345678", "55501", "ARRÊT 🛑", "SM00000000000000000000000000000002")
    ],
    "twilio/report_opted_out.form": [
        Message(
            "report",
            f"+{PERSON}",
            f"+{OURS}",
            "",
            "SM00000000000000000000000000000003:failed",
            verdict="opt_out",
            event="failed 21610",
        )
    ],
    "twilio/report_delivered.form": [
        Message(
            "report",
            f"+{PERSON}",
            "MG1234567890abcdef1234567890abcdef",
            "",
            "SM00000000000000000000000000000004:delivered",
            event="delivered",
        )
    ],
    "twilio/unknown.json": [Message("unknown", "", "", "", "", event="onConversationAdded")],
    "generic/stop.json": [Message("message", f"+{PERSON}", f"+{OURS}", "STOP", "m-1", at(-3600))],
    "generic/empty_text.json": [Message("message", f"+{PERSON}", "55501", "", "m-2")],
    "vonage/incoming.json": [Message("message", PERSON, OURS, "Stop", "1C0000012A3B4C5D", at(-2))],
    "vonage/incoming_part.form": [
        Message(
            "message",
            PERSON,
            "55501",
            "please do not ",
            "1C0000012A3B4C5E",
            at(-2),
            part=2,
            parts=3,
            reference="204",
        )
    ],
    "vonage/incoming_binary.json": [
        Message("message", PERSON, "55501", "STOP", "1C0000012A3B4C5F", at(-2), part=1, parts=3, reference="204")
    ],
    "vonage/receipt_opted_out.json": [
        Message("report", PERSON, "AcmeInc", "", "1C0000012A3B4C60:failed", NOW, verdict="opt_out", event="failed 9")
    ],
    "plivo/incoming.json": [Message("message", PERSON, OURS, "Stop", "5b40a428-bfc7-4daf-9d06-726c558bf3ba")],
    "plivo/incoming.form": [Message("message", PERSON, OURS, "Stop", "5b40a428-bfc7-4daf-9d06-726c558bf3b8")],
    "plivo/report_opted_out.form": [
        Message(
            "report",
            PERSON,
            OURS,
            "",
            "5b40a428-bfc7-4daf-9d06-726c558bf3b9:failed",
            verdict="opt_out",
            event="failed 200",
        )
    ],
    "sinch/incoming.json": [
        Message("message", PERSON, "55501", "Stop please", "01FC66621XXXXX119Z8PMV1QPQ", at(-1.682), reply_to_us=True)
    ],
    "sinch/incoming_binary.json": [
        Message(
            "message",
            PERSON,
            "55501",
            "STOP",
            "01FC66621XXXXX119Z8PMV1QPR",
            at(0.318),
            part=1,
            parts=2,
            reference=str(0x1234),
        )
    ],
    "sinch/incoming_media.json": [Message("message", PERSON, OURS, "STOP", "01FC66621XXXXX119Z8PMV1QPS", at(0.318))],
    "sinch/recipient_report.json": [
        Message(
            "report",
            PERSON,
            OURS,
            "",
            f"01FC66621XXXXX119Z8PMV1QPT:{PERSON}:Rejected",
            at(0.218),
            verdict="opt_out",
            event="Rejected 257",
        )
    ],
    "sinch/full_report.json": [
        Message(
            "report", "14158675301", "", "", "01FC66621XXXXX119Z8PMV1QPU:14158675301:Delivered", event="Delivered 0"
        ),
        *(
            Message(
                "report",
                number,
                "",
                "",
                f"01FC66621XXXXX119Z8PMV1QPU:{number}:Rejected",
                verdict="opt_out",
                event="Rejected 257",
            )
            for number in (PERSON, "14158675310")
        ),
    ],
    "telnyx/incoming.json": [
        Message(
            "message",
            f"+{PERSON}",
            f"+{OURS}",
            "Stop",
            "7ee4241c-f127-47e5-9c34-3aac291f8058",
            at(-0.002),
            verdict="opt_out",
        )
    ],
    "telnyx/finalized_opted_out.json": [
        Message(
            "report",
            f"+{PERSON}",
            f"+{OURS}",
            "",
            f"ac012cbf-5e09-46af-a69a-7c0e2d90993c:+{PERSON}:sending_failed",
            at(0.148),
            verdict="opt_out",
            event="sending_failed 40300",
        ),
        Message(
            "report",
            "+14158675310",
            f"+{OURS}",
            "",
            "ac012cbf-5e09-46af-a69a-7c0e2d90993c:+14158675310:delivered",
            at(0.148),
            event="delivered 40300",
        ),
    ],
    "messagebird/incoming.form": [Message("message", PERSON, OURS, "Stop", "e8077d803532c0b5937c639b60216938", NOW)],
    "messagebird/incoming.json": [Message("message", PERSON, OURS, "stop", "e8077d803532c0b5937c639b60216939", NOW)],
    "messagebird/report_opted_out.query": [
        Message(
            "report",
            PERSON,
            "Acme",
            "",
            "e8077d803532c0b5937c639b6021693a:delivery_failed",
            NOW,
            verdict="opt_out",
            event="delivery_failed 103",
        )
    ],
    "messagebird/report_reason.query": [
        Message(
            "report",
            PERSON,
            "",
            "",
            "e8077d803532c0b5937c639b6021693b:delivery_failed",
            NOW,
            verdict="opt_out",
            event="delivery_failed",
        )
    ],
    "bandwidth/batch.json": [
        Message("message", f"+{PERSON}", f"+{OURS}", "Stop", "14762070468292kw2fuqty55yp2b2", at(-1)),
        Message(
            "report",
            "+14158675310",
            f"+{OURS}",
            "",
            "14762070468292kw2fuqty55yp2b3:+14158675310:message-failed",
            at(1),
            event="message-failed 4720",
        ),
        Message("unknown", "", "+14158675310", "", "", at(2), event="message-read"),
    ],
    "bandwidth/report_opted_out.json": [
        Message(
            "report",
            f"+{PERSON}",
            f"+{OURS}",
            "",
            f"14762070468292kw2fuqty55yp2b4:+{PERSON}:message-failed",
            NOW,
            verdict="opt_out",
            event="message-failed 4775",
        )
    ],
    "bandwidth/one_unreadable.json": [
        Message("message", f"+{PERSON}", f"+{OURS}", "Stop", "14762070468292kw2fuqty55yp2b6", NOW),
        Message(
            "unknown",
            "+14158675310",
            "",
            '{"type": "message-received", "time": "2026-01-31T08:00:00.000Z", "to": "+15550100001", "message": '
            '{"id": ["14762070468292kw2fuqty55yp2b5"], "from": "+14158675310", "text": "Stop"}}',
            "unreadable:3f7c8f1fa58e46b71e3d711c527c7c7f",
            event="unreadable: body[0].message.id",
        ),
    ],
    "infobip/report_blocklisted.json": [
        Message(
            "report",
            PERSON,
            OURS,
            "",
            "817790313235066450:REJECTED_DESTINATION_BLOCKLISTED",
            NOW,
            verdict="opt_out",
            event="REJECTED_DESTINATION_BLOCKLISTED NO_ERROR",
        )
    ],
    "infobip/batch.json": [
        Message("message", PERSON, OURS, "STOP now", "817790313235066447", NOW),
        Message("message", "14158675310", OURS, "STOP now", "817790313235066448", at(1)),
    ],
    "infobip/report.json": [
        Message(
            "report",
            PERSON,
            OURS,
            "",
            "817790313235066449:REJECTED_NOT_ENOUGH_CREDITS",
            NOW,
            event="REJECTED_NOT_ENOUGH_CREDITS NO_ERROR",
        )
    ],
    "sns/event_opted_out.json": [
        Message(
            "report",
            f"+{PERSON}",
            f"+{OURS}",
            "",
            "9539975a-e71f-45f3-b496-8d98dc098a77:TEXT_BLOCKED",
            NOW,
            verdict="opt_out",
            event="TEXT_BLOCKED BLOCKED",
        )
    ],
    "sns/event_bridge.json": [
        Message(
            "report",
            f"+{PERSON}",
            f"+{OURS}",
            "",
            "9539975a-e71f-45f3-b496-8d98dc098a78:TEXT_DELIVERED",
            NOW,
            event="TEXT_DELIVERED DELIVERED",
        )
    ],
    "sns/message.json": [
        Message(
            "message",
            f"+{PERSON}",
            f"+{OURS}",
            "Stop",
            "cae173d2-66b9-564c-8309-21f858e9fb84",
            NOW,
            reply_to_us=True,
        )
    ],
    **OTHER_APIS,
}


@each(("name", "expected"), CASES.items())
def test_payload(name: str, expected: list[Message]) -> None:
    provider = name.partition("/")[0]
    assert PROVIDERS[provider].parse(request(name), Account(provider, "acme", [])) == expected


def test_every_sample_and_every_provider_is_tested() -> None:
    assert set(CASES) == {
        f"{path.parent.name}/{path.name}" for name in PROVIDERS for path in (PAYLOADS / name).iterdir()
    }


@each("messages", CASES.values())
def test_times_are_in_utc(messages: list[Message]) -> None:
    assert all(message.occurred_at is None or message.occurred_at.tzinfo is UTC for message in messages)
