"""Reading what gateways send: forms and JSON, within limits, field by field.

Nothing here trusts its input. What is too large, too deep, of another type or ambiguous raises `Malformed` with the
name of the field, and nothing else is ever raised.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import unquote_to_bytes, urlsplit

from consent.intake.contract import UNREADABLE, Malformed, Message, Request

MAX_BODY = 1_000_000  # bytes; the largest batch of any gateway stays far below
MAX_FIELDS = 1_000
MAX_DEPTH = 32
SENDERS = ("from", "originator", "msisdn", "phone_number", "number", "identity")  # what gateways call a sender
NUMBER = re.compile(r"\+?[0-9]{5,15}")
MAX_UNREAD = 4_000  # characters of an entry that a person is shown

Pairs = list[tuple[bytes, bytes]]


class Fields:
    """The named values of a form or a JSON object. A value of a form that was given several times is a list."""

    def __init__(self, values: Mapping[str, object], path: str = "") -> None:
        self.values = values
        self.path = path

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A string, or a number as its digits. Without a default it must be there and not be empty."""
        value = self.values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if value is None or (value == "" and default is None):
            return self.missing(name) if default is None else default
        if not isinstance(value, str):
            self.refuse(name, "given several times" if isinstance(value, list) else "not a text")
        return clean(value)

    def number(self, name: str) -> int:
        """A small whole number, 0 where there is none that can be read."""
        digits = self.text(name, "")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else 0

    def time(self, name: str) -> datetime | None:
        """A moment. An unreadable one is none: an opt-out is not refused for the sake of its date."""
        value = self.values.get(name)
        return moment(value) if isinstance(value, str) else None

    def child(self, name: str) -> "Fields":
        value = self.values.get(name)
        return Fields(value, f"{self.path}{name}.") if isinstance(value, dict) else self.refuse(name, "not an object")

    def children(self, name: str) -> list["Fields"]:
        return objects(self.items(name), f"{self.path}{name}")

    def items(self, name: str) -> list[object]:
        value = self.values.get(name)
        return value if isinstance(value, list) else self.refuse(name, "not a list")

    def each(self, name: str, read: "Callable[[Fields], list[Message]]") -> list[Message]:
        """`each` over the list of that name."""
        return each(self.items(name), f"{self.path}{name}", read)

    def missing(self, name: str) -> NoReturn:
        self.refuse(name, "missing")

    def refuse(self, name: str, detail: str) -> NoReturn:
        raise Malformed(f"{self.path}{name}", detail)


def objects(values: Sequence[object], path: str) -> list[Fields]:
    if len(values) > MAX_FIELDS:
        raise Malformed(path, f"more than {MAX_FIELDS} entries")
    return [entry_at(value, f"{path}[{place}]") for place, value in enumerate(values)]


def entry_at(value: object, path: str) -> Fields:
    if not isinstance(value, dict):
        raise Malformed(path, "not an object")
    return Fields(value, f"{path}.")


def clean(text: str) -> str:
    """Drop NUL, which no text column takes, and make half a surrogate pair a replacement character."""
    if text.isascii() and "\0" not in text:  # nearly all of them
        return text
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def moment(text: str) -> datetime | None:
    """An ISO 8601 time in UTC; gateways that name no zone mean UTC. None if it cannot be read."""
    try:
        at = datetime.fromisoformat(text[:40])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_form(request: Request) -> bool:
    return media_type(request) == "application/x-www-form-urlencoded"


def limit(body: bytes, most: int = MAX_BODY) -> bytes:
    if len(body) > most:
        raise Malformed("body", f"larger than {most} bytes")
    return body


def query(request: Request) -> bytes:
    return urlsplit(request.url).query.encode("utf-8", "replace")


def pairs(encoded: bytes, most: int = MAX_BODY) -> Pairs:
    """Decode `application/x-www-form-urlencoded`, in its order, with repetitions and empty values, as bytes."""
    if limit(encoded, most).count(b"&") >= MAX_FIELDS:
        raise Malformed("body", f"more than {MAX_FIELDS} fields")
    if b"%26" not in encoded and b"%3D" not in encoded and b"%3d" not in encoded:
        # Nothing becomes a delimiter by being decoded: nearly every post, decoded whole.
        whole = unquote_to_bytes(encoded.replace(b"+", b" "))
        parts = [part.partition(b"=") for part in whole.split(b"&") if part]
        return [(name, value) for name, _, value in parts]
    return [decode_pair(part) for part in encoded.split(b"&") if part]


