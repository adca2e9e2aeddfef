"""`POST /v1/events` and `GET /v1/events/{id}`: systems tell what people said, and see what became of it."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.inbox import Accepted
from consent.models import ConsentEvent, Hold, Inbound
from consent.normalise.keys import Key
from consent.stated import accept_statement, statement_in
from consent.statement import NoticeSeen, PersonKnown, Rejected, Statement
from subscriptions.api.auth import Caller, caller_of
from subscriptions.api.contacts import ledger_lines, still_due
from subscriptions.api.hot import hot, json_response
from subscriptions.api.parsing import read_body
from subscriptions.api.problems import Problem, bad_field
from subscriptions.api.serializers import EventStatusSerializer

_MAX_IDEMPOTENCY_CHARACTERS = 255


class EventRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person said, and how we know. `topic` is a slug, or `*` for every topic of the controller.

    With `confirm` an opt-in by e-mail is only asked for: it counts once the address has confirmed it by our mail.
    """

    channel: Literal["email", "sms", "post"]
    address: str | dict[str, str]
    action: Literal["opt_in", "opt_out"]
    topic: str
    occurred_at: datetime | None = None
    basis: Literal["opt_in", "confirmed_opt_in", "opt_out"] | None = None
    notice: NoticeSeen | None = None
    source: str | None = None
    evidence: dict[str, Any] | None = None
    person: PersonKnown | None = None
    confirm: bool = False


@hot("POST", "consent:write")
def tell(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Keep what a person said. From this answer on an opt-out denies."""
    told = read_body(request, EventRequest)
    statement = Statement(**msgspec.structs.asdict(told))
    return accepted_response(accept(request, caller, statement))


def accepted_response(accepted: Accepted) -> HttpResponse:
    """The 202 for what was accepted."""
    path = f"/v1/events/{accepted.id}"
    return json_response({"id": accepted.id, "status_url": path}, status=202, headers={"Location": path})


def accept(request: HttpRequest, caller: Caller, statement: Statement) -> Accepted:
    """Check a statement and keep it. Raise `Problem` naming the member at fault."""
    same = idempotency(request, caller)
    try:
        accepted = accept_statement(
            statement, caller.controller_id, source="api", actor=caller.name, same=same, snapshot=caller.snapshot
        )
    except Rejected as error:
        raise bad_field(error.pointer, error.code, error.detail) from error
    if accepted.again:
        _require_same(accepted, statement)
    return accepted


def idempotency(request: HttpRequest, caller: Caller) -> tuple[str, ...]:
    """The parts that make a repeated request the same one, if it has an `Idempotency-Key`. Raise `Problem`."""
    given = request.headers.get("Idempotency-Key", "")
    if len(given) > _MAX_IDEMPOTENCY_CHARACTERS:
        raise Problem(400, f"Idempotency-Key: at most {_MAX_IDEMPOTENCY_CHARACTERS} characters.")
    return (str(caller.controller_id), caller.name, given) if given else ()


def _require_same(accepted: Accepted, statement: Statement) -> None:
    """The same key with another content would lose the second one: say so instead (IETF draft on the header)."""
    [sealed] = Inbound.objects.filter(pk=accepted.id).values_list("sealed_raw", flat=True)
    if sealed is None or statement_in(sealed) != statement:
        raise Problem(422, "This Idempotency-Key was used with another content. Nothing was stored.")


class EventStatus(APIView):
    """What became of an accepted event."""

    required_scope = "consent:write"

    @extend_schema(responses=EventStatusSerializer, summary="What became of an event")
    def get(self, request: Request, event_id: str) -> Response:
        caller = caller_of(request)
        inbound = Inbound.objects.filter(pk=event_id, controller_id=caller.controller_id).first()
        if inbound is None:
            raise NotFound("There is no such event.")
        return Response(EventStatusSerializer(_status(caller, inbound)).data)


def _status(caller: Caller, inbound: Inbound) -> dict[str, Any]:
    lines = list(ConsentEvent.objects.filter(inbound=inbound).order_by("seq"))
    held = [] if lines else Hold.objects.filter(inbound=inbound).values_list("key", flat=True)
    keys = [Key(key) for key in (*(line.key for line in lines), *held)]
    return {
        "id": inbound.pk,
        "status": inbound.state,
        "outcome": inbound.outcome or None,
        "authenticity": inbound.authenticity or None,
        "received_at": inbound.received_at,
        "done_at": inbound.done_at,
        "events": ledger_lines(caller, lines),
        "may_still_arrive": still_due(caller, inbound.channel, keys),
    }
