"""Every way in which a gateway or mail provider proves its posts, and whether ours believes a request."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from consent.intake.contract import Forbidden, Malformed, Request
from consent.intake.mail_signatures.registry import SCHEMES
from consent.intake.registry import PROVIDERS
from tests.consent.mail_signatures.senders import SENDERS
from tests.consent.providers.gateways import FOREVER, GATEWAYS, NOW, Gateway
from tests.each import Test, each

SECRET, OTHER = "gateway:secret-0123456789-0123456789", "another:secret-0123456789-0123456789"

SIGNERS = {**GATEWAYS, **SENDERS}
EVERY = each("signer", SIGNERS.values())

MANGLED = {
    "empty": b"",
    "truncated": b'{"id": "m-1", "from": "1',
    "not an object": b"[[1, 2], 3]",
    "a number": b"7",
    "null": b"null",
    "wrong types": b'{"id": {}, "from": [], "to": 7, "text": true, "data": 1, "results": {}, "type": [], "body": {}}',
    "wrong types within": b'{"data": {"event_type": "message.received", "payload": []}, "results": [7]}',
    "a batch of nothing": b'[null, {"type": "message-received", "message": 7}]',
    "NUL": b'{"id": "\\u0000", "from": "\\u0000", "to": "\\u0000", "text": "\\u0000"}',
    "raw NUL": b'{"id": "\x00"}',
    "NUL in a form": b"From=%00&To=%00&MessageSid=%00&msisdn=%00&messageId=%00",
    "half a pair": b'{"id": "m", "from": "1", "to": "2", "text": "\\ud83d", "type": "mo_text", "body": "\\udc00"}',
    "invalid UTF-8": b'{"id": "\xff\xfe"}',
    "invalid UTF-8 in a form": b"From=%ff&To=%fe&MessageSid=%80&Body=%c3",
    "a name twice": b'{"id": "1", "id": "2", "from": "1", "to": "2", "text": "STOP"}',
    "a field twice": b"From=1&From=2&To=3&MessageSid=4&MessageUUID=5",
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "2 MB": b'{"text": "' + b"a" * 2_100_000 + b'"}',  # more than is ever read
    "2 MB of fields": b"a=b&" * 525_000,
    "large number": b'{"id": ' + b"9" * 5_000 + b"}",
    "not a number": b'{"id": NaN, "from": Infinity}',
    "byte order mark": b'\xef\xbb\xbf{"id": "m"}',
    "percent signs": b"From=%&To=%2&MessageSid=%zz&%=%",
}
CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded; charset=utf-8", "text/plain", "")


def those(**wanted: bool) -> Callable[[Test], Test]:
    """The signers of which it is so."""
    chosen = [
        signer
        for signer in SIGNERS.values()
        if all(bool(getattr(signer, attribute)) is value for attribute, value in wanted.items())
    ]
    return each("signer", chosen)


def verify(signer: Gateway, request: Request, *secrets: str, after: timedelta = FOREVER) -> None:
    prover = PROVIDERS.get(signer.provider) or SCHEMES[signer.provider]
    prover.verify(request, signer.account(*secrets), NOW + after)


def believed(signer: Gateway, request: Request, *secrets: str, after: timedelta = FOREVER) -> bool:
    try:
        verify(signer, request, *secrets, after=after)
    except (Forbidden, Malformed):
        return False
    return True


def with_content(request: Request, content: bytes) -> Request:
    """The request with other content: in its body or, of a GET, in its query."""
    if request.method != "GET":
        return msgspec.structs.replace(request, body=content)
    return msgspec.structs.replace(request, url=f"{request.url.partition('?')[0]}?{content.decode('latin-1')}")


def content_of(request: Request) -> bytes:
    return request.url.partition("?")[2].encode() if request.method == "GET" else request.body


def with_headers(request: Request, **headers: str) -> Request:
    return msgspec.structs.replace(request, headers={**request.headers, **headers})
