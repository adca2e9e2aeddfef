"""AWS End User Messaging: two-way SMS through an Amazon SNS topic.

A notification (https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html) holds JSON within
JSON:

    {"Type": "Notification", "MessageId": "5b1a…", "TopicArn": "arn:aws:sns:us-east-1:123456789012:two-way-sms",
     "Message": "{\\"originationNumber\\":\\"+14255550182\\",\\"destinationNumber\\":\\"+12125550101\\",
       \\"messageKeyword\\":\\"JOIN\\",\\"messageBody\\":\\"EXAMPLE\\",\\"inboundMessageId\\":\\"cae1…\\",
       \\"previousPublishedMessageId\\":\\"wJal…\\"}",
     "Timestamp": "2026-01-31T08:00:00.000Z", "SignatureVersion": "2", "Signature": "…", "SigningCertURL": "https://sns.…"}

Delivery events of a configuration set
(https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-types.html) may go to the same topic,
as they are or within an event of EventBridge (`detail`): `eventType messageId destinationPhoneNumber
originationPhoneNumber messageStatus messageStatusDescription`.

Authentication (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html): RSA over
`Key\\nValue\\n` of fixed fields, by a certificate that must come from an SNS host. Everybody with an AWS account has
such signatures, so what makes a message ours is its topic: the account's secrets are the ARNs of our topics.

The certificate is asked for by `Needed`. A `SubscriptionConfirmation` becomes a Message of kind `unknown` with the
address to fetch in `confirm_url`. SNS resends for up to an hour, so a message may be that old.
"""

import re
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from consent.intake.contract import POSTS, Account, Answer, Forbidden, Malformed, Message, Needed, Request
from consent.intake.providers import proof, wire

METHODS = POSTS
# messageStatusDescription, as in https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html (SMS failures)
OPTED_OUT = {"phone number is opted out"}
OPTED_OUT_STATUSES = {"OPTED_OUT"}  # messageStatus

HOST = r"https://sns\.[a-zA-Z0-9-]{3,63}\.amazonaws\.com(?:\.cn)?"
CERTIFICATE_URL = re.compile(HOST + r"/[A-Za-z0-9._-]{1,200}\.pem")
CONFIRM_URL = re.compile(HOST + r"/\?Action=ConfirmSubscription&[A-Za-z0-9%&=:._~-]{1,2000}")
MAX_URL = 2_200

CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED_FIELDS = {  # by Type, in the order in which they are signed
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": CONFIRMATION,
    "UnsubscribeConfirmation": CONFIRMATION,
}
OPTIONAL = {"Subject"}
DIGESTS: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - theirs to choose
RESENT_FOR = timedelta(hours=1) + proof.WINDOW


def verify(request: Request, account: Account, now: datetime) -> None:
    envelope = envelope_of(request)
    proof.require(envelope.get("TopicArn", ""), [topic.decode() for topic in proof.secrets_of(account)])
    content, digest = signed_content(envelope), DIGESTS.get(envelope.get("SignatureVersion", ""))
    signature = proof.from_base64(envelope.get("Signature", ""))
    if digest is None or not signature:
        raise Forbidden("no signature of a known version")
    # Before the certificate is asked for: an old post must not make anybody fetch.
    proof.require_fresh(wire.moment(envelope["Timestamp"]) or datetime.min.replace(tzinfo=UTC), now, past=RESENT_FOR)
    key = certificate_key(envelope.get("SigningCertURL", ""), account, now)
    try:
        key.verify(signature, content, PKCS1v15(), digest)
    except InvalidSignature as error:
        raise Forbidden("the signature does not match") from error


def envelope_of(request: Request) -> dict[str, str]:
    """The plain fields. What cannot be read proves nothing."""
    try:
        values = wire.json_object(request.body).values
    except Malformed as error:
        raise Forbidden("no SNS message") from error
    return {name: value for name, value in values.items() if isinstance(value, str)}


def signed_content(envelope: dict[str, str]) -> bytes:
    names = SIGNED_FIELDS.get(envelope.get("Type", ""), ())
    if not names or any(name not in envelope and name not in OPTIONAL for name in names):
        raise Forbidden("a signed field is missing")
    lines = (f"{name}\n{envelope[name]}\n" for name in names if name in envelope)
    return "".join(lines).encode("utf-8", "surrogatepass")


def certificate_key(url: str, account: Account, now: datetime) -> RSAPublicKey:
    if not CERTIFICATE_URL.fullmatch(url[:MAX_URL]):
        raise Forbidden("the certificate is not at an SNS host")
    if url not in account.documents:
        raise Needed(url)
    try:
        certificate = x509.load_pem_x509_certificate(account.documents[url])
        key = certificate.public_key()
    except ValueError as error:
        raise Forbidden("the certificate cannot be read") from error
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc or not isinstance(
        key, RSAPublicKey
    ):
        raise Forbidden("the certificate does not hold now")
    return key


def parse(request: Request, account: Account) -> list[Message]:
    fields = wire.json_object(request.body)
    if fields.text("Type") != "Notification":
        return [subscription(fields)]
    try:
        inner = wire.json_object(fields.text("Message").encode())
    except Malformed:
        return [unknown(fields)]
    if "originationNumber" in inner:
        return [message(fields, inner)]
    event = inner.child("detail") if isinstance(inner.values.get("detail"), dict) else inner
    return [report(fields, event) if "destinationPhoneNumber" in event else unknown(fields)]


def subscription(fields: wire.Fields) -> Message:
    event, url = fields.text("Type"), fields.text("SubscribeURL", "")
    if event == "SubscriptionConfirmation" and not CONFIRM_URL.fullmatch(url[:MAX_URL]):
        fields.refuse("SubscribeURL", "not at an SNS host")
    confirm_url = url if event == "SubscriptionConfirmation" else ""
    return Message("unknown", "", "", "", fields.text("MessageId"), event=event, confirm_url=confirm_url)


def message(fields: wire.Fields, inner: wire.Fields) -> Message:
    return Message(
        kind="message",
        sender=inner.text("originationNumber"),
        recipient=inner.text("destinationNumber"),
        text=inner.text("messageBody", ""),
        external_id=inner.text("inboundMessageId", "") or fields.text("MessageId"),
        occurred_at=fields.time("Timestamp"),
        reply_to_us="previousPublishedMessageId" in inner,
    )


def report(fields: wire.Fields, event: wire.Fields) -> Message:
    kind, status = event.text("eventType", ""), event.text("messageStatus", "")
    described = event.text("messageStatusDescription", "").strip().rstrip(".").lower()
    return Message(
        kind="report",
        sender=event.text("destinationPhoneNumber"),
        recipient=event.text("originationPhoneNumber", ""),
        text="",
        external_id=f"{event.text('messageId', '') or fields.text('MessageId')}:{kind}",
        occurred_at=fields.time("Timestamp"),
        verdict="opt_out" if described in OPTED_OUT or status in OPTED_OUT_STATUSES else None,
        event=f"{kind} {status}".strip(),
    )


def unknown(fields: wire.Fields) -> Message:
    return Message("unknown", "", "", "", fields.text("MessageId"), fields.time("Timestamp"), event="Notification")


def answer() -> Answer:
    return Answer()
