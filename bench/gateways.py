"""Posts of every SMS gateway, signed as each of them documents it: a STOP of a new person in each.

Each function takes the URL that is signed, the secret and the person's number, and gives the headers and the body. The
documents are named in the provider's module, consent/intake/providers.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.messages import FORM

JSON = "application/json"
OURS = "15550100001"
_MINUTE = 60


class Post(NamedTuple):
    """What a gateway sends."""

    headers: Mapping[str, str]
    body: bytes


Sign = Callable[[str, str, str], Post]


def bandwidth(_: str, secret: str, number: str) -> Post:
    message = {"id": _id(number), "owner": f"+{OURS}", "from": number, "to": [f"+{OURS}"], "text": "STOP"}
    event = {"type": "message-received", "time": "2026-01-31T08:00:00Z", "to": f"+{OURS}", "message": message}
    return _json([event], Authorization=_basic(secret))


def generic(_: str, secret: str, number: str) -> Post:
    body = json.dumps({"id": _id(number), "from": number, "to": f"+{OURS}", "text": "STOP"}).encode()
    return Post({"Content-Type": JSON, "X-Signature": "sha256=" + _mac(secret, body).hex()}, body)


def infobip(_: str, secret: str, number: str) -> Post:
    result = {"messageId": _id(number), "from": number[1:], "to": OURS, "text": "STOP", "keyword": "STOP"}
    return _json({"results": [result], "messageCount": 1}, Authorization=_basic(secret))


def messagebird(url: str, secret: str, number: str) -> Post:
    body = json.dumps({"id": _id(number), "originator": number[1:], "recipient": OURS, "body": "STOP"}).encode()
    now = int(time.time())
    claims = {
        "iss": "MessageBird",
        "nbf": now,
        "exp": now + _MINUTE,
        "jti": _id(number),
        "url_hash": _sha(url.encode()),
    }
    token = _token(secret, {**claims, "payload_hash": _sha(body)})
    return Post({"Content-Type": JSON, "MessageBird-Signature-JWT": token}, body)


def plivo(url: str, secret: str, number: str) -> Post:
    fields = {"From": number[1:], "To": OURS, "Type": "sms", "Text": "STOP", "MessageUUID": _id(number), "Units": "1"}
    signed = f"{url}?{''.join(name + fields[name] for name in sorted(fields))}.{_id(number)}"
    headers = {
        "Content-Type": FORM,
        "X-Plivo-Signature-V3": _b64(_mac(secret, signed.encode())),
        "X-Plivo-Signature-V3-Nonce": _id(number),
    }
    return Post(headers, urlencode(fields).encode())


def sinch(_: str, secret: str, number: str) -> Post:
    fields = {"type": "mo_text", "id": _id(number), "from": number[1:], "to": OURS, "body": "STOP"}
    body, seconds = json.dumps(fields).encode(), str(int(time.time()))
    prefix = "X-Sinch-Webhook-Signature"
    signature = _b64(_mac(secret, b"%s.%s.%s" % (body, _id(number).encode(), seconds.encode())))
    headers = {prefix: signature, f"{prefix}-Nonce": _id(number), f"{prefix}-Timestamp": seconds}
    return Post({"Content-Type": JSON, **headers}, body)


def telnyx(_: str, secret: str, number: str) -> Post:
    payload = {
        "id": _id(number),
        "text": "STOP",
        "from": {"phone_number": number},
        "to": [{"phone_number": f"+{OURS}"}],
    }
    event = {"data": {"event_type": "message.received", "id": _id(number), "payload": payload}}
    body, seconds = json.dumps(event).encode(), str(int(time.time()))
    signature = _b64(_telnyx_key(secret).sign(seconds.encode() + b"|" + body))
    return Post({"Content-Type": JSON, "Telnyx-Signature-Ed25519": signature, "Telnyx-Timestamp": seconds}, body)


def vonage(_: str, secret: str, number: str) -> Post:
    fields = {"msisdn": number[1:], "to": OURS, "messageId": _id(number), "text": "STOP", "type": "text"}
    fields["timestamp"] = str(int(time.time()))
    signed = "".join(f"&{name}={fields[name]}" for name in sorted(fields))
    fields["sig"] = _mac(secret, signed.encode()).hex().upper()
    return Post({"Content-Type": FORM}, urlencode(fields).encode())


SIGNERS: dict[str, Sign] = {
    "bandwidth": bandwidth,
    "generic": generic,
    "infobip": infobip,
    "messagebird": messagebird,
    "plivo": plivo,
    "sinch": sinch,
    "telnyx": telnyx,
    "vonage": vonage,
}


def configured(provider: str, secret: str) -> str:
    """What our account holds: of Telnyx the public key, else the secret itself."""
    if provider != "telnyx":
        return secret
    return _b64(_telnyx_key(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _id(number: str) -> str:
    return f"m{number[1:]}"


@cache
def _telnyx_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())


def _json(value: object, **headers: str) -> Post:
    return Post({"Content-Type": JSON, **headers}, json.dumps(value).encode())


def _basic(secret: str) -> str:
    return f"Basic {_b64(secret.encode())}"


def _mac(secret: str, content: bytes) -> bytes:
    return hmac.digest(secret.encode(), content, "sha256")


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _token(secret: str, claims: Mapping[str, object]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256"}, claims)]
    signature = base64.urlsafe_b64encode(_mac(secret, b".".join(parts))).rstrip(b"=")
    return b".".join([*parts, signature]).decode()
