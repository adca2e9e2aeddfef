"""Strict JSON in: bounded, no duplicate keys, no NaN, no NUL, no lone surrogates; then into a typed struct."""

import json
import re
from typing import IO, Any, NoReturn, TypeVar

import msgspec
from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from subscriptions.api.problems import Problem, bad_field

T = TypeVar("T")
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"^Object (?:missing required|contains unknown) field `([^`]*)`")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
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
    if b"\\u" in body:
        _refuse_unstorable(value)
    return value


def _refuse_unstorable(value: Any) -> None:
    """Escapes can spell what neither UTF-8 nor PostgreSQL can hold."""
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise bad_field("", "unstorable_text", "NUL and lone surrogates are not text")


def read_body(request: HttpRequest, into: type[T]) -> T:
    """Read a request's body into a struct. Raise `Problem` naming the member at fault."""
    value = load_json(request.body)
    try:
        return msgspec.convert(value, into)
    except msgspec.ValidationError as error:
        raise _field_problem(str(error)) from error


def _field_problem(message: str) -> Problem:
    found = _AT.match(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    pointer = path.removeprefix("$").replace("[", ".").replace("]", "").replace(".", "/")
    named = _FIELD.match(what)
    if named:
        code = "missing" if "missing" in what else "unknown_member"
        return bad_field(
            f"{pointer}/{named[1]}", code, "this member is required" if code == "missing" else "no such member"
        )
    code = "unknown_value" if what.startswith("Invalid enum") else "bad_value"
    return bad_field(pointer, code, what)


class StrictJsonParser(BaseParser):
    """The same for DRF's views."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return load_json(stream.read())
