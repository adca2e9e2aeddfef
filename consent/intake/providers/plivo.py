"""Plivo messaging.

Incoming text (https://www.plivo.com/docs/messaging/xml/request), a form post:

    From=14158675309&To=15550100001&Type=sms&Text=STOP&MessageUUID=e8e7…&TotalRate=0&Units=1

Delivery report: `MessageUUID Status ErrorCode From To`; ErrorCode 200 says that the person has opted out.

Authentication (https://www.plivo.com/docs/messaging/concepts/signature-validation), all base64 HMAC under the auth
token; the first that is there decides, and the account option `signature` (as `v3`) narrows what is accepted:

    v3  SHA-256 of the URL with its query sorted, the form sorted, and a nonce; several signatures, comma-separated;
        of a JSON object its members, sorted, as Plivo's libraries join them
    v2  SHA-256 of the URL without its query, and a nonce: the body is NOT signed
    v1  SHA-1 of the URL and the form sorted (retired by Plivo)

The nonce carries no time: a replay is known by its MessageUUID. `-ma-` headers are signed by the main account.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from consent.intake.contract import POSTS, Account, Answer, Forbidden, Malformed, Message, Request
from consent.intake.providers import proof, wire

METHODS = POSTS
OPTED_OUT = {"200"}  # ErrorCode


def verify(request: Request, account: Account, now: datetime) -> None:
    accepted = [name.strip() for name in account.options.get("signature", "v3,v2,v1").split(",")]
    for name, scheme in SCHEMES.items():
        if name in accepted and (given := signatures(request, name)):
            content, digest = scheme(request)
            expected = [proof.hmac_base64(key, content, digest) for key in proof.secrets_of(account)]
            require_one(given, expected)
            return
    raise Forbidden("no accepted Plivo signature")


def require_one(given: list[str], expected: list[str]) -> None:
    if not any([proof.same(one, other) for one in given for other in expected]):  # noqa: C419 - compare them all
        raise Forbidden("the signature does not match")


def signatures(request: Request, version: str) -> list[str]:
    suffix = {"v1": ("",), "v2": ("-v2", "-ma-v2"), "v3": ("-v3", "-ma-v3")}[version]
    found = ",".join(request.headers.get(f"x-plivo-signature{part}", "") for part in suffix)
    return [part.strip() for part in found.split(",") if part.strip()][:20]


def signed_v3(request: Request) -> tuple[bytes, proof.Digest]:
    query = b"&".join(b"%s=%s" % pair for pair in sorted(wire.pairs(wire.query(request))))
    form = b"" if request.method == "GET" else joined(request, json_too=True)
    content = bare_url(request)
    if query or form:
        content += b"?" + query
    if query and form:
        content += b"."
    return b"%s%s.%s" % (content, form, nonce(request, "v3")), hashlib.sha256


def signed_v2(request: Request) -> tuple[bytes, proof.Digest]:
    return bare_url(request) + nonce(request, "v2"), hashlib.sha256


def signed_v1(request: Request) -> tuple[bytes, proof.Digest]:
    return request.url.encode() + joined(request), hashlib.sha1


SCHEMES: dict[str, Callable[[Request], tuple[bytes, proof.Digest]]] = {
    "v3": signed_v3,
    "v2": signed_v2,
    "v1": signed_v1,
}


def nonce(request: Request, version: str) -> bytes:
    return proof.header(request, f"x-plivo-signature-{version}-nonce").encode("utf-8", "replace")


def bare_url(request: Request) -> bytes:
    parts = urlsplit(request.url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")).encode()


def joined(request: Request, json_too: bool = False) -> bytes:
    """The fields of the form, sorted by name and value. A body that is no form has none, and none may come with it."""
    if request.body and not wire.is_form(request):
        if json_too:
            return joined_json(request.body)
        raise Forbidden("the body is no form, so it is not signed")
    return b"".join(name + value for name, value in sorted(wire.body_pairs(request)))


def joined_json(body: bytes) -> bytes:
    try:
        return "".join(joined_members(wire.json_object(body).values)).encode("utf-8", "surrogatepass")
    except Malformed as error:
        raise Forbidden("the body is neither form nor object, so it is not signed") from error


def joined_members(members: Mapping[str, object]) -> Iterator[str]:
    """Names and values, sorted by name; a list is its name with each value, sorted; an object is its name and members.

    What Plivo's libraries cannot join is signed by none.
    """
    for name, value in sorted(members.items()):
        if isinstance(value, dict):
            yield name + "".join(joined_members(value))
        elif isinstance(value, list):
            yield from (name + text for text in sorted(plain(item) for item in value))
        else:
            yield name + plain(value)


def plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    raise Forbidden("a value that nobody can have signed")


def parse(request: Request, account: Account) -> list[Message]:
    fields = wire.fields(request)
    if "MessageUUID" not in fields or "From" not in fields:
        return [Message("unknown", "", "", "", fields.text("MessageUUID", ""), event=fields.text("Event", ""))]
    return [report(fields) if "Status" in fields else message(fields)]


def message(fields: wire.Fields) -> Message:
    return Message(
        kind="message",
        sender=fields.text("From"),
        recipient=fields.text("To"),
        text=fields.text("Text", ""),
        external_id=fields.text("MessageUUID"),
    )


def report(fields: wire.Fields) -> Message:
    status, code = fields.text("Status"), fields.text("ErrorCode", "")
    return Message(
        kind="report",
        sender=fields.text("To"),
        recipient=fields.text("From"),
        text="",
        external_id=f"{fields.text('MessageUUID')}:{status}",
        verdict="opt_out" if code in OPTED_OUT else None,
        event=f"{status} {code}".strip(),
    )


def answer() -> Answer:
    return Answer("text/xml", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')
