"""`POST /v1/imports` and `GET /v1/imports/{id}`: outside lists, taken in version by version."""

import json
from collections.abc import Mapping
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.models import BadRow, ListVersion, OutsideList
from consent.models.vocabulary import VersionState
from consent.outside.making import BadList, find_list, make_list
from consent.outside.receiving import Given, OtherContent, Refused, receive
from subscriptions.api.auth import Caller, caller_of
from subscriptions.api.events import idempotency
from subscriptions.api.problems import Problem, bad_field

PAGE = 200
_MAX_MAPPING_CHARACTERS = 10_000


class ImportRequest(serializers.Serializer[dict[str, Any]]):
    """A file, and which list's next version it is. A list that is not there yet is made of a `kind`."""

    file = serializers.FileField(help_text="CSV, TSV or plain lines in any encoding, perhaps gzip; hashed or not.")
    list = serializers.CharField(max_length=50, help_text="The list's slug.")
    kind = serializers.CharField(required=False, max_length=20, help_text="Of a new list: mps, dmachoice, deceased …")
    name = serializers.CharField(required=False, max_length=200, help_text="Of a new list.")
    channel = serializers.ChoiceField(required=False, choices=["email", "sms", "post"], help_text="Of a new list.")
    topic = serializers.CharField(required=False, max_length=50, help_text="Of a new list; all topics without.")
    region = serializers.CharField(required=False, max_length=2, help_text="Of a new list: country of its addresses.")
    as_of = serializers.DateField(required=False, help_text="The list's own date; today without.")
    mapping = serializers.CharField(
        required=False,
        max_length=_MAX_MAPPING_CHARACTERS,
        help_text='JSON object: columns by what they hold, such as {"email": "Email address"}. '
        "Found by their names without.",
    )
    partial = serializers.BooleanField(  # type: ignore[assignment]  # a serializer has a flag of that name
        required=False, default=False, help_text="It adds; what it does not name stays. A whole list replaces."
    )


class BadRowSerializer(serializers.Serializer[dict[str, Any]]):
    line = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class BadRowsSerializer(serializers.Serializer[dict[str, Any]]):
    results = BadRowSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class ImportCountsSerializer(serializers.Serializer[dict[str, Any]]):
    rows = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Rows that count by now: each denies from its commit on.")
    added = serializers.IntegerField()
    kept = serializers.IntegerField()
    repeated = serializers.IntegerField()
    bad = serializers.IntegerField()
    to_drop = serializers.IntegerField(help_text="Entries that a whole list no longer names.")
    dropped = serializers.IntegerField()


class ImportSerializer(serializers.Serializer[dict[str, Any]]):
    id = serializers.UUIDField()
    list = serializers.CharField()
    version = serializers.IntegerField()
    as_of = serializers.DateField()
    status = serializers.ChoiceField(choices=VersionState.values)
    ready = serializers.BooleanField(help_text="Whether every row of it that can be read denies.")
    error = serializers.CharField(allow_null=True)
    counts = ImportCountsSerializer()
    status_url = serializers.CharField()
    bad_rows = BadRowsSerializer()


class Imports(APIView):
    """Take in the next version of an outside list."""

    required_scope = "suppressions:write"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": ImportRequest},
        responses={202: ImportSerializer},
        summary="Import an outside list",
        description="Keeps the file and answers before its rows count: `status` is `received`. Each row denies as it "
        "is worked off, and all of them once `ready`. The same file again is the same version. A whole list that would "
        "drop more than a fifth of its entries, or has more bad rows than the version before, waits for staff "
        "(`waiting`), and what it would drop denies meanwhile. Needs the scope `suppressions:write`.",
    )
    def post(self, request: Request) -> Response:
        caller = caller_of(request)
        _check_size(request)
        asked = ImportRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        told: dict[str, Any] = asked.validated_data
        version = _receive(request, caller, told)
        body = ImportSerializer(described(version, None)).data
        return Response(body, status=202, headers={"Location": body["status_url"]})


