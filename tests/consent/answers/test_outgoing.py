"""The calls of each gateway, as it documents them, and what its answers mean."""

import json
from typing import Any
from urllib.parse import parse_qs

from consent.answers.options import base_url
from consent.outgoing.contract import Access, Call, Later, Outcome, Refused, Sent, Text, Unsure
from consent.outgoing.registry import GATEWAYS
from consent.outgoing.responses import RESPONSES
from tests.each import each

TEXT = Text("+14158675309", "+15550100001", "Acme: bye", "01a1ffa2-52b8-732b-9398-a6f0a8c9869e")
CREDENTIALS = {
    "bandwidth": {"account_id": "99", "application_id": "app-1", "username": "u", "password": "p"},
    "generic": {"secret": "s"},
    "infobip": {"api_key": "k"},
    "messagebird": {"access_key": "k"},
    "plivo": {"auth_id": "MA1", "auth_token": "t"},
    "sinch": {"service_plan_id": "plan", "api_token": "t"},
    "sns": {"access_key_id": "AKID", "secret_access_key": "s", "region": "us-east-1"},
    "telnyx": {"api_key": "k"},
    "twilio": {"account_sid": "AC1", "auth_token": "t"},
    "vonage": {"api_key": "k", "api_secret": "s"},
}
OWN_URL = {"infobip": "https://abc.api.infobip.com", "generic": "https://sms.acme.example/send"}
BASIC_UP = "Basic dTpw"


def call_of(name: str, text: Text = TEXT) -> Call:
    gateway, options = GATEWAYS[name], {"api_url": OWN_URL[name]} if name in OWN_URL else {}
    return gateway.call(text, Access(CREDENTIALS[name], base_url(gateway, options, CREDENTIALS[name])))


@each(
    ("name", "url", "fields"),
    [
        (
            "bandwidth",
            "https://messaging.bandwidth.com/api/v2/users/99/messages",
            {
                "applicationId": "app-1",
                "from": "+15550100001",
                "to": ["+14158675309"],
                "text": "Acme: bye",
                "tag": TEXT.reference,
            },
        ),
        (
            "generic",
            "https://sms.acme.example/send",
            {"id": TEXT.reference, "from": "+15550100001", "to": "+14158675309", "text": "Acme: bye"},
        ),
        (
            "infobip",
            "https://abc.api.infobip.com/sms/2/text/advanced",
            {
                "messages": [
                    {
                        "from": "15550100001",
                        "destinations": [{"to": "14158675309", "messageId": TEXT.reference}],
                        "text": "Acme: bye",
                    }
                ]
            },
        ),
        (
            "messagebird",
            "https://rest.messagebird.com/messages",
            {
                "originator": "15550100001",
                "recipients": ["14158675309"],
                "body": "Acme: bye",
                "datacoding": "auto",
                "reference": TEXT.reference,
            },
        ),
        (
            "plivo",
            "https://api.plivo.com/v1/Account/MA1/Message/",
            {"src": "+15550100001", "dst": "+14158675309", "text": "Acme: bye"},
        ),
        (
            "sinch",
            "https://us.sms.api.sinch.com/xms/v1/plan/batches",
            {
                "from": "15550100001",
                "to": ["14158675309"],
                "body": "Acme: bye",
                "client_reference": TEXT.reference,
            },
        ),
        (
            "sns",
            "https://sms-voice.us-east-1.amazonaws.com/",
            {
                "DestinationPhoneNumber": "+14158675309",
                "OriginationIdentity": "+15550100001",
                "MessageBody": "Acme: bye",
                "MessageType": "TRANSACTIONAL",
            },
        ),
        (
            "telnyx",
            "https://api.telnyx.com/v2/messages",
            {"from": "+15550100001", "to": "+14158675309", "text": "Acme: bye"},
        ),
        (
            "vonage",
            "https://rest.nexmo.com/sms/json",
            {
                "api_key": "k",
                "api_secret": "s",
                "from": "15550100001",
                "to": "14158675309",
                "text": "Acme: bye",
                "type": "text",
                "client-ref": TEXT.reference,
            },
        ),
    ],
)
def test_a_call_in_json(name: str, url: str, fields: dict[str, Any]) -> None:
    call = call_of(name)
    assert (call.method, call.url, json.loads(call.content)) == ("POST", url, fields)
    assert "json" in call.headers["Content-Type"]


def test_a_call_of_twilio_is_a_form() -> None:
    call = call_of("twilio")
    assert call.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    expected = {"From": ["+15550100001"], "To": ["+14158675309"], "Body": ["Acme: bye"]}
    assert parse_qs(call.content.decode()) == expected
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"


@each(
    ("name", "authorization"),
    [
        ("bandwidth", BASIC_UP),
        ("infobip", "App k"),
        ("messagebird", "AccessKey k"),
        ("plivo", "Basic TUExOnQ="),
        ("sinch", "Bearer t"),
        ("telnyx", "Bearer k"),
        ("twilio", "Basic QUMxOnQ="),
    ],
)
def test_who_calls(name: str, authorization: str) -> None:
    assert call_of(name).headers["Authorization"] == authorization


def test_aws_is_signed_over_its_body_and_target() -> None:
    headers = call_of("sns").headers
    assert headers["X-Amz-Target"] == "PinpointSMSVoiceV2.SendTextMessage"
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert "/us-east-1/sms-voice/aws4_request" in headers["Authorization"]


def test_a_generic_call_is_signed_and_names_its_attempt() -> None:
    headers = call_of("generic").headers
    assert headers["Idempotency-Key"] == TEXT.reference
    assert headers["X-Signature"].startswith("sha256=")


