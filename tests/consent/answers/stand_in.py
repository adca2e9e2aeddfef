"""A real HTTP server that speaks the sending APIs of gateways as they document them, each under its name as a path.

It proves who calls as the gateway would (HTTP Basic, keys in the body, keyed hashes, Signature Version 4 computed here
anew), refuses what the gateway would refuse, and can be busy, broken, silent, or hold an opt-out.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs

CREDENTIALS: dict[str, dict[str, str]] = {
    "twilio": {"account_sid": "AC0123456789abcdef0123456789abcdef", "auth_token": "the token of the twilio account"},
    "vonage": {"api_key": "abcd1234", "api_secret": "the secret of the vonage account"},
    "generic": {"secret": "the secret of the generic API"},
    "sns": {
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "the secret of the aws account",
        "region": "us-east-1",
    },
}


class Text(NamedTuple):
    """A text that the stand-in has sent."""

    gateway: str
    sender: str
    to: str
    body: str


Answer = tuple[int, dict[str, Any]]


class StandIn:
    """`mood`: `ok`, `busy` (503), `broken` (500), `silent` (hangs up without an answer), `slow`, `opted_out`.

    A slow one answers once `released`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.mood = "ok"
        self.texts: list[Text] = []
        self.calls: list[tuple[str, Mapping[str, str], bytes]] = []
        self.keys: set[str] = set()
        self.released = threading.Event()

    def api_url(self, gateway: str) -> str:
        return f"{self.url}/{gateway}"

    def take(self, gateway: str, sender: str, to: str, body: str) -> None:
        self.texts.append(Text(gateway, sender, to, body))


def twilio(stand_in: StandIn, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    own = CREDENTIALS["twilio"]
    basic = base64.b64encode(f"{own['account_sid']}:{own['auth_token']}".encode()).decode()
    if headers["authorization"] != f"Basic {basic}":
        return 401, {"code": 20003, "message": "Authenticate", "status": 401}
    if path != f"/2010-04-01/Accounts/{own['account_sid']}/Messages.json":
        return 404, {"code": 20404, "status": 404}
    fields = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
    if stand_in.mood == "opted_out":
        return 400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}
    stand_in.take("twilio", fields["From"], fields["To"], fields["Body"])
    return 201, {"sid": f"SM{secrets.token_hex(16)}", "status": "queued"}


def vonage(stand_in: StandIn, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    own, fields = CREDENTIALS["vonage"], json.loads(body)
    if (fields["api_key"], fields["api_secret"]) != (own["api_key"], own["api_secret"]):
        return 200, {"message-count": "1", "messages": [{"status": "4", "error-text": "Bad Credentials"}]}
    if stand_in.mood == "opted_out":
        return 200, {"message-count": "1", "messages": [{"status": "7", "error-text": "Number barred"}]}
    assert path == "/sms/json"
    assert not fields["to"].startswith("+")
    stand_in.take("vonage", fields["from"], fields["to"], fields["text"])
    return 200, {"message-count": "1", "messages": [{"status": "0", "message-id": secrets.token_hex(8)}]}


def generic(stand_in: StandIn, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    code = hmac.new(CREDENTIALS["generic"]["secret"].encode(), body, hashlib.sha256).hexdigest()
    if headers["x-signature"] != f"sha256={code}":
        return 403, {"error": "signature"}
    if stand_in.mood == "opted_out":
        return 422, {"error": "opted_out"}
    fields = json.loads(body)
    if headers["idempotency-key"] not in stand_in.keys:
        stand_in.keys.add(headers["idempotency-key"])
        stand_in.take("generic", fields["from"], fields["to"], fields["text"])
    return 200, {"id": f"g-{fields['id']}"}


def sns(stand_in: StandIn, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    if headers["authorization"] != aws_authorization(f"/sns{path}", headers, body):
        return 403, {"__type": "InvalidSignatureException", "message": "The signature does not match."}
    if headers["x-amz-target"] != "PinpointSMSVoiceV2.SendTextMessage":
        return 400, {"__type": "UnknownOperationException"}
    if stand_in.mood == "opted_out":
        return 400, {"__type": "ConflictException", "Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}
    fields = json.loads(body)
    assert fields["MessageType"] == "TRANSACTIONAL"
    stand_in.take("sns", fields["OriginationIdentity"], fields["DestinationPhoneNumber"], fields["MessageBody"])
    return 200, {"MessageId": secrets.token_hex(16)}


def aws_authorization(path: str, headers: Mapping[str, str], body: bytes) -> str:
    """The Authorization header by the document of Signature Version 4, apart from botocore."""
    own, moment = CREDENTIALS["sns"], headers["x-amz-date"]
    signed = sorted(headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";"))
    canonical = "\n".join(
        ("POST", path, "", *(f"{name}:{headers[name].strip()}" for name in signed), "", ";".join(signed))
    )
    canonical += f"\n{hashlib.sha256(body).hexdigest()}"
    place = f"{moment[:8]}/{own['region']}/sms-voice/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{place}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + own["secret_access_key"].encode()
    for part in place.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    code = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={own['access_key_id']}/{place}"
    return f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={';'.join(signed)}, Signature={code}"


def subscribe(stand_in: StandIn, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    return 200, {"SubscriptionArn": "arn:aws:sns:us-east-1:123456789012:two-way-sms:1"}


GATEWAYS = {"twilio": twilio, "vonage": vonage, "generic": generic, "sns": sns, "subscribe": subscribe}


def handler_of(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            stand_in.calls.append((self.path, headers, body))
            if stand_in.mood == "slow":
                stand_in.released.wait(20)
            if stand_in.mood == "silent":
                return
            _, name, path = f"{self.path}/".split("/", 2)
            moods = {"busy": 503, "broken": 500}
            if stand_in.mood in moods:
                self.reply(moods[stand_in.mood], {"error": stand_in.mood})
            else:
                self.reply(*GATEWAYS[name](stand_in, f"/{path}"[:-1] or "/", headers, body))

        def do_GET(self) -> None:
            self.do_POST()

        def reply(self, status: int, fields: Mapping[str, Any]) -> None:
            content = json.dumps(fields).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # with the five of http.server, calls made at once wait a second for each other


@contextmanager
def standing_in(port: int = 0) -> Iterator[StandIn]:
    """Serve until the block ends. `port` 0 takes any that is free."""
    server = _Server(("127.0.0.1", port), BaseHTTPRequestHandler)
    stand_in = StandIn(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = handler_of(stand_in)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
