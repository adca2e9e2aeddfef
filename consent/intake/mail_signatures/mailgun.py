"""Mailgun, webhooks and inbound routes: hex HMAC-SHA256(signing key, timestamp + token), all three inside the body.

    {"signature": {"timestamp": "1770920772", "token": "e0b5…", "signature": "12d9…"}, "event-data": {…}}

Webhooks are JSON; older ones, and routes, are forms (`multipart/form-data` if mail has attachments) with the three
among their fields. A variable of the user of the same name comes before them: the last one counts. An event of a
subaccount has `parent-signature` too, with the main account's key
(https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).

*The body is not covered*: whoever has seen a post can change the rest of it until it is too old. Whoever takes events
in must take a token once.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.providers import proof, wire

REPEATED_FOR = timedelta(hours=8, minutes=5)  # a post that was not answered 200; whether signed anew is not documented
SIGNATURES = ("signature", "parent-signature")
MAX_PARTS = 1_000
MAX_HEAD = 1_000  # bytes of a part's headers that are looked at
MAX_VALUE = 200  # bytes of a field; the three are far shorter
BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,70})')
NAME = re.compile(rb'(?i)content-disposition:[^\r\n]{0,100}?[; ]name="?(timestamp|token|signature)"?[;\r]')


def verify(request: Request, account: Account, now: datetime) -> None:
    fields = fields_of(request)
    timestamp, token = (needed(fields, name) for name in ("timestamp", "token"))
    content = f"{timestamp}{token}".encode("utf-8", "replace")
    expected = [proof.hmac_hex(key, content) for key in proof.secrets_of(account)]
    if not any([proof.is_one_of(proof.claim(fields, name), expected) for name in SIGNATURES]):  # noqa: C419
        raise Forbidden("the signature does not match")
    proof.require_fresh(proof.moment(timestamp), now, past=REPEATED_FOR)


def made_at(request: Request) -> datetime:
    return proof.moment(needed(fields_of(request), "timestamp"))


def needed(fields: wire.Fields, name: str) -> str:
    value = proof.claim(fields, name)
    if not value:
        raise Forbidden(f"no {name}")
    return value


def fields_of(request: Request) -> wire.Fields:
    """Those that sign. What cannot be read proves nothing."""
    kind = wire.media_type(request)
    if kind == "multipart/form-data":
        return last_of(parts(request))
    if kind == "application/x-www-form-urlencoded":
        return last_of(pairs(request.body))
    try:
        return wire.json_object(request.body).child("signature")
    except Malformed as error:
        raise Forbidden("no signature in the body") from error


def last_of(fields: Iterator[tuple[bytes, bytes]]) -> wire.Fields:
    return wire.Fields({name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in fields})


def pairs(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The short fields of a form; a mail's text may be longer than any other form that we read."""
    return (wire.decode_pair(part) for part in body.rsplit(b"&", MAX_PARTS) if part and len(part) <= MAX_VALUE)


def parts(request: Request) -> Iterator[tuple[bytes, bytes]]:
    """The fields of `multipart/form-data` (RFC 7578) that sign; the others, mail and attachments, are passed over."""
    found = BOUNDARY.search(request.headers.get("content-type", "")[:MAX_HEAD])
    if not found:
        raise Forbidden("no boundary")
    delimiter = b"\r\n--" + found[1].encode("utf-8", "replace")
    for part in (b"\r\n" + request.body).split(delimiter, MAX_PARTS)[1:]:
        end = part.find(b"\r\n\r\n", 0, MAX_HEAD)
        name = NAME.search(part[: end + 2]) if end >= 0 else None
        if name and len(part) - end <= MAX_VALUE:
            yield name[1], part[end + 4 :]
