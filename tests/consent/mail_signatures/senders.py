"""How each mail provider signs, by other means than ours. Every test of security runs over all of `SENDERS`."""

import base64
import hashlib
import json
from datetime import timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from consent.intake.contract import Request
from tests.consent.providers.gateways import (
    FORM,
    HOUR,
    MINUTES,
    SECONDS,
    TOPIC,
    Gateway,
    b64,
    basic,
    fixed_header,
    mac,
    post,
    sns,
    telnyx_key,
    telnyx_public,
)

COMPLAINT = b'{"event": "complained", "recipient": "ada@example.com", "text": "STOP"}'
URL = "https://user:password@sayso.example/in"


def hex_of_body(header: str, secret: str, body: bytes) -> Request:
    return post(body, {header: mac(secret, body).hex()})


def mailersend(secret: str, body: bytes) -> Request:
    return hex_of_body("signature", secret, body)


def mailtrap(secret: str, body: bytes) -> Request:
    return hex_of_body("mailtrap-signature", secret, body)


def mailkite(secret: str, body: bytes) -> Request:
    signature = mac(secret, f"{SECONDS}250.".encode() + body).hex()
    return post(body, {"x-mailkite-signature": f"t={SECONDS}250,v1={signature}"})


def whsec(secret: str) -> str:
    return "whsec_" + b64(secret.encode())


def standard_content(body: bytes) -> bytes:
    return f"msg_1.{SECONDS}.".encode() + body


def standard(prefix: str, secret: str, body: bytes, version: str = "v1") -> Request:
    code = b64(mac(secret, standard_content(body)))
    signatures = f"v1,{b64(b'x' * 32)} v2,{code} {version},{code}"
    headers = {"id": "msg_1", "timestamp": SECONDS, "signature": signatures}
    return post(body, {prefix + name: value for name, value in headers.items()})


def standard_webhooks(secret: str, body: bytes) -> Request:
    return standard("webhook-", secret, body)


def svix(secret: str, body: bytes) -> Request:
    return standard("svix-", secret, body)


def standard_asymmetric(secret: str, body: bytes) -> Request:
    code = b64(telnyx_key(secret).sign(standard_content(body)).signature)
    return post(body, {"webhook-id": "msg_1", "webhook-timestamp": SECONDS, "webhook-signature": f"v1a,{code}"})


def whpk(secret: str) -> str:
    return "whpk_" + telnyx_public(secret)


def sweego(secret: str, body: bytes) -> Request:
    code = b64(mac(secret, standard_content(body)))
    return post(body, {"webhook-id": "msg_1", "webhook-timestamp": SECONDS, "x-sweego-signature": code})


def in_base64(secret: str) -> str:
    return b64(secret.encode())


def mailpace(secret: str, body: bytes) -> Request:
    return post(body, {"x-mailpace-signature": b64(telnyx_key(secret).sign(body).signature)})


def bearer(secret: str, body: bytes) -> Request:
    return post(body, {"authorization": f"Bearer {secret}"})


@cache
def curve_key(secret: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(secret.encode()).digest()) >> 1, ec.SECP256R1())


