"""`POST /v1/moves`: changes of address, as registers and other systems list them."""

from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.inbox import Accepted
from consent.moves.move import Move, Who, day_of
from consent.moves.told import Told, accept_moves, same_row, told
from consent.statement import Rejected
from subscriptions.api.auth import Caller
from subscriptions.api.events import idempotency
from subscriptions.api.hot import hot, json_response
from subscriptions.api.parsing import field_error, read_body
from subscriptions.api.problems import FieldError, bad_field

MAX_MOVES = 1_000
Address = str | dict[str, str]


class MoveRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"old": "from", "new": "to"}):
    """A change of address. Without `to` somebody left the address, and no other is known. `type`: who moved, a person,
    a family with the whole household, or a business. `temporary`: both addresses are theirs."""

    old: Address
    new: Address | None = None
    channel: Literal["email", "sms", "post"] = "post"
    name: str = ""
    moved_on: str | None = None
    type: Who = "individual"
    temporary: bool = False
    external_id: str = ""


_ROW = {"$ref": "#/components/schemas/MoveRow"}


class MovesRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of address. Whatever was refused at an old address is refused at the new one too, and stays refused at
    the old one; nothing is ever allowed by them. A row told again adds nothing, with or without an `Idempotency-Key`.
    A row that cannot be read is answered `invalid` and keeps no other one from being taken."""

    moves: Annotated[list[Any], msgspec.Meta(extra_json_schema={"items": _ROW, "maxItems": MAX_MOVES})]


@hot("POST", "people:write")
def moves(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Keep changes of address. From this answer on each new address denies what its old one refused."""
    idempotency(request, caller)
    rows = read_body(request, MovesRequest).moves
    if len(rows) > MAX_MOVES:
        raise bad_field("/moves", "too_many", f"at most {MAX_MOVES} moves", status=413)
    read = [_read(place, row, caller) for place, row in enumerate(rows)]
    good = [one for one in read if isinstance(one, Told)]
    kept = iter(accept_moves(good, caller.controller_id, by="api", actor=caller.name) if good else [])
    results = [_refused(one) if isinstance(one, FieldError) else accepted_row(next(kept)) for one in read]
    counts = {"accepted": len(good), "invalid": len(rows) - len(good)}
    return json_response({"counts": counts, "results": results}, status=202)


def _read(place: int, row: Any, caller: Caller) -> Told | FieldError:
    pointer = f"/moves/{place}"
    try:
        given = msgspec.convert(row, MoveRow)
    except msgspec.ValidationError as error:
        return field_error(str(error), pointer)
    try:
        move = Move(
            channel=given.channel,
            old=given.old,
            new=given.new,
            moved_on=day_of(given.moved_on),
            who=given.type,
            temporary=given.temporary,
            external_id=given.external_id,
            name=given.name,
        )
        one = told(move, caller.controller_id, timezone.now())
    except Rejected as error:
        return FieldError(pointer + error.pointer, error.code, error.detail)
    return one._replace(same=same_row(one.move, one.read))


def _refused(error: FieldError) -> dict[str, Any]:
    return {"status": "invalid", "pointer": error["pointer"], "reason": error["code"], "detail": error["detail"]}


def accepted_row(accepted: Accepted) -> dict[str, Any]:
    """A change that is kept, as the API answers it."""
    return {"status": "accepted", "id": accepted.id, "status_url": f"/v1/events/{accepted.id}"}
