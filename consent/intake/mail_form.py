"""The fields of a posted form (RFC 7578), each to the byte: what they are in is for whoever knows the form."""

import re
from typing import Final

from consent.intake.contract import Malformed, Request
from consent.intake.mail_headers import raw_values, read_fields
from consent.intake.mail_limits import TooComplex
from consent.intake.mail_mime import Range, inner_ranges, split_head

_NAME: Final = re.compile(r"\bname=(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))")


def fields_of_form(request: Request) -> dict[str, bytes]:
    """The first value of each field; files too. Raise `Malformed` for what is no such form."""
    try:
        found = _fields(request.body, request.headers.get("content-type", ""))
    except TooComplex as error:
        raise Malformed("body", str(error)) from error
    if not found:
        raise Malformed("body", "not a form of parts")
    return found


def _fields(body: bytes, content_type: str) -> dict[str, bytes]:
    head = read_fields(f"Content-Type: {' '.join(content_type.split())}".encode("utf-8", "replace"))
    found: dict[str, bytes] = {}
    for part in inner_ranges(body, Range(0, len(body), ("multipart/form-data",)), head):
        fields, start = split_head(body, part.start, part.end)
        name = _NAME.search(next(iter(raw_values(fields, "content-disposition")), "")[:1_000])
        if name:
            found.setdefault(name[1] or name[2], body[start : part.end])
    return found