def test_vonage_says_what_letters_a_text_has() -> None:
    assert json.loads(call_of("vonage", Text("+905551234567", "55501", "Hoşça kal", "r")).content)["type"] == "unicode"


@each("name", sorted(GATEWAYS))
def test_a_short_code_and_a_name_stay_as_they_are(name: str) -> None:
    for sender in ("55501", "AcmeInc"):
        call = call_of(name, Text("+14158675309", sender, "x", "r"))
        assert sender in call.content.decode()


TAKEN = [
    ("bandwidth", 202, {"id": "b1"}, "b1"),
    ("generic", 200, {"id": "g1"}, "g1"),
    ("infobip", 200, {"messages": [{"messageId": "i1", "status": {"groupName": "PENDING", "name": "P"}}]}, "i1"),
    ("messagebird", 201, {"id": "m1"}, "m1"),
    ("plivo", 202, {"message_uuid": ["p1"]}, "p1"),
    ("sinch", 201, {"id": "s1"}, "s1"),
    ("sns", 200, {"MessageId": "a1"}, "a1"),
    ("telnyx", 200, {"data": {"id": "t1"}}, "t1"),
    ("twilio", 201, {"sid": "SM1"}, "SM1"),
    ("vonage", 200, {"messages": [{"status": "0", "message-id": "v1"}]}, "v1"),
]


@each(("name", "status", "body", "expected"), TAKEN)
def test_taken_with_its_id(name: str, status: int, body: dict[str, Any], expected: str) -> None:
    assert GATEWAYS[name].read(status, json.dumps(body).encode()) == Sent(expected)


@each(
    ("name", "status", "body"),
    [
        ("twilio", 400, {"code": 21610, "status": 400}),
        ("telnyx", 403, {"errors": [{"code": "40300"}]}),
        ("telnyx", 400, {"errors": [{"code": 40300}]}),
        ("sns", 400, {"__type": "ConflictException", "Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}),
        (
            "infobip",
            200,
            {"messages": [{"status": {"groupName": "REJECTED", "id": 14}}]},
        ),
        ("generic", 422, {"error": "opted_out"}),
    ],
)
def test_an_opt_out_that_the_gateway_holds(name: str, status: int, body: dict[str, Any]) -> None:
    outcome = GATEWAYS[name].read(status, json.dumps(body).encode())
    assert isinstance(outcome, Refused)
    assert outcome.opted_out


@each("name", sorted(GATEWAYS))
@each("status", [400, 401, 403, 404])
def test_a_refusal_for_good(name: str, status: int) -> None:
    outcome = GATEWAYS[name].read(status, b'{"code": 20003, "errors": [{"code": "10001"}]}')
    assert isinstance(outcome, Refused)
    assert not outcome.opted_out


@each("name", sorted(GATEWAYS))
@each("status", [429, 503])
def test_too_busy_is_tried_again(name: str, status: int) -> None:
    assert isinstance(GATEWAYS[name].read(status, b""), Later)


@each("name", sorted(GATEWAYS.keys() - {"bandwidth", "generic"}))
@each("status", [500, 502, 504, 302])
def test_what_may_have_been_sent_is_not_known_to_have_failed(name: str, status: int) -> None:
    assert isinstance(GATEWAYS[name].read(status, b"<html>"), Unsure)


@each(
    ("name", "status", "body", "expected"),
    [
        ("bandwidth", 500, b"", Later("http 500")),
        ("generic", 500, b"", Later("http 500")),
        ("vonage", 200, b'{"messages": [{"status": "1"}]}', Later("vonage 1")),
        ("vonage", 200, b'{"messages": [{"status": "7"}]}', Refused("vonage 7")),
        ("vonage", 200, b'{"messages": [{"status": "5"}]}', Unsure("vonage 5")),
        ("vonage", 200, b"[]", Unsure("vonage")),
        ("infobip", 200, b"{}", Unsure("infobip")),
        ("infobip", 200, b'{"messages": [{"messageId": "r", "status": {"id": 23}}]}', Sent("r")),
        ("infobip", 200, b'{"messages": [{"status": {"groupName": "REJECTED", "id": 12}}]}', Refused("infobip 12")),
        ("sns", 400, b'{"__type": "com.amazonaws#ThrottlingException"}', Later("aws ThrottlingException")),
    ],
)
def test_what_is_peculiar_to_one(name: str, status: int, body: bytes, expected: Outcome) -> None:
    assert GATEWAYS[name].read(status, body) == expected


@each("name", sorted(GATEWAYS))
@each("body", [b"", b"null", b"[[[", b'{"messages": 1}', b'{"errors": {}, "data": 3}', b"\xff" * 50])
def test_an_answer_that_is_none_breaks_nothing(name: str, body: bytes) -> None:
    for status in (200, 201, 202, 400, 500):
        assert isinstance(GATEWAYS[name].read(status, body), Sent | Refused | Later | Unsure)


def test_the_answers_in_a_response() -> None:
    text = Text("+14158675309", "+15550100001", 'Acme & "Sons" <bye>', "r")
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    said = 'Acme &amp; "Sons" &lt;bye&gt;'
    assert RESPONSES["twilio"](text).body.decode() == f"{head}<Response><Message>{said}</Message></Response>"
    plivo = f'{head}<Response><Message src="+15550100001" dst="+14158675309">{said}</Message></Response>'
    assert RESPONSES["plivo"](text).body.decode() == plivo
    reply = {"from": "+15550100001", "to": "+14158675309", "text": 'Acme & "Sons" <bye>'}
    assert json.loads(RESPONSES["generic"](text).body) == {"reply": reply}
