"""Strict JSON in: bounded, no duplicate keys, no NaN, no NUL, no lone surrogates; then into a typed struct."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import IO, Any, NoReturn, TypeVar

import msgspec
from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from subscriptions.api.problems import FieldError, Problem, bad_field

T = TypeVar("T")
MAX_DEPTH = 50
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"^Object (?:missing required|contains unknown) field `([^`]*)`")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise bad_field(f"/{twice}", "duplicate_key", "this member is given twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def load_json(body: bytes) -> Any:
    """Read a JSON body. Raise `Problem` (400 or 413)."""
    if len(body) > settings.SAYSO_MAX_BODY_BYTES:
        raise Problem(413, f"The body is larger than {settings.SAYSO_MAX_BODY_BYTES} bytes.")
    try:
        value = _decoder.decode(body.decode())
    except RecursionError as error:
        raise bad_field("", "too_deep", "the JSON is nested too deeply") from error
    except ValueError as error:
        raise bad_field("", "not_json", f"not JSON: {error}") from error
    # Fewer brackets than that cannot be nested deeper, and most bodies have few.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise bad_field("", "too_deep", f"the JSON is nested deeper than {MAX_DEPTH}")
    if b"\\u" in body and not _is_storable(json.dumps(value, ensure_ascii=False)):
        raise bad_field("", "unstorable_text", "NUL and lone surrogates are not text")
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def _inside(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _is_storable(written: str) -> bool:
    """Whether UTF-8 and PostgreSQL can hold what escapes spelled. `written` is JSON; an escaped backslash is none."""
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in written.replace("\\\\", "")


def read_body(request: HttpRequest, into: type[T]) -> T:
    """Read a request's body into a struct. Raise `Problem` naming the member at fault."""
    value = load_json(request.body)
    try:
        return msgspec.convert(value, into)
    except msgspec.ValidationError as error:
        raise _field_problem(str(error)) from error


def _field_problem(message: str) -> Problem:
    error = field_error(message)
    return bad_field(error["pointer"], error["code"], error["detail"])


def field_error(message: str, at: str = "") -> FieldError:
    """The member that a struct's decoder complains of, below the pointer `at`."""
    found = _AT.match(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    # Which entry of a list or mapping is at fault is not told: the pointer stops before it.
    inner = path.partition("[...]")[0].removeprefix("$").replace("[", ".").replace("]", "").replace(".", "/")
    named = _FIELD.match(what)
    if named:
        code = "missing" if "missing" in what else "unknown_member"
        detail = "this member is required" if code == "missing" else "no such member"
        return FieldError(f"{at}{inner}/{named[1]}", code, detail)
    return FieldError(f"{at}{inner}", "unknown_value" if what.startswith("Invalid enum") else "bad_value", what)


class StrictJsonParser(BaseParser):
    """The same for DRF's views."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return load_json(stream.read(settings.SAYSO_MAX_BODY_BYTES + 1))
