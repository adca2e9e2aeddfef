"""A notification of Amazon SNS as its adapter sees it: the certificate beside it, for it is Amazon's to give out."""

import base64
import json
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from consent.intake.contract import Account, Request

_TOPIC = "arn:aws:sns:us-east-1:123456789012:two-way-sms"
_CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"


def notification(now: datetime) -> tuple[Request, Account]:
    """A signed STOP, and the account that it is for."""
    key = rsa.generate_private_key(65537, 2048)
    inner = {
        "originationNumber": "+14158675309",
        "destinationNumber": "+15550100001",
        "messageBody": "STOP",
        "inboundMessageId": "m-1",
    }
    signed = {
        "Message": json.dumps(inner),
        "MessageId": "5b1a0f2e-0000-5000-8000-000000000001",
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "TopicArn": _TOPIC,
        "Type": "Notification",
    }
    content = "".join(f"{name}\n{value}\n" for name, value in signed.items()).encode()
    signature = base64.b64encode(key.sign(content, padding.PKCS1v15(), hashes.SHA256())).decode()
    envelope = {**signed, "SignatureVersion": "2", "Signature": signature, "SigningCertURL": _CERTIFICATE}
    request = Request("POST", "https://sayso.example/in", {}, json.dumps(envelope).encode())
    return request, Account("sns", "acme", [_TOPIC], {}, {_CERTIFICATE: _certificate(key, now)})


def _certificate(key: rsa.RSAPrivateKey, now: datetime) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.public_key(key.public_key()).sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM)
