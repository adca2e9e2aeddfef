"""`/v1/mail-runs`: print jobs of post. A run is a check of many addresses, so its scope is that of checks."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.downloads import csv_download
from consent.models import MailRun
from consent.models.mail_run import RunState
from consent.runs.creating import Created, RunRequest, cancel_run, create_run, scrub_anew
from consent.runs.files import result_parts
from consent.runs.recalls import can_be_asked, is_recallable, recalls_csv, recalls_of
from subscriptions.api.auth import caller_of
from subscriptions.api.downloads import WhateverIsAsked
from subscriptions.api.events import idempotency
from subscriptions.api.mail_run_shapes import (
    MailRunRequestSerializer,
    MailRunSerializer,
    MailRunsSerializer,
    RecallsSerializer,
    run_as_json,
)
from subscriptions.api.paging import newest, number_in
from subscriptions.api.problems import Problem, bad_field
from subscriptions.api.uploads import refusals

RECALLS = 100
MOST_RECALLS = 1_000
_CURSOR = OpenApiParameter("cursor", str)
_WAITING = {
    RunState.PENDING: "It waits to be scrubbed.",
    RunState.SCRUBBING: "It is being scrubbed.",
    RunState.FAILED: "It could not be scrubbed: nothing of it may be printed.",
    RunState.CANCELLED: "It was cancelled.",
}


class MailRuns(APIView):
    """Make a run of a file, or list the runs, newest first."""

    required_scope = "check"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="v1_mail_runs_list",
        parameters=[_CURSOR],
        responses=MailRunsSerializer,
        summary="List the mail runs, newest first",
    )
    def get(self, request: Request) -> Response:
        runs, following = newest(request, MailRun.objects.filter(controller_id=caller_of(request).controller_id))
        return Response({"results": [run_as_json(run) for run in runs], "next": following})

    @extend_schema(
        request={"multipart/form-data": MailRunRequestSerializer},
        responses={202: MailRunSerializer},
        summary="Make a mail run: its file is scrubbed and stamped",
    )
    def post(self, request: Request) -> Response:
        run = _create(request, MailRunRequestSerializer.told(request)).run
        path = f"/v1/mail-runs/{run.pk}"
        return Response(run_as_json(run), status=202, headers={"Location": path})


def _create(request: Request, told: dict[str, Any]) -> Created:
    caller, file = caller_of(request), told.pop("file")
    told["drop_on"] = told.pop("drop_date")
    same = idempotency(request._request, caller)
    wanted = RunRequest(controller_id=caller.controller_id, created_by=caller.name, same=same, **told)
    with refusals():
        return create_run(wanted, file.file)


def _run(request: Request, run_id: UUID) -> MailRun:
    run = MailRun.objects.filter(pk=run_id, controller_id=caller_of(request).controller_id).first()
    if run is None:
        raise NotFound("There is no such mail run.")
    return run


def _scrubbed(request: Request, run_id: UUID) -> MailRun:
    run = _run(request, run_id)
    if run.emptied_at is not None:
        raise Problem(410, "Its file was removed: its last piece has long arrived, or it was cancelled.")
    if run.state != RunState.READY:
        raise Problem(409, _WAITING[RunState(run.state)])
    return run


class MailRunDetail(APIView):
    """One run."""

    required_scope = "check"

    @extend_schema(responses=MailRunSerializer, summary="Progress, counts and stamp of a mail run")
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002  (the path's own word)
        return Response(run_as_json(_run(request, id)))

    @extend_schema(responses={200: MailRunSerializer}, summary="Cancel a mail run before its drop date")
    def delete(self, request: Request, id: UUID) -> Response:  # noqa: A002
        run = _run(request, id)
        with refusals():
            cancel_run(run.pk)
        return Response(run_as_json(_run(request, id)))


class MailRunRescrub(APIView):
    """Scrub a run anew until its cut-off. The new result takes the place of the earlier one."""

    required_scope = "check"

    @extend_schema(request=None, responses={202: MailRunSerializer}, summary="Scrub a mail run anew, until its cut-off")
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        run = _run(request, id)
        with refusals():
            scrub_anew(run.pk)
        return Response(run_as_json(_run(request, id)), status=202)


class MailRunResult(APIView):
    """The file with `allowed`, `reason` and `checked_at` behind each row."""

    required_scope = "check"
    content_negotiation_class = WhateverIsAsked

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, summary="The rows of the file, with verdicts")
    def get(self, request: Request, id: UUID) -> HttpResponseBase:  # noqa: A002
        run = _scrubbed(request, id)
        name = f"mail-run-{run.pk}-result"
        return csv_download(result_parts(run.pk), name, size=run.result_bytes, digest=run.result_digest)


class MailRunRecalls(APIView):
    """The pieces that were allowed at the scrub and are denied now."""

    required_scope = "check"
    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        parameters=[
            OpenApiParameter("format", str, enum=["json", "csv"], description="csv: all of them at once."),
            OpenApiParameter("limit", int, description=f"1 to {MOST_RECALLS}; else {RECALLS}."),
            _CURSOR,
        ],
        responses={(200, "application/json"): RecallsSerializer, (200, "text/csv"): OpenApiTypes.BINARY},
        summary="The pieces to be pulled before the drop date",
    )
    def get(self, request: Request, id: UUID) -> HttpResponseBase:  # noqa: A002
        run = _scrubbed(request, id)
        if not can_be_asked(run):
            raise Problem(409, "Its topic is gone, or no longer carried by post: drop nothing of it.")
        wanted = request.query_params.get("format", "json")
        if wanted not in ("json", "csv"):
            raise bad_field("/format", "unknown_value", "json or csv")
        if wanted == "csv":
            return csv_download(recalls_csv(run), f"mail-run-{run.pk}-recalls")
        page = recalls_of(
            run, number_in(request, "cursor", 0, 0, 2**62), number_in(request, "limit", RECALLS, 1, MOST_RECALLS)
        )
        body = {
            "drop_date": run.drop_on,
            "recallable": is_recallable(run),
            "as_of": timezone.now(),
            "results": [one._asdict() for one in page.recalls],
            "next": None if page.after is None else str(page.after),
        }
        return Response(RecallsSerializer(body).data)