def decode_pair(part: bytes) -> tuple[bytes, bytes]:
    name, _, value = part.partition(b"=")
    if b"%" in part or b"+" in part:  # few fields are
        return unquote_to_bytes(name.replace(b"+", b" ")), unquote_to_bytes(value.replace(b"+", b" "))
    return name, value


def body_pairs(request: Request, most: int = MAX_BODY) -> Pairs:
    """The pairs of a form post, decoded once: what was proved is what is read."""
    kept: Pairs | None = request.__dict__.get("pairs")
    if kept is None:
        kept = request.__dict__["pairs"] = pairs(request.body, most)
    return kept


def form(decoded: Pairs) -> Fields:
    """Decode names and values as UTF-8. A name with several different values holds them all; it is not read as one."""
    values: dict[str, object] = {}
    for encoded_name, encoded_value in decoded:
        name, value = encoded_name.decode("utf-8", "replace"), encoded_value.decode("utf-8", "replace")
        known = values.setdefault(name, value)
        if known != value:
            values[name] = with_another(known, value)
    return Fields(values)


def with_another(known: object, value: str) -> list[object]:
    several = known if isinstance(known, list) else [known]
    return several if value in several else [*several, value]


def json_value(body: bytes) -> object:
    """Decode strict JSON (RFC 8259, UTF-8): a name given twice, NaN and too deep nesting are refused."""
    try:
        value: object = json.loads(
            limit(body).decode("utf-8-sig"), object_pairs_hook=unique, parse_constant=refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("body", f"not JSON: {str(error)[:80]}") from error
    if too_deep(value):
        raise Malformed("body", f"nested deeper than {MAX_DEPTH}")
    return value


def json_object(body: bytes) -> Fields:
    value = json_value(body)
    if not isinstance(value, dict):
        raise Malformed("body", "not an object")
    return Fields(value)


def each(values: Sequence[object], path: str, read: Callable[[Fields], list[Message]]) -> list[Message]:
    """Read the entries of a batch. One that cannot be read spoils no other: it is kept as it came, for a person.

    Raise `Malformed` where none can be read.
    """
    found: list[Message] = []
    unread: list[tuple[object, Malformed]] = []
    if len(values) > MAX_FIELDS:
        raise Malformed(path, f"more than {MAX_FIELDS} entries")
    for place, value in enumerate(values):
        try:
            found += read(entry_at(value, f"{path}[{place}]"))
        except Malformed as error:
            unread.append((value, error))
    if unread and not found:
        raise unread[0][1]
    return found + [unreadable(value, error) for value, error in unread]


def unreadable(value: object, error: Malformed) -> Message:
    """The entry as it came. The number in it that may be the person's is its sender, so that it is held meanwhile."""
    text = clean(json.dumps(value, ensure_ascii=False)[:MAX_UNREAD])
    name = hashlib.sha256(text.encode()).hexdigest()[:32]
    number = number_in(value)
    return Message("unknown", number, "", text, f"{UNREADABLE}:{name}", event=f"{UNREADABLE}: {error.field}")


def number_in(value: object) -> str:
    level = [value]
    while level:
        for fields in level:
            if isinstance(fields, dict):
                found = (fields.get(name) for name in SENDERS)
                if number := next((one for one in found if isinstance(one, str) and NUMBER.fullmatch(one[:20])), ""):
                    return number
        level = [inner for outer in level for inner in inside(outer)]
    return ""


def unique(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a name is given twice")
    return found


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in inside(outer)]
    return bool(level)


def inside(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def fields(request: Request) -> Fields:
    """The fields of a request: those of the query if it is a GET or has no body, else of a form or a JSON object."""
    if request.method == "GET" or not request.body:
        return form(pairs(query(request)))
    return form(body_pairs(request)) if is_form(request) else json_object(request.body)
