"""How each gateway signs, by other means than ours: its own library where it is small, else the standard library.

A `Gateway` is one way in which a provider proves its posts. Every test of security runs over all of `GATEWAYS`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit

import nacl.signing
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from plivo.utils.signature_v3 import construct_post_url, get_signature_v3
from twilio.request_validator import RequestValidator

from consent.intake.contract import Account, Request

NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
SECONDS = str(int(NOW.timestamp()))
ORIGIN = "https://sayso.example"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
FOREVER = timedelta(0)

CERTIFICATE_URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
TOPIC = "arn:aws:sns:us-east-1:123456789012:"


@dataclass(frozen=True)
class Gateway:
    """`sign` gives the request that a holder of the secret posts. `lasts` is how long it may travel; zero: for ever."""

    provider: str
    sign: Callable[[str, bytes], Request]
    stop: bytes
    proof: str = ""  # the header without which nothing is proven; empty: the proof is in the body
    configured: Callable[[str], str] = str  # from the signer's secret to what our account holds
    options: Mapping[str, str] = field(default_factory=dict)
    lasts: timedelta = FOREVER
    covers_body: bool = True

    def account(self, *secrets: str) -> Account:
        configured = [self.configured(secret) if secret else "" for secret in secrets]
        return Account(self.provider, "acme", configured, self.options, documents())


def post(body: bytes, headers: Mapping[str, str], content_type: str = JSON, url: str = ORIGIN + "/in") -> Request:
    return Request("POST", url, {"content-type": content_type, **headers}, body)


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def mac(secret: str, content: bytes, digest: str = "sha256") -> bytes:
    return hmac.digest(secret.encode(), content, digest)


def token(secret: str, claims: Mapping[str, object], algorithm: str = "HS256") -> str:
    parts = [{"alg": algorithm, "typ": "JWT"}, claims]
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(mac(secret, signed, f"sha{algorithm[2:]}")).rstrip(b"=")
    return b".".join([signed, signature]).decode()


def twilio_form(secret: str, body: bytes) -> Request:
    params: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True):
        params.setdefault(name, []).append(value)
    signature = RequestValidator(secret).compute_signature(ORIGIN + "/in", MultiDict(params))
    return post(body, {"x-twilio-signature": signature}, FORM)


class MultiDict(dict[str, list[str]]):
    def getall(self, name: str) -> list[str]:
        return self[name]


def twilio_json(secret: str, body: bytes) -> Request:
    url = f"{ORIGIN}/in?bodySHA256={hashlib.sha256(body).hexdigest()}"
    return post(body, {"x-twilio-signature": RequestValidator(secret).compute_signature(url, {})}, JSON, url)


def generic(secret: str, body: bytes) -> Request:
    return post(body, {"x-signature": "sha256=" + mac(secret, body).hex()})


def vonage_text(secret: str, fields: Mapping[str, str]) -> str:
    values = {name: value.replace("&", "_").replace("=", "_") for name, value in fields.items()}
    content = "".join(f"&{name}={values[name]}" for name in sorted(values))
    return mac(secret, content.encode()).hex().upper()


def vonage_form(secret: str, body: bytes) -> Request:
    fields = {**dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True)), "timestamp": SECONDS}
    return post(urlencode({**fields, "sig": vonage_text(secret, fields)}).encode(), {}, FORM)


def vonage_query(secret: str, body: bytes) -> Request:
    signed = vonage_form(secret, body)
    return Request("GET", f"{ORIGIN}/in?{signed.body.decode()}", {}, b"")


def vonage_token(secret: str, body: bytes) -> Request:
    claims = {"iat": int(SECONDS), "jti": "1", "iss": "Vonage", "payload_hash": hashlib.sha256(body).hexdigest()}
    return post(body, {"authorization": f"Bearer {token(secret, claims)}"})


def plivo_v3(secret: str, body: bytes) -> Request:
    url, fields = f"{ORIGIN}/in?b=2&a=1", dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
    signature = get_signature_v3(secret, construct_post_url(url, fields).decode(), "nonce-1").decode()
    headers = {"x-plivo-signature-v3": f"c3Rhbmdlcg==,{signature}", "x-plivo-signature-v3-nonce": "nonce-1"}
    return post(body, headers, FORM, url)


def plivo_json(secret: str, body: bytes) -> Request:
    url = f"{ORIGIN}/in"
    try:
        members = json.loads(body)
        content = construct_post_url(url, members if isinstance(members, dict) else {}).decode()
    except (ValueError, RecursionError, UnicodeError, TypeError):
        content = url
    signature = get_signature_v3(secret, content, "nonce-1").decode()
    return post(body, {"x-plivo-signature-v3": signature, "x-plivo-signature-v3-nonce": "nonce-1"}, JSON, url)


def plivo_v2(secret: str, body: bytes) -> Request:
    signature = b64(mac(secret, f"{ORIGIN}/innonce-1".encode()))
    return post(body, {"x-plivo-signature-v2": signature, "x-plivo-signature-v2-nonce": "nonce-1"}, FORM)


def sinch(secret: str, body: bytes) -> Request:
    signature = b64(mac(secret, b"%s.nonce-1.%s" % (body, SECONDS.encode())))
    prefix = "x-sinch-webhook-signature"
    return post(body, {prefix: signature, f"{prefix}-nonce": "nonce-1", f"{prefix}-timestamp": SECONDS})


def telnyx_key(secret: str) -> nacl.signing.SigningKey:
    return nacl.signing.SigningKey(hashlib.sha256(secret.encode()).digest())


def telnyx_public(secret: str) -> str:
    return b64(bytes(telnyx_key(secret).verify_key))


def telnyx(secret: str, body: bytes) -> Request:
    signature = b64(telnyx_key(secret).sign(f"{SECONDS}|".encode() + body).signature)
    return post(body, {"telnyx-signature-ed25519": signature, "telnyx-timestamp": SECONDS})


def messagebird_claims(url: str, body: bytes) -> dict[str, object]:
    claims: dict[str, object] = {"iss": "MessageBird", "nbf": int(SECONDS), "exp": int(SECONDS) + 60, "jti": "1"}
    claims["url_hash"] = hashlib.sha256(url.encode()).hexdigest()
    return {**claims, "payload_hash": hashlib.sha256(body).hexdigest()} if body else claims


def messagebird_token(secret: str, body: bytes) -> Request:
    signed = token(secret, messagebird_claims(f"{ORIGIN}/in", body), "HS512")
    return post(body, {"messagebird-signature-jwt": signed})


def messagebird_query(secret: str, body: bytes) -> Request:
    url = f"{ORIGIN}/in?{body.decode('latin-1')}"
    signed = token(secret, messagebird_claims(url, b""), "HS256")
    return Request("GET", url, {"messagebird-signature-jwt": signed}, b"")


def messagebird_legacy(secret: str, body: bytes) -> Request:
    content = b"\n".join([SECONDS.encode(), b"a=1&b=2+3", hashlib.sha256(body).digest()])
    headers = {"messagebird-signature": b64(mac(secret, content)), "messagebird-request-timestamp": SECONDS}
    return post(body, headers, JSON, f"{ORIGIN}/in?b=2%203&a=1")


def basic(secret: str, body: bytes) -> Request:
    return post(body, {"authorization": "Basic " + b64(secret.encode())})


def fixed_header(secret: str, body: bytes) -> Request:
    return post(body, {"x-gateway-key": secret})


@cache
def sns_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(days: int = 365) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(NOW - timedelta(days=30)).not_valid_after(NOW + timedelta(days=days))
    signed = builder.public_key(sns_key().public_key()).sign(sns_key(), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


@cache
def documents() -> dict[str, bytes]:
    return {CERTIFICATE_URL: certificate()}


def sns_envelope(topic: str, message: bytes) -> dict[str, str]:
    return {
        "Type": "Notification",
        "MessageId": "5b1a0f2e-0000-5000-8000-000000000001",
        "TopicArn": TOPIC + topic,
        "Message": message.decode("utf-8", "surrogateescape"),
        "Timestamp": "2026-01-31T08:00:00.000Z",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    }


def sns_signed(envelope: dict[str, str], version: str = "2") -> Request:
    names = sorted(
        {*envelope} & {"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
    )
    content = "".join(f"{name}\n{envelope[name]}\n" for name in names).encode("utf-8", "surrogatepass")
    digest = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = b64(sns_key().sign(content, padding.PKCS1v15(), digest))
    body = json.dumps({**envelope, "SignatureVersion": version, "Signature": signature}).encode()
    return post(body, {}, "text/plain; charset=UTF-8")


def sns(version: str) -> Callable[[str, bytes], Request]:
    return lambda topic, message: sns_signed(sns_envelope(topic, message), version)


VONAGE_STOP = b"msisdn=14158675309&to=15550100001&messageId=m-1&text=STOP&type=text"
TWILIO_STOP = b"MessageSid=SM1&From=%2B14158675309&To=%2B15550100001&Body=STOP"
SIMPLE = {"id": "m-1", "from": "14158675309", "to": "15550100001"}
MESSAGEBIRD_STOP = json.dumps({"id": "m-1", "originator": "1", "recipient": "2", "body": "STOP"}).encode()
MINUTES = timedelta(minutes=5)
A_DAY = timedelta(hours=24, minutes=5)
HOUR = timedelta(hours=1, minutes=5)

GATEWAYS: dict[str, Gateway] = {
    "twilio-form": Gateway("twilio", twilio_form, TWILIO_STOP, "x-twilio-signature"),
    "twilio-json": Gateway(
        "twilio", twilio_json, b'{"MessageSid": "SM1", "From": "1", "To": "2", "Body": "STOP"}', "x-twilio-signature"
    ),
    "twilio-events": Gateway(
        "twilio",
        twilio_json,
        b'[{"specversion": "1.0", "type": "com.twilio.messaging.inbound-message.received", "id": "NO1",'
        b' "data": {"messageSid": "SM1", "from": "1", "to": "2", "body": "STOP"}}]',
        "x-twilio-signature",
    ),
    "generic": Gateway("generic", generic, json.dumps({**SIMPLE, "text": "STOP"}).encode(), "x-signature"),
    "vonage-form": Gateway("vonage", vonage_form, VONAGE_STOP, lasts=A_DAY),
    "vonage-query": Gateway("vonage", vonage_query, VONAGE_STOP, lasts=A_DAY),
    "vonage-token-v0.1": Gateway(
        "vonage",
        vonage_token,
        b'{"message_uuid": "m-1", "from": {"type": "sms", "number": "1"}, "to": {"type": "sms", "number": "2"},'
        b' "message": {"content": {"type": "text", "text": "STOP"}}}',
        "authorization",
        lasts=MINUTES,
    ),
    "vonage-token": Gateway(
        "vonage",
        vonage_token,
        b'{"message_uuid": "m-1", "from": "1", "to": "2", "channel": "sms", "text": "STOP"}',
        "authorization",
        lasts=MINUTES,
    ),
    "plivo-v3": Gateway("plivo", plivo_v3, b"From=1&To=2&Type=sms&Text=STOP&MessageUUID=m-1", "x-plivo-signature-v3"),
    "plivo-json": Gateway(
        "plivo",
        plivo_json,
        b'{"From": "1", "To": "2", "Type": "sms", "Text": "STOP", "MessageUUID": "m-1"}',
        "x-plivo-signature-v3",
    ),
    "plivo-v2": Gateway(
        "plivo",
        plivo_v2,
        b"From=1&To=2&Type=sms&Text=STOP&MessageUUID=m-1",
        "x-plivo-signature-v2",
        covers_body=False,
    ),
    "sinch": Gateway(
        "sinch",
        sinch,
        json.dumps({**SIMPLE, "type": "mo_text", "body": "STOP"}).encode(),
        "x-sinch-webhook-signature",
        lasts=MINUTES,
    ),
    "sinch-basic": Gateway(
        "sinch",
        basic,
        json.dumps({**SIMPLE, "type": "mo_text", "body": "STOP"}).encode(),
        "authorization",
        options={"authentication": "basic"},
        covers_body=False,
    ),
    "telnyx": Gateway(
        "telnyx",
        telnyx,
        b'{"data": {"event_type": "message.received", "id": "e-1", "payload": {"id": "m-1", "text": "STOP",'
        b' "from": {"phone_number": "1"}, "to": [{"phone_number": "2"}]}}}',
        "telnyx-signature-ed25519",
        configured=telnyx_public,
        lasts=MINUTES,
    ),
    "messagebird-token": Gateway(
        "messagebird", messagebird_token, MESSAGEBIRD_STOP, "messagebird-signature-jwt", lasts=timedelta(seconds=60)
    ),
    "messagebird-query": Gateway(
        "messagebird",
        messagebird_query,
        b"id=m-1&originator=1&recipient=2&body=STOP",
        "messagebird-signature-jwt",
        lasts=timedelta(seconds=60),
    ),
    "messagebird-legacy": Gateway(
        "messagebird", messagebird_legacy, MESSAGEBIRD_STOP, "messagebird-signature", lasts=MINUTES
    ),
    "bandwidth": Gateway(
        "bandwidth",
        basic,
        b'[{"type": "message-received", "to": "2", "message": {"id": "m-1", "from": "1", "text": "STOP"}}]',
        "authorization",
        covers_body=False,
    ),
    "infobip": Gateway(
        "infobip",
        basic,
        b'{"results": [{"messageId": "m-1", "from": "1", "to": "2", "text": "STOP"}]}',
        "authorization",
        covers_body=False,
    ),
    "infobip-header": Gateway(
        "infobip",
        fixed_header,
        b'{"results": [{"messageId": "m-1", "from": "1", "to": "2", "text": "STOP"}]}',
        "x-gateway-key",
        options={"header": "X-Gateway-Key"},
        covers_body=False,
    ),
    **{
        f"sns-v{version}": Gateway(
            "sns",
            sns(version),
            b'{"originationNumber":"1","destinationNumber":"2","messageBody":"STOP","inboundMessageId":"m-1"}',
            configured=TOPIC.__add__,
            lasts=HOUR,
        )
        for version in ("1", "2")
    },
}


def query_of(request: Request) -> str:
    return urlsplit(request.url).query
