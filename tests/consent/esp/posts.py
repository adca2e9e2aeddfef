"""Posts of every mail provider, modelled on their documented samples, and proofs as the providers make them."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.alone import load

Webhook = load("svix.webhooks").Webhook
ORIGIN = "https://sayso.example"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
WHO = "jane.doe@example.net"
AT = 1_772_532_000  # 2026-03-03T10:00:00Z
ISO = "2026-03-03T10:00:00.000000Z"
BASIC = "sayso:a long password of this account"
KEY = "key-0123456789abcdef0123456789abcdef"
SVIX = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()

_EC, _RSA = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65_537, 2_048)


def _pem(key: Any) -> str:
    kinds = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    lines: list[str] = key.public_key().public_bytes(*kinds).decode().strip().splitlines()
    return "\n".join(lines[1:-1])


class Post(NamedTuple):
    body: bytes
    headers: Mapping[str, str] = {}
    content_type: str = JSON


class Esp(NamedTuple):
    """`bounce`, `opt_out` and `complaint` make events about an address; `post` proves a post of events."""

    name: str
    secret: str
    post: Callable[..., Post]
    bounce: Callable[[str], Any]
    opt_out: Callable[[str], Any] | None
    complaint: Callable[[str], Any]


def path_of(name: str) -> str:
    return f"/webhooks/email/{name}/acme/tracking"


def _basic(wrap: Callable[[list[Any]], Any]) -> Callable[..., Post]:
    def post(*events: Any, secret: str = BASIC) -> Post:
        token = base64.b64encode(secret.encode()).decode()
        return Post(json.dumps(wrap(list(events))).encode(), {"Authorization": f"Basic {token}"})

    return post


def _hex(header: str, wrap: Callable[[list[Any]], Any]) -> Callable[..., Post]:
    def post(*events: Any, secret: str = KEY) -> Post:
        body = json.dumps(wrap(list(events))).encode()
        return Post(body, {header: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()})

    return post


def alone(events: list[Any]) -> Any:
    return events[0]


def mailgun(event: Any, secret: str = KEY, at: float = 0) -> Post:
    stamp, token = str(int(at or time.time())), "c" * 50
    signature = hmac.new(secret.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    block = {"token": token, "timestamp": stamp, "signature": signature}
    return Post(json.dumps({"signature": block, "event-data": event}).encode())


def mandrill(*events: Any, secret: str = KEY) -> Post:
    value = json.dumps(events)
    signed = f"{ORIGIN}{path_of('mandrill')}mandrill_events{value}"
    signature = base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    return Post(urlencode({"mandrill_events": value}).encode(), {"X-Mandrill-Signature": signature}, FORM)


def postal(event: Any, secret: str = "") -> Post:
    body = json.dumps(event).encode()
    key = _RSA if not secret else rsa.generate_private_key(65_537, 2_048)
    signature = key.sign(body, padding.PKCS1v15(), hashes.SHA1())
    return Post(body, {"X-Postal-Signature": base64.b64encode(signature).decode()})


def resend(event: Any, secret: str = SVIX) -> Post:
    body, now = json.dumps(event), datetime.now(UTC)
    signature = Webhook(secret if secret.startswith("whsec_") else SVIX[:-4] + "AAAA").sign("msg_1", now, body)
    stamp = str(int(now.timestamp()))
    return Post(body.encode(), {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": signature})


def sendgrid(*events: Any, secret: str = "", at: float = 0) -> Post:
    return sendgrid_signed(json.dumps(events).encode(), secret=secret, at=at)


def sendgrid_signed(body: bytes, kind: str = "application/json", *, secret: str = "", at: float = 0) -> Post:
    stamp, key = str(int(at or time.time())), ec.generate_private_key(ec.SECP256R1()) if secret else _EC
    signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    name = "X-Twilio-Email-Event-Webhook"
    return Post(body, {f"{name}-Signature": signature, f"{name}-Timestamp": stamp}, kind)


def unisender(*events: Any, secret: str = KEY) -> Post:
    told = [{"event_name": "transactional_email_status", "event_data": event} for event in events]
    content = {"auth": secret, "events_by_user": [{"user_id": 1, "events": told}]}
    auth = hashlib.md5(json.dumps(content).encode()).hexdigest()
    return Post(json.dumps({**content, "auth": auth}).encode())


def _mailersend(kind: str, who: str, **morph: Any) -> Any:
    email = {"message": {"id": "m1"}, "recipient": {"email": who}}
    data = {"id": f"{kind}1", "type": kind, "created_at": ISO, "email": email, "morph": morph}
    return {"type": f"activity.{kind}", "created_at": ISO, "data": data}


def _mailgun(event: str, who: str, **more: Any) -> Any:
    return {"event": event, "id": "x", "timestamp": AT, "recipient": who, "message": {"headers": {}}, **more}


def _mailtrap(event: str, who: str, **more: Any) -> Any:
    return {"event": event, "timestamp": AT, "message_id": "m", "email": who, "event_id": f"{event}-{who}", **more}


def _mandrill(event: str, who: str, **more: Any) -> Any:
    return {"event": event, "_id": "1", "ts": AT, "msg": {"_id": "1", "email": who, **more}}


def _resend(kind: str, who: str, **more: Any) -> Any:
    return {"type": kind, "created_at": ISO, "data": {"email_id": "e", "to": [who], "headers": [], **more}}


def _sparkpost(kind: str, who: str, **more: Any) -> Any:
    event = {"type": kind, "event_id": f"{kind}-{who}", "timestamp": str(AT), "raw_rcpt_to": who, **more}
    return {"msys": {"message_event": event}}


def _postmark(kind: str, who: str, **more: Any) -> Any:
    return {"RecordType": kind, "MessageID": "m", "Email": who, "Recipient": who, **more}


def _postal(who: str, **more: Any) -> Any:
    message = {"id": 7, "direction": "outgoing", "to": who, "tag": None}
    return {"event": "MessageDeliveryFailed", "uuid": who, "timestamp": AT, "payload": {"message": message, **more}}


def _unisender(status: str, who: str, **delivery: str) -> Any:
    return {
        "job_id": "j",
        "email": who,
        "status": status,
        "event_time": "2026-03-03 10:00:00",
        "delivery_info": delivery,
    }


NO_USER = "550 5.1.1 The email account that you tried to reach does not exist."
ESPS = {
    esp.name: esp
    for esp in (
        Esp(
            "brevo",
            BASIC,
            _basic(alone),
            lambda who: {"event": "hard_bounce", "email": who, "ts_epoch": AT * 1000, "reason": NO_USER},
            lambda who: {"event": "unsubscribe", "email": who, "ts_epoch": AT * 1000},
            lambda who: {"event": "spam", "email": who, "ts_epoch": AT * 1000},
        ),
        Esp(
            "mailersend",
            KEY,
            _hex("Signature", alone),
            lambda who: _mailersend("hard_bounced", who, object="recipient_bounce", reason=NO_USER),
            lambda who: _mailersend("unsubscribed", who, object="recipient_unsubscribe"),
            lambda who: _mailersend("spam_complaint", who, object="spam_complaint"),
        ),
        Esp(
            "mailgun",
            KEY,
            mailgun,
            lambda who: _mailgun(
                "failed", who, severity="permanent", reason="bounce", **{"delivery-status": {"message": NO_USER}}
            ),
            lambda who: _mailgun("unsubscribed", who),
            lambda who: _mailgun("complained", who),
        ),
        Esp(
            "mailjet",
            BASIC,
            _basic(list),
            lambda who: {"event": "bounce", "time": AT, "email": who, "hard_bounce": True, "error": "user unknown"},
            lambda who: {"event": "unsub", "time": AT, "email": who},
            lambda who: {"event": "spam", "time": AT, "email": who, "source": "JMRPP"},
        ),
        Esp(
            "mailtrap",
            KEY,
            _hex("Mailtrap-Signature", lambda events: {"events": events}),
            lambda who: _mailtrap("bounce", who, bounce_category="badmailbox", response=NO_USER),
            lambda who: _mailtrap("unsubscribe", who),
            lambda who: _mailtrap("spam", who),
        ),
        Esp(
            "mandrill",
            KEY,
            mandrill,
            lambda who: _mandrill("hard_bounce", who, bounce_description="bad_mailbox", diag=f"smtp;{NO_USER}"),
            lambda who: _mandrill("unsub", who),
            lambda who: _mandrill("spam", who),
        ),
        Esp("postal", _pem(_RSA), postal, lambda who: _postal(who, status="HardFail", output=NO_USER), None, _postal),
        Esp(
            "postmark",
            BASIC,
            _basic(alone),
            lambda who: _postmark("Bounce", who, ID=7, Type="HardBounce", BouncedAt=ISO, Details=f"smtp;{NO_USER}"),
            lambda who: _postmark(
                "SubscriptionChange", who, SuppressSending=True, SuppressionReason="ManualSuppression", ChangedAt=ISO
            ),
            lambda who: _postmark("SpamComplaint", who, ID=8, Type="SpamComplaint", BouncedAt=ISO),
        ),
        Esp(
            "resend",
            SVIX,
            resend,
            lambda who: _resend("email.bounced", who, bounce={"type": "Permanent", "message": "hard bounce message"}),
            None,
            lambda who: _resend("email.complained", who),
        ),
        Esp(
            "sendgrid",
            _pem(_EC),
            sendgrid,
            lambda who: {
                **{"event": "bounce", "type": "bounce", "email": who, "timestamp": AT, "sg_event_id": f"b-{who}"},
                **{"status": "5.1.1", "reason": NO_USER},
            },
            lambda who: {"event": "group_unsubscribe", "email": who, "timestamp": AT, "sg_event_id": f"u-{who}"},
            lambda who: {"event": "spamreport", "email": who, "timestamp": AT, "sg_event_id": f"s-{who}"},
        ),
        Esp(
            "sparkpost",
            BASIC,
            _basic(list),
            lambda who: _sparkpost("bounce", who, bounce_class="10", raw_reason=NO_USER),
            lambda who: _sparkpost("list_unsubscribe", who),
            lambda who: _sparkpost("spam_complaint", who),
        ),
        Esp(
            "unisender_go",
            KEY,
            unisender,
            lambda who: _unisender("hard_bounced", who, delivery_status="err_user_unknown"),
            lambda who: _unisender("unsubscribed", who),
            lambda who: _unisender("spam", who, delivery_status="err_spam_rejected"),
        ),
    )
}
BATCHES = ("mailjet", "mailtrap", "mandrill", "sendgrid", "sparkpost", "unisender_go")
