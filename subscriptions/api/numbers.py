"""`POST /v1/numbers/disconnected`: numbers that were permanently disconnected, as registers list them."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse

from consent.inbox import Accepted
from consent.lists.disconnected import Disconnection, accept_disconnected, disconnection
from consent.normalise.errors import InvalidAddress
from subscriptions.api.auth import Caller
from subscriptions.api.events import idempotency
from subscriptions.api.hot import hot, json_response
from subscriptions.api.parsing import read_body
from subscriptions.api.problems import FieldError, bad_field

MAX_NUMBERS = 10_000
_MEMBERS = ("number", "disconnected_on")
_ENTRY = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "description": "With its country code, such as +14155550123."},
        "disconnected_on": {"type": "string", "format": "date"},
    },
    "required": list(_MEMBERS),
    "additionalProperties": False,
}


class DisconnectedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers and the days on which they were disconnected. What was allowed until such a day's end (UTC) was allowed
    by a former holder, and ends; what was refused stays refused. A number and day told again add nothing, with or
    without an `Idempotency-Key`. An entry that cannot be read is answered `invalid` and keeps no other one from
    being taken."""

    numbers: Annotated[list[Any], msgspec.Meta(extra_json_schema={"items": _ENTRY, "maxItems": MAX_NUMBERS})]


@hot("POST", "suppressions:write")
def disconnected(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Keep disconnections. From this answer on no permission from before lets anything through."""
    idempotency(request, caller)
    told = read_body(request, DisconnectedRequest).numbers
    if len(told) > MAX_NUMBERS:
        raise bad_field("/numbers", "too_many", f"at most {MAX_NUMBERS} numbers", status=413)
    read = [_read(place, entry) for place, entry in enumerate(told)]
    good = [one for one in read if isinstance(one, Disconnection)]
    kept = iter(accept_disconnected(good, caller.controller_id, by="api", actor=caller.name) if good else [])
    results = [
        _refused(entry, one) if isinstance(one, FieldError) else _accepted(entry, next(kept))
        for entry, one in zip(told, read, strict=True)
    ]
    counts = {"accepted": len(good), "invalid": len(told) - len(good)}
    return json_response({"counts": counts, "results": results}, status=202)


def _read(place: int, entry: Any) -> Disconnection | FieldError:
    pointer = f"/numbers/{place}"
    if not isinstance(entry, dict):
        return FieldError(pointer, "bad_value", "an object of number and disconnected_on")
    for name in (*_MEMBERS, *entry):
        if name not in _MEMBERS:
            written = name[:40].replace("~", "~0").replace("/", "~1")
            return FieldError(f"{pointer}/{written}", "unknown_member", "no such member")
        if not isinstance(entry.get(name), str):
            return FieldError(f"{pointer}/{name}", "missing", "this member is required, and a text")
    try:
        return disconnection(entry["number"], _day(entry["disconnected_on"]))
    except InvalidAddress as error:
        return FieldError(f"{pointer}/number", error.code, error.detail)
    except ValueError as error:
        return FieldError(f"{pointer}/disconnected_on", "bad_value", str(error))


def _day(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = date.max
    if day.isoformat() != written or day == date.max:
        raise ValueError("a day such as 2026-01-31")
    if day > datetime.now(UTC).date():
        raise ValueError("this has not happened yet")
    return day


def _refused(entry: Any, error: FieldError) -> dict[str, Any]:
    number = entry.get("number") if isinstance(entry, dict) else None
    given = number if isinstance(number, str) else None
    problem = {"pointer": error["pointer"], "reason": error["code"], "detail": error["detail"]}
    return {"number": given, "status": "invalid", **problem}


def _accepted(entry: dict[str, str], accepted: Accepted) -> dict[str, Any]:
    path = f"/v1/events/{accepted.id}"
    return {"number": entry["number"], "status": "accepted", "id": accepted.id, "status_url": path}
