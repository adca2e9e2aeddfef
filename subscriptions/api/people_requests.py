"""`/v1/people/{external_id}/requests`: what a person asks about their data, as the controller's systems tell it."""

from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.inbox import Accepted, open_envelope
from consent.models import Inbound, RightsRequest
from consent.models.rights import Identity, Right
from consent.moves.people import Address, find_person
from consent.rights.claim import SYSTEM, Claim, accept_claim, claim_in
from consent.rights.deadlines import due_at
from consent.rights.of_person import address_for, request_of, requests_of, subject_for, waiting
from consent.whose import Subject
from subscriptions.api.auth import Caller
from subscriptions.api.events import idempotency
from subscriptions.api.hot import by_method, hot, json_response
from subscriptions.api.paging import uuid_in
from subscriptions.api.parsing import read_body
from subscriptions.api.people import nobody
from subscriptions.api.problems import Problem, bad_field

MAX_EVIDENCE_CHARACTERS = 2_000
PAGE_ROWS = 100
_AHEAD = timedelta(minutes=5)  # of the caller's clock


class DataRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person asks about their data. From the answer on marketing to them is denied (`objection`, `erasure`), or
    sharing with others (`sharing`). With `verified` the caller says that it knows who asks, and in `evidence` how: then
    every present address of the person is meant. Otherwise one is, and nothing is handed out or erased before staff
    have checked who asks. `language` is that of our letters about it."""

    kind: Literal["access", "objection", "sharing", "erasure"]
    verified: bool = False
    evidence: str = ""
    received_at: datetime | None = None
    language: str = ""


@hot("POST", "people:write")
def ask(request: HttpRequest, caller: Caller, external_id: str) -> HttpResponse:
    """Keep a request."""
    given = read_body(request, DataRequest)
    _require_good(given)
    person = find_person(caller.controller_id, external_id)
    if person is None:
        raise nobody()
    found = address_for(person)
    if found is None:
        raise Problem(409, "No address of this person is known, so there is nothing that a request could be about.")
    claim, same = _claim(given, found), idempotency(request, caller)
    same = (*same, "requests", external_id) if same else ()
    accepted = accept_claim(claim, caller.controller_id, caller.snapshot, source=SYSTEM, actor=caller.name, same=same)
    if accepted.again:
        _require_same(accepted, claim)
    path = f"/v1/people/{quote(external_id, safe='')}/requests/{accepted.id}"
    return json_response({"id": accepted.id, "status_url": path}, status=202, headers={"Location": path})


def _claim(given: DataRequest, about: Address) -> Claim:
    return Claim(
        kind=Right(given.kind),
        channel=about.channel,  # type: ignore[arg-type]
        key=about.key.hex(),
        proof=Identity.STAFF if given.verified else Identity.NONE,
        language=given.language,
        how="api",
        note=given.evidence,
        received_at=given.received_at,
    )


def _require_good(given: DataRequest) -> None:
    if len(given.evidence) > MAX_EVIDENCE_CHARACTERS:
        raise bad_field("/evidence", "too_long", f"at most {MAX_EVIDENCE_CHARACTERS} characters")
    if given.verified and not given.evidence.strip():
        raise bad_field("/evidence", "missing", "say how it is known who asks")
    if given.language and given.language not in dict(settings.LANGUAGES):
        raise bad_field("/language", "unknown_value", f"one of {', '.join(dict(settings.LANGUAGES))}")
    if given.received_at and given.received_at.tzinfo is None:
        raise bad_field("/received_at", "bad_value", "a time with its offset from UTC")
    if given.received_at and given.received_at > timezone.now() + _AHEAD:
        raise bad_field("/received_at", "bad_value", "this has not happened yet")


def _require_same(accepted: Accepted, claim: Claim) -> None:
    """The same Idempotency-Key with another content would lose the second request."""
    [sealed] = Inbound.objects.filter(pk=accepted.id).values_list("sealed_raw", flat=True)
    kept = claim_in(open_envelope(sealed).body) if sealed else None
    if kept is None or msgspec.structs.replace(kept, nonce="") != claim:
        raise Problem(422, "This Idempotency-Key was used with another content. Nothing was stored.")


@hot("GET", "people:read")
def listed(request: HttpRequest, caller: Caller, external_id: str) -> HttpResponse:
    """What was asked of the person, however it came, the newest first."""
    subject, cursor = _subject(caller, external_id), request.GET.get("cursor", "")
    rows = requests_of(subject, uuid_in(cursor) if cursor else None, PAGE_ROWS + 1) if subject else []
    following = rows[PAGE_ROWS - 1].pk if len(rows) > PAGE_ROWS else None
    return json_response({"results": [_row(one) for one in rows[:PAGE_ROWS]], "next": following})


@hot("GET", "people:read")
def request_about(request: HttpRequest, caller: Caller, external_id: str, id: UUID) -> HttpResponse:  # noqa: A002
    """One request, and how it stands with it."""
    subject = _subject(caller, external_id)
    row = request_of(subject, id) if subject else None
    if row is not None:
        return json_response(_row(row))
    kept = waiting(subject, id) if subject else None
    if kept is None:
        raise Problem(404, "There is no such request.")
    return json_response(_received(*kept))


def _subject(caller: Caller, external_id: str) -> Subject | None:
    person = find_person(caller.controller_id, external_id)
    if person is None:
        raise nobody()
    return subject_for(person)


def _row(one: RightsRequest) -> dict[str, Any]:
    return {
        "id": one.inbound_id,
        "kind": one.kind,
        "state": one.state,
        "verified": one.proof != Identity.NONE,
        "source": one.inbound.source.partition(":")[0],
        "received_at": one.received_at,
        "due_at": one.due_at,
        "decided_at": one.decided_at,
        "reason": one.reason or None,
    }


def _received(inbound: Inbound, claim: Claim) -> dict[str, Any]:
    """What is kept, and not worked off yet."""
    received_at = claim.received_at or inbound.received_at
    return {
        "id": inbound.pk,
        "kind": claim.kind,
        "state": "received",
        "verified": claim.proof != Identity.NONE,
        "source": inbound.source.partition(":")[0],
        "received_at": received_at,
        "due_at": due_at(received_at),
        "decided_at": None,
        "reason": None,
    }


requests_about = by_method("api_key:people:read", GET=listed, POST=ask)
