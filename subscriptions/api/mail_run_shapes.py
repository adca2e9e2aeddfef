"""Shapes of the mail runs' API."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consent import configuration
from consent.models import MailRun
from consent.models.mail_run import RunState
from consent.runs.creating import MAX_NAME_CHARACTERS
from consent.runs.recalls import is_recallable
from consent.runs.stamp import stamp_of
from subscriptions.api.uploads import UploadField, UploadSerializer, VerdictCountsSerializer


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """A time with its offset, or a day, which then is meant to its end in UTC."""

    def to_internal_value(self, data: Any) -> Any:
        written = str(data)[:40]
        try:
            moment = _end_of_day(written) or datetime.fromisoformat(written)
            in_utc = moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise serializers.ValidationError("a time such as 2026-01-31T12:00:00Z, or a day", "bad_value") from error
        if moment.tzinfo is None:
            raise serializers.ValidationError("a time needs its offset, such as 2026-01-31T12:00:00Z", "no_time_zone")
        return in_utc

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


def _end_of_day(written: str) -> datetime | None:
    """The end of a day in UTC; None for what is no day. Raise `OverflowError` for the last one of all."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=1), time(), UTC)


class MailRunRequestSerializer(UploadSerializer):
    most_bytes = "SAYSO_MAX_RUN_BYTES"

    file = UploadField(help_text="CSV with a header, in UTF-8 or Windows-1252; commas, semicolons or tabs.")
    name = serializers.CharField(max_length=MAX_NAME_CHARACTERS, help_text="As people are told of it.")
    topic = serializers.CharField(max_length=50)
    cut_off = MomentField(help_text="Until then the file may be scrubbed anew.")
    drop_date = serializers.DateField()
    arrives_until = serializers.DateField(required=False, help_text="Else SAYSO_MAIL_DAYS after the drop.")
    country = serializers.RegexField(r"^[A-Za-z]{2}$", default="US", help_text="For addresses that name none.")


class ProgressSerializer(serializers.Serializer[dict[str, Any]]):
    bytes = serializers.IntegerField()
    of_bytes = serializers.IntegerField()
    rows = serializers.IntegerField()


class StampSerializer(serializers.Serializer[dict[str, Any]]):
    """Proof of a scrub: everything up to `ledger_line` had been counted by every row's check."""

    run = serializers.UUIDField()
    checked_at = serializers.DateTimeField()
    scrubbed_at = serializers.DateTimeField()
    ledger_line = serializers.IntegerField()
    configuration_version = serializers.IntegerField()
    file_sha256 = serializers.CharField()
    result_sha256 = serializers.CharField()
    counts = VerdictCountsSerializer()
    receipt = serializers.CharField(help_text="SHA-256 of the other members, as JSON with sorted names.")


class MailRunSerializer(serializers.Serializer[dict[str, Any]]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    topic = serializers.CharField()
    status = serializers.ChoiceField(choices=RunState.values)
    cut_off = serializers.DateTimeField()
    drop_date = serializers.DateField()
    arrives_until = serializers.DateField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    progress = ProgressSerializer()
    counts = VerdictCountsSerializer()
    unreadable_lines = serializers.ListField(
        child=serializers.IntegerField(), help_text="Of the first 100 rows with no address that could be read."
    )
    stamp = StampSerializer(allow_null=True)
    recallable = serializers.BooleanField(help_text="Whether pieces can still be pulled: until the drop date.")
    error = serializers.CharField(allow_null=True)
    kept = serializers.BooleanField(help_text="Whether its file and its result are still there.")


class MailRunsSerializer(serializers.Serializer[dict[str, Any]]):
    results = MailRunSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class RecallSerializer(serializers.Serializer[dict[str, Any]]):
    row = serializers.IntegerField(help_text="Counted from 1 without the header.")
    line = serializers.IntegerField(help_text="The line of the file on which it begins.")
    reason = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    columns = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="The row's own, by header."
    )


class RecallsSerializer(serializers.Serializer[dict[str, Any]]):
    drop_date = serializers.DateField()
    recallable = serializers.BooleanField(help_text="False from the drop date on: these pieces may arrive.")
    as_of = serializers.DateTimeField()
    results = RecallSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="A page may be short, or empty, and yet have a next one.")


def run_as_json(run: MailRun) -> dict[str, Any]:
    """A run as the API shows it."""
    topic = configuration.recent().topics.get(run.topic_id)
    body = {
        "id": run.pk,
        "name": run.name,
        "topic": topic.slug if topic else "",
        "status": run.state,
        "cut_off": run.cut_off,
        "drop_date": run.drop_on,
        "arrives_until": run.arrives_until,
        "created_at": run.created_at,
        "created_by": run.created_by,
        "progress": {"bytes": run.done_bytes, "of_bytes": run.file_bytes, "rows": run.done_rows},
        "counts": run.counts or {"allowed": 0, "denied": 0, "by_reason": {}},
        "unreadable_lines": run.unreadable,
        "stamp": stamp_of(run),
        "recallable": run.state == RunState.READY and is_recallable(run),
        "error": run.error or None,
        "kept": run.emptied_at is None,
    }
    return dict(MailRunSerializer(body).data)