def _check_size(request: Request) -> None:
    most = settings.SAYSO_MAX_IMPORT_BYTES
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > most:
        raise Problem(413, f"A file of an import has at most {most} bytes: split it, or use the command.")


def _receive(request: Request, caller: Caller, told: Mapping[str, Any]) -> ListVersion:
    file: UploadedFile[bytes] = told["file"]
    given = Given(
        file_name=file.name or "",
        actor=caller.name,
        as_of=told.get("as_of"),
        columns=_mapping(told.get("mapping", "")),
        partial=told["partial"],
        same=idempotency(request._request, caller),
        most=settings.SAYSO_MAX_IMPORT_BYTES,
    )
    try:
        with transaction.atomic():  # a file that is refused makes no list
            return receive(cast("IO[bytes]", file.file), _list(caller, told), given).version
    except OtherContent as error:
        raise Problem(422, "This Idempotency-Key was used with another content. Nothing was stored.") from error
    except Refused as error:
        status = 413 if error.code == "too_large" else 400
        raise bad_field(f"/{error.field}", error.code, error.detail, status=status) from error


def _list(caller: Caller, told: Mapping[str, Any]) -> OutsideList:
    found = find_list(caller.controller_id, told["list"])
    if found is not None:
        return found
    if not told.get("kind"):
        raise bad_field("/list", "unknown_list", "there is no such list; a new one needs its kind")
    try:
        return make_list(
            caller.controller_id,
            told["list"],
            told["kind"],
            name=told.get("name", ""),
            channels=[told["channel"]] if "channel" in told else [],
            topic=told.get("topic", ""),
            region=told.get("region", ""),
        )
    except BadList as error:
        raise bad_field(f"/{error.field}", error.code, error.detail) from error


def _mapping(written: str) -> dict[str, str]:
    try:
        mapping = json.loads(written or "{}")
    except (ValueError, RecursionError) as error:
        raise bad_field("/mapping", "not_json", "a JSON object of texts") from error
    if not isinstance(mapping, dict) or not all(isinstance(column, str) for column in mapping.values()):
        raise bad_field("/mapping", "bad_value", "a JSON object of texts")
    return mapping


class ImportStatus(APIView):
    """What became of an import, and the rows that could not be read."""

    required_scope = "suppressions:write"

    @extend_schema(
        parameters=[OpenApiParameter("cursor", str, description="`bad_rows.next` of the page before.")],
        responses=ImportSerializer,
        summary="What became of an import",
    )
    def get(self, request: Request, import_id: str) -> Response:
        caller = caller_of(request)
        own = ListVersion.objects.select_related("outside_list").filter(outside_list__controller=caller.controller_id)
        version = own.filter(pk=import_id).first()
        if version is None:
            raise NotFound("There is no such import.")
        return Response(ImportSerializer(described(version, _cursor(request))).data)


def _cursor(request: Request) -> int:
    written = request.query_params.get("cursor", "0")
    if not (written.isascii() and written.isdecimal() and len(written) < 19):
        raise bad_field("/cursor", "bad_cursor", "the `next` of an answer")
    return int(written)


def described(version: ListVersion, cursor: int | None) -> dict[str, Any]:
    """An import as the API shows it; its bad rows after the cursor, or none of them yet."""
    rows = [] if cursor is None else list(BadRow.objects.filter(version=version, id__gt=cursor).order_by("id")[:PAGE])
    counts = ("rows", "done", "added", "kept", "repeated", "bad", "to_drop", "dropped")
    return {
        "id": version.pk,
        "list": version.outside_list.slug,
        "version": version.number,
        "as_of": version.as_of,
        "status": version.state,
        "ready": version.state not in (VersionState.RECEIVED, VersionState.IMPORTING, VersionState.FAILED),
        "error": version.error or None,
        "counts": {name: getattr(version, name) for name in counts},
        "status_url": f"/v1/imports/{version.pk}",
        "bad_rows": {
            "results": [{name: getattr(row, name) for name in ("line", "field", "code", "detail")} for row in rows],
            "next": str(rows[-1].pk) if len(rows) == PAGE else None,
        },
    }