@cache
def rsa_key(secret: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def curve_public(secret: str) -> str:
    return public(curve_key(secret))


def rsa_public(secret: str) -> str:
    return public(rsa_key(secret))


def rsa_pem(secret: str) -> str:
    return f"-----BEGIN PUBLIC KEY-----\n{rsa_public(secret)}\n-----END PUBLIC KEY-----\n"


def public(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return b64(key.public_key().public_bytes(encoding, form))


def sendgrid(secret: str, body: bytes) -> Request:
    code = b64(curve_key(secret).sign(SECONDS.encode() + body, ec.ECDSA(hashes.SHA256())))
    prefix = "x-twilio-email-event-webhook"
    return post(body, {f"{prefix}-signature": code, f"{prefix}-timestamp": SECONDS})


def postal(secret: str, body: bytes) -> Request:
    better = rsa_key(secret).sign(body, padding.PKCS1v15(), hashes.SHA256())
    return post(body, {"x-postal-signature-256": b64(better), **postal_legacy(secret, body).headers})


def postal_legacy(secret: str, body: bytes) -> Request:
    return post(body, {"x-postal-signature": b64(rsa_key(secret).sign(body, padding.PKCS1v15(), hashes.SHA1()))})


def mandrill(secret: str, body: bytes) -> Request:
    """`body` is the events; another field comes first in the alphabet and last in the post."""
    events = body.decode("latin-1")
    encoded = b"mandrill_events=" + "".join(f"%{byte:02x}" for byte in body).encode() + b"&a=1"
    content = (URL + "a1mandrill_events").encode() + events.encode("latin-1")
    signature = b64(mac(secret, content, "sha1"))
    return post(encoded, {"x-mandrill-signature": signature}, FORM, URL)


def mailgun_fields(secret: str) -> dict[str, str]:
    token = hashlib.sha256(b"token").hexdigest()[:50]
    return {"timestamp": SECONDS, "token": token, "signature": mac(secret, (SECONDS + token).encode()).hex()}


def mailgun(secret: str, body: bytes) -> Request:
    return post(b'{"signature": %s, "event-data": %s}' % (json.dumps(mailgun_fields(secret)).encode(), body), {})


def mailgun_subaccount(secret: str, body: bytes) -> Request:
    fields = mailgun_fields(secret)
    fields = {**fields, "parent-signature": fields["signature"], "signature": "0" * 64}
    return post(b'{"signature": %s, "event-data": %s}' % (json.dumps(fields).encode(), body), {})


def mailgun_form(secret: str, body: bytes) -> Request:
    """A variable of the user is named as a field of Mailgun's."""
    fields = "&".join(f"{name}={value}" for name, value in mailgun_fields(secret).items())
    return post(b"token=mine&body=" + base64.b16encode(body) + b"&" + fields.encode(), {}, FORM)


def mailgun_multipart(secret: str, body: bytes) -> Request:
    parts = [("attachment-1", body.decode("latin-1")), ("filename", "a"), *mailgun_fields(secret).items()]
    sent = "".join(f'--b-1\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{v}\r\n' for name, v in parts)
    return post(sent.encode("latin-1") + b"--b-1--\r\n", {}, 'multipart/form-data; boundary="b-1"')


def unisender_go(secret: str, body: bytes) -> Request:
    """The field comes first; slashes are escaped."""
    after = b'","text":"STOP","url":"https:\\/\\/sayso.example"}'
    given = hashlib.md5(b'{"auth":"' + secret.encode() + after).hexdigest()
    return post(b'{"auth":"' + given.encode() + after, {})


A_DAY = timedelta(hours=24, minutes=5)
EIGHT_HOURS = timedelta(hours=8, minutes=5)

SENDERS: dict[str, Gateway] = {
    "amazon-ses": Gateway("amazon-ses", sns("2"), COMPLAINT, configured=TOPIC.__add__, lasts=HOUR),
    "mailersend": Gateway("mailersend", mailersend, COMPLAINT, "signature"),
    "mailtrap": Gateway("mailtrap", mailtrap, COMPLAINT, "mailtrap-signature"),
    "mailkite": Gateway("mailkite", mailkite, COMPLAINT, "x-mailkite-signature", lasts=MINUTES),
    "mailpace": Gateway("mailpace", mailpace, COMPLAINT, "x-mailpace-signature", configured=telnyx_public),
    "mailpace-inbound": Gateway("mailpace-inbound", basic, COMPLAINT, "authorization", covers_body=False),
    "mailgun": Gateway("mailgun", mailgun, COMPLAINT, lasts=EIGHT_HOURS, covers_body=False),
    "mailgun-subaccount": Gateway("mailgun", mailgun_subaccount, COMPLAINT, lasts=EIGHT_HOURS, covers_body=False),
    "mailgun-form": Gateway("mailgun", mailgun_form, COMPLAINT, lasts=EIGHT_HOURS, covers_body=False),
    "mailgun-multipart": Gateway("mailgun", mailgun_multipart, COMPLAINT, lasts=EIGHT_HOURS, covers_body=False),
    "mandrill": Gateway("mandrill", mandrill, b"[" + COMPLAINT + b"]", "x-mandrill-signature"),
    "postal": Gateway("postal", postal, COMPLAINT, "x-postal-signature-256", configured=rsa_public),
    "postal-legacy": Gateway("postal", postal_legacy, COMPLAINT, "x-postal-signature", configured=rsa_pem),
    "sendgrid": Gateway(
        "sendgrid",
        sendgrid,
        b"[" + COMPLAINT + b"]\r\n",
        "x-twilio-email-event-webhook-signature",
        configured=curve_public,
        lasts=A_DAY,
    ),
    "standard-webhooks": Gateway(
        "standard-webhooks", standard_webhooks, COMPLAINT, "webhook-signature", configured=whsec, lasts=MINUTES
    ),
    "standard-asymmetric": Gateway(
        "standard-webhooks", standard_asymmetric, COMPLAINT, "webhook-signature", configured=whpk, lasts=MINUTES
    ),
    "resend": Gateway("resend", svix, COMPLAINT, "svix-signature", configured=whsec, lasts=MINUTES),
    "svix": Gateway("svix", svix, COMPLAINT, "svix-signature", configured=whsec, lasts=MINUTES),
    "sweego": Gateway("sweego", sweego, COMPLAINT, "x-sweego-signature", configured=in_base64, lasts=MINUTES),
    "unisender-go": Gateway("unisender-go", unisender_go, COMPLAINT),
    "brevo": Gateway("brevo", bearer, COMPLAINT, "authorization", covers_body=False),
    "mailjet": Gateway("mailjet", basic, COMPLAINT, "authorization", covers_body=False),
    "postmark": Gateway("postmark", basic, COMPLAINT, "authorization", covers_body=False),
    "smtp2go": Gateway("smtp2go", basic, COMPLAINT, "authorization", covers_body=False),
    "sparkpost": Gateway("sparkpost", basic, COMPLAINT, "authorization", covers_body=False),
    "sparkpost-header": Gateway(
        "sparkpost", fixed_header, COMPLAINT, "x-gateway-key", options={"header": "X-Gateway-Key"}, covers_body=False
    ),
}
