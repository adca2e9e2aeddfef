"""`POST /v1/events` and `GET /v1/events/{id}`: systems tell what people said, and see what became of it."""

import hashlib
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import inbox
from consent.inbox import Accepted, Arrival, Envelope
from consent.models import ConsentEvent, Inbound
from consent.statement import NoticeSeen, PersonKnown, Rejected, Resolved, Statement, resolve
from subscriptions.api.auth import Caller
from subscriptions.api.contacts import ledger_line
from subscriptions.api.hot import hot, json_response
from subscriptions.api.parsing import read_body
from subscriptions.api.problems import Problem, bad_field
from subscriptions.api.serializers import EventStatusSerializer

_MAX_IDEMPOTENCY_CHARACTERS = 255


class EventRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person said, and how we know. `topic` is a slug, or `*` for every topic of the controller."""

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


@hot("POST", "consent:write")
def tell(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Keep what a person said. From this answer on an opt-out denies."""
    told = read_body(request, EventRequest)
    statement = Statement(**msgspec.structs.asdict(told))
    return accepted_response(accept_statement(request, caller, statement))


def accepted_response(accepted: Accepted) -> HttpResponse:
    """The 202 for what was accepted."""
    path = f"/v1/events/{accepted.id}"
    return json_response({"id": accepted.id, "status_url": path}, status=202, headers={"Location": path})


def accept_statement(request: HttpRequest, caller: Caller, statement: Statement) -> Accepted:
    """Check a statement and keep it. Raise `Problem` naming the member at fault."""
    try:
        resolved = resolve(statement, caller.controller_id, caller.snapshot, timezone.now())
    except Rejected as error:
        raise bad_field(error.pointer, error.code, error.detail) from error
    body = msgspec.json.encode(statement)
    accepted = inbox.accept(
        Arrival(
            controller_id=caller.controller_id,
            source="api",
            channel=statement.channel,
            actor=caller.name,
            envelope=Envelope(body=body),
            holds=holds_of(statement, resolved),
            same=_idempotency(request, caller),
        )
    )
    if accepted.again:
        _require_same(accepted, body)
    return accepted


def holds_of(statement: Statement, resolved: Resolved) -> list[Any]:
    """A no denies from now on; a yes, and the lifting of somebody's no, wait for the pipeline."""
    if statement.action in ("opt_in", "lift"):
        return []
    return [(key, resolved.scope) for key in resolved.contact.said]


def _idempotency(request: HttpRequest, caller: Caller) -> tuple[str, ...]:
    given = request.headers.get("Idempotency-Key", "")
    if len(given) > _MAX_IDEMPOTENCY_CHARACTERS:
        raise Problem(400, f"Idempotency-Key: at most {_MAX_IDEMPOTENCY_CHARACTERS} characters.")
    return (str(caller.controller_id), caller.name, given) if given else ()


def _require_same(accepted: Accepted, body: bytes) -> None:
    """The same key with another content would lose the second one: say so instead (as the IETF draft on the header has it)."""
    [digest] = Inbound.objects.filter(pk=accepted.id).values_list("digest", flat=True)
    if bytes(digest) != hashlib.sha256(body).digest():
        raise Problem(422, "This Idempotency-Key was used with another content. Nothing was stored.")


class EventStatus(APIView):
    """What became of an accepted event."""

    required_scope = "consent:write"

    @extend_schema(responses=EventStatusSerializer, summary="What became of an event")
    def get(self, request: Request, event_id: str) -> Response:
        inbound = Inbound.objects.filter(pk=event_id, controller_id=request.user.controller_id).first()
        if inbound is None:
            raise NotFound("There is no such event.")
        return Response(EventStatusSerializer(_status(request.user, inbound)).data)


def _status(caller: Caller, inbound: Inbound) -> dict[str, Any]:
    lines = ConsentEvent.objects.filter(inbound=inbound).order_by("seq")
    return {
        "id": inbound.pk,
        "status": inbound.state,
        "outcome": inbound.outcome or None,
        "received_at": inbound.received_at,
        "done_at": inbound.done_at,
        "events": [ledger_line(caller, line) for line in lines],
    }
