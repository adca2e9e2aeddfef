"""`/v1/scrubs`: files of addresses. A scrub is a check of many addresses, so its scope is that of checks."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import status
from consent.downloads import csv_download
from consent.models import Scrub
from consent.models.scrub import ScrubState
from consent.scrubs.creating import Created, ScrubRequest, cancel_scrub, create_scrub
from consent.scrubs.rechecking import recheck
from consent.scrubs.results import result_parts
from subscriptions.api.auth import caller_of
from subscriptions.api.downloads import WhateverIsAsked
from subscriptions.api.events import idempotency
from subscriptions.api.paging import newest, number_in
from subscriptions.api.problems import Problem
from subscriptions.api.scrub_shapes import (
    RecheckSerializer,
    ScrubRequestSerializer,
    ScrubSerializer,
    ScrubsSerializer,
    scrub_as_json,
)
from subscriptions.api.uploads import refusals

CHANGES = 1_000
MOST_CHANGES = 10_000
_CURSOR = OpenApiParameter("cursor", str)
_WAITING = {
    ScrubState.PENDING: "It waits to be scrubbed.",
    ScrubState.SCRUBBING: "It is being scrubbed.",
    ScrubState.FAILED: "It could not be scrubbed: nothing of it may be sent.",
    ScrubState.CANCELLED: "It was cancelled.",
}


class Scrubs(APIView):
    """Scrub a file, or list the scrubs, newest first."""

    required_scope = "check"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="v1_scrubs_list",
        parameters=[_CURSOR],
        responses=ScrubsSerializer,
        summary="List the scrubs, newest first",
    )
    def get(self, request: Request) -> Response:
        scrubs, following = newest(request, Scrub.objects.filter(controller_id=caller_of(request).controller_id))
        return Response({"results": [scrub_as_json(scrub) for scrub in scrubs], "next": following})

    @extend_schema(
        request={"multipart/form-data": ScrubRequestSerializer},
        responses={202: ScrubSerializer},
        summary="Scrub a file: may we send to each of its rows?",
    )
    def post(self, request: Request) -> Response:
        scrub = _create(request, ScrubRequestSerializer.told(request)).scrub
        return Response(scrub_as_json(scrub), status=202, headers={"Location": f"/v1/scrubs/{scrub.pk}"})


def _create(request: Request, told: dict[str, Any]) -> Created:
    caller, file = caller_of(request), told.pop("file")
    same = idempotency(request._request, caller)
    wanted = ScrubRequest(
        controller_id=caller.controller_id, created_by=caller.name, same=same, file_name=file.name or "", **told
    )
    with refusals():
        return create_scrub(wanted, file.file)


def _scrub(request: Request, scrub_id: UUID) -> Scrub:
    scrub = Scrub.objects.filter(pk=scrub_id, controller_id=caller_of(request).controller_id).first()
    if scrub is None:
        raise NotFound("There is no such scrub.")
    return scrub


def _ready(request: Request, scrub_id: UUID) -> Scrub:
    scrub = _scrub(request, scrub_id)
    if scrub.emptied_at is not None:
        raise Problem(410, "Its file was removed: it expired, or was cancelled.")
    if scrub.state != ScrubState.READY:
        raise Problem(409, _WAITING[ScrubState(scrub.state)])
    return scrub


class ScrubDetail(APIView):
    """One scrub."""

    required_scope = "check"

    @extend_schema(responses=ScrubSerializer, summary="Progress, counts and receipt of a scrub")
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002  (the path's own word)
        return Response(scrub_as_json(_scrub(request, id)))

    @extend_schema(responses={200: ScrubSerializer}, summary="Cancel a scrub that is not done")
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        with refusals():
            cancel_scrub(_scrub(request, id))
        return Response(scrub_as_json(_scrub(request, id)))


class ScrubResult(APIView):
    """The file with `allowed`, `reason` and `checked_at` in each row."""

    required_scope = "check"
    content_negotiation_class = WhateverIsAsked

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, summary="The rows of the file, with verdicts")
    def get(self, request: Request, id: UUID) -> HttpResponseBase:  # noqa: A002
        scrub = _ready(request, id)
        name = f"scrub-{scrub.pk}"
        return csv_download(result_parts(scrub), name, size=scrub.result_bytes, digest=scrub.result_digest)


class ScrubRecheck(APIView):
    """The rows whose verdict changed since: to be asked just before the send."""

    required_scope = "check"

    @extend_schema(
        request=None,
        parameters=[
            OpenApiParameter("limit", int, description=f"1 to {MOST_CHANGES:,}; else {CHANGES:,}."),
            _CURSOR,
        ],
        responses=RecheckSerializer,
        summary="What changed since the scrub",
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        scrub = _ready(request, id)
        limit = number_in(request, "limit", CHANGES, 1, MOST_CHANGES)
        try:
            found = recheck(scrub, number_in(request, "cursor", 0, 0, 2**62), limit)
        except status.Unknown as error:
            raise Problem(409, "Its topic or sender is gone, or no longer on this channel: send nothing.") from error
        body = {
            "position": found.position,
            "counts": {"now_denied": found.now_denied, "now_allowed": found.now_allowed},
            "changed": [change._asdict() for change in found.changes],
            "next": None if found.after is None else str(found.after),
        }
        return Response(RecheckSerializer(body).data)
