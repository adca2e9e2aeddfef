"""`GET /v1/suppressions/changes`, and the ids of addresses: how a sender keeps a copy that answers by itself."""

import time
from typing import Any, Literal

import msgspec
import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import changes
from consent.addresses import keys_of_hash, keys_of_many
from consent.changes import Lost, Page
from consent.pseudonyms import ids_of
from subscriptions.api import denials
from subscriptions.api.auth import Caller
from subscriptions.api.hot import hot, json_response
from subscriptions.api.lasting import place_to_wait
from subscriptions.api.parsing import read_body
from subscriptions.api.problems import Problem, bad_field
from subscriptions.api.query import CHANNELS, choice, number, require_known, text

PAGE, MOST = 1_000, 10_000
MOST_SECONDS = 30
_LOOK_SECONDS = 0.1
_MAX_ADDRESSES = 10_000


class _Asked(msgspec.Struct, frozen=True):
    """What a client has already, and how much more it wants."""

    cursor: str
    channel: str
    limit: int
    rules: int
    held: str
    hashes: bool


@hot("GET", "suppressions:read")
def feed(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What changed since a cursor. With `wait` it answers when something does, or after so many seconds."""
    require_known(request, "cursor", "channel", "limit", "wait", "rules", "held", "with")
    asked = _Asked(
        text(request, "cursor", changes.START),
        choice(request, "channel", CHANNELS),
        number(request, "limit", PAGE, 1, MOST),
        number(request, "rules", 0, 0, 2**53),
        text(request, "held"),
        choice(request, "with", ("sha256",)) == "sha256",
    )
    seconds = number(request, "wait", 0, 0, MOST_SECONDS)
    signs = changes.signs() if seconds else ()
    answer, is_known = _answer(caller, asked)
    if seconds and is_known and _was_worth_waiting(signs, seconds):
        answer, _ = _answer(caller, asked)
    return json_response(answer)


def _answer(caller: Caller, asked: _Asked) -> tuple[dict[str, Any], bool]:
    """The answer, and whether it says nothing that the client does not know."""
    as_of = timezone.now()
    held = changes.held(caller.controller_id)  # before the changes: what is settled between is then among these
    page = _page(caller, asked)
    writer = denials.Writer(caller.controller_id, caller.snapshot, hashes=asked.hashes)
    results = orjson.Fragment(b"[" + b",".join(writer.written(page.changes)) + b"]")
    answer = {"results": results, "next": page.next, "more": not page.is_end}
    if page.is_end:
        answer["as_of"] = as_of
        answer["held"] = denials.held(held, caller.controller_id, asked.held)
        answer["rules"] = denials.rules(caller.snapshot, caller.controller_id, asked.rules)
    return answer, page.is_end and not page.changes and _is_known(asked, answer)


def _page(caller: Caller, asked: _Asked) -> Page:
    try:
        return changes.since(asked.cursor, caller.controller_id, asked.channel, asked.limit)
    except Lost as error:
        raise Problem(410, "This cursor leads nowhere here: take a new export, and go on from its position.") from error


def _is_known(asked: _Asked, answer: dict[str, Any]) -> bool:
    return bool(answer["held"]["version"] == asked.held and answer["rules"]["version"] == asked.rules)


def _was_worth_waiting(signs: Any, seconds: int) -> bool:
    """Look for something new ten times a second, if there is a place to wait. Tell whether it came."""
    deadline = time.monotonic() + seconds
    with place_to_wait() as may_wait:
        while may_wait and time.monotonic() < deadline:
            if changes.signs() != signs:
                return True
            time.sleep(_LOOK_SECONDS)
    return False


class IdsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose ids are wanted: addresses, or hex SHA-256 of their normal forms. Post has none: one address is found there
    in many spellings, which only the check knows."""

    channel: Literal["email", "sms"]
    addresses: list[Any] | None = None
    hashes: list[Any] | None = None


@hot("POST", "suppressions:read")
def ids(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The ids by which export and feed name addresses, in order; null for what cannot be read. Nothing is looked up."""
    asked = read_body(request, IdsRequest)
    given = asked.addresses if asked.addresses is not None else asked.hashes
    if given is None or (asked.addresses is not None and asked.hashes is not None):
        raise bad_field("/addresses", "missing", "give either addresses or hashes")
    if len(given) > _MAX_ADDRESSES:
        raise bad_field("/addresses", "too_many", f"at most {_MAX_ADDRESSES} at once", status=413)
    by_hash = asked.addresses is None
    keys = [keys_of_hash(asked.channel, one) for one in given] if by_hash else keys_of_many(asked.channel, given)
    named = iter(ids_of(caller.controller_id, [key for group in keys for key in group]))
    return json_response({"ids": [next(named) if group else None for group in keys]})
