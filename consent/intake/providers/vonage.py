"""Vonage (Nexmo) SMS API; `vonage_messages` is its Messages API.

Incoming text (https://developer.vonage.com/messaging/sms/guides/inbound-sms), the same fields as GET, form post or
JSON. A long text arrives part by part, each with its own messageId:

    {"msisdn": "447700900001", "to": "447700900000", "messageId": "0A00000123456789", "text": "STOP", "type": "text",
     "keyword": "STOP", "message-timestamp": "2026-01-31 08:00:00", "timestamp": "1769846400", "nonce": "…", "sig": "…",
     "concat": "true", "concat-ref": "1", "concat-total": "3", "concat-part": "2"}

Delivery receipt (https://developer.vonage.com/en/opt-out-assist/guides/messaging-opted-out-numbers): `msisdn` is
still the person, `to` our sender, and err-code 9 says that the person has opted out.

Authentication: `sig` over the other fields, sorted, as `&name=value` with & and = in values as _, by the algorithms
that the account option `algorithm` names. `timestamp` is when Vonage *began* to push, and Vonage pushes for 24
hours: that is how old it may be. What comes with a token instead is the Messages API's.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from consent.intake.contract import GETS_TOO, Account, Answer, Forbidden, Malformed, Message, Request
from consent.intake.providers import proof, udh, vonage_messages, wire

METHODS = GETS_TOO
OPTED_OUT = {"9"}  # err-code of a receipt
DEFAULT_ALGORITHMS = "sha256,sha512"
RESENT_FOR = timedelta(hours=24) + proof.WINDOW


def keyed(digest: proof.Digest) -> Callable[[bytes, bytes], str]:
    return lambda key, content: hmac.new(key, content, digest).hexdigest()


SIGNERS: dict[str, Callable[[bytes, bytes], str]] = {
    "sha512": keyed(hashlib.sha512),
    "sha256": keyed(hashlib.sha256),
    "sha1": keyed(hashlib.sha1),
    "md5": keyed(hashlib.md5),
    "md5hash": lambda key, content: hashlib.md5(content + key).hexdigest(),  # noqa: S324 - theirs to choose
}


def verify(request: Request, account: Account, now: datetime) -> None:
    if "authorization" in request.headers:
        vonage_messages.verify(request, account, now)
    else:
        verify_fields(request, account, now)


def verify_fields(request: Request, account: Account, now: datetime) -> None:
    fields = signed_fields(request)
    given = fields.pop(b"sig", b"").decode("ascii", "replace").lower()
    if not given:
        raise Forbidden("no sig")
    content = b"".join(b"&%s=%s" % (name, safe(value)) for name, value in sorted(fields.items()))
    signers = [SIGNERS[name] for name in algorithms(account)]
    proof.require(given, [sign(key, content) for key in proof.secrets_of(account) for sign in signers])
    proof.require_fresh(proof.moment(fields.get(b"timestamp", b"").decode("ascii", "replace")), now, past=RESENT_FOR)


def algorithms(account: Account) -> list[str]:
    names = account.options.get("algorithm", DEFAULT_ALGORITHMS).split(",")
    return [name.strip() for name in names if name.strip() in SIGNERS]


def safe(value: bytes) -> bytes:
    return value.replace(b"&", b"_").replace(b"=", b"_")


def signed_fields(request: Request) -> dict[bytes, bytes]:
    """All fields as bytes. One that is given twice, or is no plain value, cannot have been signed."""
    pairs = signed_pairs(request)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Forbidden("a field is given twice")
    return fields


def signed_pairs(request: Request) -> wire.Pairs:
    if request.method == "GET":
        return wire.pairs(wire.query(request))
    return wire.pairs(request.body) if wire.is_form(request) else json_pairs(request.body)


def json_pairs(body: bytes) -> wire.Pairs:
    try:
        values = wire.json_object(body).values
    except Malformed as error:
        raise Forbidden("the body carries no signature") from error
    if not all(isinstance(value, str | int) for value in values.values()):
        raise Forbidden("a field is not a plain value")
    return [(name.encode("utf-8", "replace"), str(value).encode("utf-8", "replace")) for name, value in values.items()]


def parse(request: Request, account: Account) -> list[Message]:
    if "authorization" in request.headers:
        return vonage_messages.parse(request, account)
    fields = wire.fields(request)
    if "messageId" in fields and "msisdn" in fields:
        return [receipt(fields) if "status" in fields else text_message(fields)]
    return [Message("unknown", fields.text("msisdn", ""), fields.text("to", ""), "", fields.text("messageId", ""))]


def text_message(fields: wire.Fields) -> Message:
    binary = fields.text("type", "") == "binary"
    whole = udh.concatenation(fields.text("udh", "")) if binary else concatenation(fields)
    return Message(
        kind="message",
        sender=fields.text("msisdn"),
        recipient=fields.text("to"),
        text=wire.clean(udh.text_of(udh.from_hex(fields.text("data", "")))) if binary else fields.text("text", ""),
        external_id=fields.text("messageId"),
        occurred_at=fields.time("message-timestamp"),
        part=whole.part,
        parts=whole.parts,
        reference=whole.reference,
    )


def concatenation(fields: wire.Fields) -> udh.Concatenation:
    if fields.text("concat", "").lower() != "true":
        return udh.Concatenation()
    return udh.Concatenation(
        part=fields.number("concat-part"), parts=fields.number("concat-total"), reference=fields.text("concat-ref", "")
    )


def receipt(fields: wire.Fields) -> Message:
    status, code = fields.text("status"), fields.text("err-code", "")
    return Message(
        kind="report",
        sender=fields.text("msisdn"),
        recipient=fields.text("to", ""),
        text="",
        external_id=f"{fields.text('messageId')}:{status}",
        occurred_at=fields.time("message-timestamp"),
        verdict="opt_out" if code in OPTED_OUT else None,
        event=f"{status} {code}".strip(),
    )


def answer() -> Answer:
    return Answer()
