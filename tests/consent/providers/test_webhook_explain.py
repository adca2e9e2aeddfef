"""Explaining a webhook: the judgement of the intake itself, and nothing written."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.management import call_command

from consent.intake.contract import Request
from consent.intake.webhook_explain import explain_webhook
from consent.management.commands.explain_webhook import Command
from tests.consent.providers.gateways import GATEWAYS, NOW, Gateway, certificate, telnyx_public
from tests.each import each

SECRET = "gateway:secret-0123456789-0123456789"


def item(gateway: Gateway, request: Request, **more: object) -> dict[str, Any]:
    return {
        "provider": gateway.provider,
        "secret": SECRET,
        "url": request.url,
        "method": request.method,
        "headers": {name.title(): value for name, value in request.headers.items()},
        "body": request.body.decode(),
        "options": dict(gateway.options),
        "now": int(NOW.timestamp()),
        "public_key": telnyx_public(SECRET),
        "certificate_pem": certificate().decode(),
        **({"secret": None} if gateway.provider == "telnyx" else {}),
        **more,
    }


@each("gateway", GATEWAYS.values())
def test_a_genuine_webhook(gateway: Gateway) -> None:
    explained = explain_webhook(item(gateway, gateway.sign(SECRET, gateway.stop)))
    assert (explained["valid"], explained["status"]) == (True, 200)
    assert [event["text"] for event in explained["events"]] == ["STOP"]


@each("gateway", GATEWAYS.values())
def test_a_webhook_of_the_past_is_asked_about_as_of_then(gateway: Gateway) -> None:
    assert explain_webhook(item(gateway, gateway.sign(SECRET, gateway.stop), now=None))["valid"]


@each("gateway", GATEWAYS.values())
def test_a_forged_webhook(gateway: Gateway) -> None:
    changes: Mapping[str, object] = {"secret": "x:y", "public_key": telnyx_public("x"), "topics": ["arn:other"]}
    explained = explain_webhook(item(gateway, gateway.sign(SECRET, gateway.stop), **changes))
    if gateway.provider == "telnyx":
        explained = explain_webhook(item(gateway, gateway.sign(SECRET, gateway.stop), secret=telnyx_public("x")))
    assert (explained["valid"], explained["status"], explained["events"]) == (False, 403, [])
    assert explained["reason"]


def test_fields_instead_of_a_body() -> None:
    signed = GATEWAYS["twilio-form"].sign(SECRET, b"MessageSid=SM1&From=1&To=2&Body=STOP&Media=b&Media=a")
    explained = explain_webhook(
        {
            "provider": "twilio",
            "secret": [SECRET],
            "url": signed.url,
            "headers": {"X-Twilio-Signature": signed.headers["x-twilio-signature"]},
            "params": {"MessageSid": "SM1", "From": "1", "To": "2", "Body": "STOP", "Media": ["b", "a"]},
        }
    )
    assert explained["events"] == [
        {"kind": "message", "sender": "1", "recipient": "2", "text": "STOP", "external_id": "SM1"}
    ]


def test_fields_of_a_get_are_its_query() -> None:
    signed = GATEWAYS["vonage-form"].sign(SECRET, b"msisdn=1&to=2&messageId=m&text=STOP")
    fields = dict(pair.split("=") for pair in signed.body.decode().split("&"))
    for method in ("GET", "POST"):
        explained = explain_webhook(
            {
                "provider": "vonage",
                "scheme": "sig (sha256)",
                "secret": SECRET,
                "method": method,
                "params": {name: value for name, value in fields.items() if name != "sig"},
                "sig": fields["sig"],
            }
        )
        assert explained["valid"]


def test_what_is_proven_but_cannot_be_read() -> None:
    gateway = GATEWAYS["generic"]
    explained = explain_webhook(item(gateway, gateway.sign(SECRET, b'{"id": "1"}')))
    assert (explained["valid"], explained["status"]) == (True, 400)
    assert explained["reason"] == "text: missing"


@each(
    "wrong",
    [
        {"provider": "nobody"},
        {"provider": "generic", "headers": ["x"]},
        {"provider": "generic", "params": "x"},
        {"provider": "generic", "now": "soon"},
        {"provider": "generic", "body_b64": "?"},
        {"provider": "generic", "options": 7},
    ],
)
def test_an_item_that_cannot_be_read(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        explain_webhook(wrong)


def test_the_command_reads_and_writes_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = GATEWAYS["generic"]
    good = json.dumps(item(gateway, gateway.sign(SECRET, gateway.stop)))
    monkeypatch.setattr("sys.stdin", io.StringIO(f'{good}\n{{"provider": "x"}}\n{{}}\n'))
    written = io.StringIO()
    call_command(Command(), "--json", stdout=written)
    explained, unknown, empty = (json.loads(line) for line in written.getvalue().splitlines())
    assert explained["events"][0]["text"] == "STOP"
    assert unknown["error"].startswith("provider: x is not one of")
    assert empty["error"] == "provider: missing"


def test_the_command_answers_a_person(tmp_path: Any) -> None:
    request = GATEWAYS["generic"].sign(SECRET, GATEWAYS["generic"].stop)
    (tmp_path / "body").write_bytes(request.body)
    written = io.StringIO()
    call_command(
        Command(),
        provider="generic",
        secret=[SECRET],
        header=[f"X-Signature: {request.headers['x-signature']}"],
        body=(tmp_path / "body").open("rb"),
        stdout=written,
    )
    assert "valid: true" in written.getvalue()


def test_the_command_judges_sns_with_a_certificate_at_hand(tmp_path: Any) -> None:
    gateway = GATEWAYS["sns-v2"]
    (tmp_path / "body").write_bytes(gateway.sign("ours", gateway.stop).body)
    (tmp_path / "pem").write_bytes(certificate())
    for given, said in (({"certificate": (tmp_path / "pem").open()}, "valid: true"), ({}, "valid: false")):
        written = io.StringIO()
        call_command(Command(), provider="sns", body=(tmp_path / "body").open("rb"), stdout=written, **given)
        assert said in written.getvalue()
