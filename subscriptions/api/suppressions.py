"""`/v1/suppressions`: systems tell of bounces, complaints, deaths, children, lists and pauses, and read the denials."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse

from consent.statement import StatedCause, Statement
from subscriptions.api.auth import Caller
from subscriptions.api.events import accept, accepted_response
from subscriptions.api.export import listed
from subscriptions.api.hot import by_method, hot
from subscriptions.api.parsing import read_body
from subscriptions.api.problems import bad_field


class SuppressionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A denial that is not the person's own word. `until` ends a pause."""

    channel: Literal["email", "sms", "post"]
    address: str | dict[str, str]
    reason: StatedCause
    topic: str = "*"
    occurred_at: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    evidence: dict[str, Any] | None = None


class LiftRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The end of such a denial, and why. What a person said is never lifted here; nor what only staff may lift."""

    channel: Literal["email", "sms", "post"]
    address: str | dict[str, str]
    reason: Literal["hard_bounce", "paused"]
    why: str
    topic: str = "*"


@hot("POST", "suppressions:write")
def suppress(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Keep a denial. From this answer on it denies."""
    told = msgspec.structs.asdict(read_body(request, SuppressionRequest))
    return accepted_response(accept(request, caller, Statement(action="suppress", cause=told.pop("reason"), **told)))


@hot("DELETE", "suppressions:write")
def lift(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Lift a bounce (with proof of delivery in `why`) or a pause."""
    told = read_body(request, LiftRequest)
    if not told.why.strip():
        raise bad_field("/why", "missing", "a reason is needed")
    statement = Statement(
        channel=told.channel, address=told.address, topic=told.topic, action="lift", cause=told.reason, reason=told.why
    )
    return accepted_response(accept(request, caller, statement))


suppressions = by_method("api_key:suppressions:write", GET=listed, POST=suppress, DELETE=lift)
