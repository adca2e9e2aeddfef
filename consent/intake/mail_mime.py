"""A message cut into its leaf parts, without recursion and without copies.

The parser of the standard library descends by recursion, tests every line against every open boundary and makes an
object of each blank line of a delivery report; a few kilobytes then cost gigabytes. Here a part is a range of the
bytes.
"""

import re
from collections.abc import Iterator
from email.message import Message
from typing import Final, NamedTuple

from consent.intake.mail_headers import (
    Block,
    decode_bytes,
    is_field_line,
    lenient_base64,
    raw_values,
    read_fields,
)
from consent.intake.mail_limits import (
    BOUNDARY_LENGTH,
    BOUNDARY_LINES,
    DEPTH,
    ENCODED_BYTES,
    HEAD_BYTES,
    PARTS,
    within,
)

BLANK_LINE: Final = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r")
NEXT_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)?")
QP_ESCAPE: Final = re.compile(rb"=([0-9A-Fa-f]{2})|=[ \t]*\r?\n")


class Range(NamedTuple):
    """A part's bytes, from its first header field to its end, and the types of the parts around it, outermost first."""

    start: int
    end: int
    around: tuple[str, ...]


class Leaf(NamedTuple):
    """A part that holds no other part that we enter. A message/rfc822 is a leaf too, given before what is in it."""

    content_type: str
    fields: Block
    around: tuple[str, ...]
    body: bytes

    @property
    def is_attachment(self) -> bool:
        return any(value.lower().startswith("attachment") for value in raw_values(self.fields, "content-disposition"))

    @property
    def data(self) -> bytes:
        """The body with its transfer encoding undone; at most `ENCODED_BYTES` of it are read."""
        encoding = next(iter(raw_values(self.fields, "content-transfer-encoding")), "").lower()
        body = self.body[:ENCODED_BYTES]
        if encoding == "base64":
            return lenient_base64(body)
        return unquote_printable(body) if encoding == "quoted-printable" else body

    @property
    def text(self) -> str:
        return decode_bytes(self.data, parameter(self.fields, "charset"))


def unquote_printable(body: bytes) -> bytes:
    return QP_ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode()) if escape[1] else b"", body)


def content_type(fields: Block, default: str = "text/plain") -> str:
    written = next(iter(raw_values(fields, "content-type")), "")
    kind = written.partition(";")[0].strip().lower()
    return kind if re.fullmatch(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}", kind) else default


def parameter(fields: Block, name: str) -> str:
    """Give a parameter of Content-Type, RFC 2231 forms included, or `""`."""
    only = Message()
    only["content-type"] = next(iter(raw_values(fields, "content-type")), "")[:4_000]
    try:
        found = only.get_param(name, "")
    except (ValueError, IndexError, LookupError):
        return ""
    text = found[2] if isinstance(found, tuple) else str(found)
    return text.strip()


def split_head(raw: bytes, start: int, end: int) -> tuple[Block, int]:
    """Read the header fields at `start` and give them with the place where the body begins."""
    first = NEXT_LINE.match(raw, start, end)
    line = first[0] if first else b""
    if not is_field_line(line):
        blank = first is not None and not line.strip() and line
        return read_fields(b""), (first.end() if blank and first else start)
    gap = BLANK_LINE.search(raw, start, min(end, start + HEAD_BYTES + 4))
    if gap:
        return read_fields(raw[start : gap.start()]), gap.end()
    body = _end_of_fields(raw, start, end)
    return read_fields(raw[start:body]), body


def _end_of_fields(raw: bytes, start: int, end: int) -> int:
    """Where no blank line follows, the body begins with the first line that is no field."""
    place = start
    while place < end:
        within(place - start, HEAD_BYTES, "header bytes")
        line = NEXT_LINE.match(raw, place, end)
        if line is None or not (is_field_line(line[0]) or line[0][:1] in b" \t"):
            return place
        place = line.end()
    within(place - start, HEAD_BYTES, "header bytes")
    return end


def leaves(raw: bytes, start: int = 0) -> Iterator[Leaf]:
    """Give the parts of a message in the order in which they stand. Raise `TooComplex` beyond the limits."""
    todo = [Range(start, len(raw), ())]
    parts = 0
    while todo:
        here = todo.pop()
        parts += 1
        within(parts, PARTS, "parts")
        within(len(here.around), DEPTH, "nesting of parts")
        fields, body = split_head(raw, here.start, here.end)
        default = "message/rfc822" if here.around and here.around[-1] == "multipart/digest" else "text/plain"
        kind = content_type(fields, default)
        inner = inner_ranges(raw, Range(body, here.end, (*here.around, kind)), fields)
        if not inner or kind.startswith("message/"):
            yield Leaf(kind, fields, here.around, raw[body : min(here.end, body + ENCODED_BYTES)])
        todo += reversed(inner)


def inner_ranges(raw: bytes, body: Range, fields: Block) -> list[Range]:
    """The parts in a body, `fields` being those that describe it."""
    kind = body.around[-1]
    if kind in {"message/rfc822", "message/global"}:
        return [body]
    if not kind.startswith("multipart/"):
        return []
    boundary = parameter(fields, "boundary").encode("utf-8", "surrogateescape")
    within(len(boundary), BOUNDARY_LENGTH, "boundary length")
    return _cut(raw, body, boundary) if boundary else []


def _cut(raw: bytes, body: Range, boundary: bytes) -> list[Range]:
    """Cut the body of a multipart at its boundary lines. A missing last boundary is forgiven."""
    cuts: list[Range] = []
    opened = -1
    for begin, after, closing in _boundary_lines(raw, body, boundary):
        if opened >= 0:
            cuts.append(Range(opened, max(begin, opened), body.around))
            within(len(cuts), PARTS, "parts")
        opened = after
        if closing:
            return cuts
    return [*cuts, Range(opened, body.end, body.around)] if opened >= 0 else cuts


def _boundary_lines(raw: bytes, body: Range, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Give, for each boundary line, the end of the part before it, the begin of the part after it, and whether it is
    the last.
    """
    mark = b"--" + boundary
    place, seen = raw.find(mark, body.start, body.end), 0
    while place >= 0:
        seen += 1
        within(seen, BOUNDARY_LINES, "boundary lines")
        line = NEXT_LINE.match(raw, place, body.end)
        after = line.end() if line else body.end
        rest = raw[place + len(mark) : after].strip()[:3]
        if rest in (b"", b"--") and raw[place - 1 : place] in (b"\n", b"\r", b""):
            yield _before_break(raw, place), after, rest == b"--"
        place = raw.find(mark, max(after, place + len(mark)), body.end)


def _before_break(raw: bytes, place: int) -> int:
    return place - 2 if raw[place - 2 : place] == b"\r\n" else place - 1
