"""Shapes of the scrubs' API."""

from typing import Any

from rest_framework import serializers

from consent import configuration
from consent.models import Scrub
from consent.models.scrub import ScrubState
from consent.scrubs.progress import progress_of
from consent.scrubs.receipts import receipt_of
from subscriptions.api.uploads import UploadField, UploadSerializer, VerdictCountsSerializer


class ScrubRequestSerializer(UploadSerializer):
    most_bytes = "SAYSO_MAX_SCRUB_BYTES"

    file = UploadField(help_text="CSV in any dialect and encoding, plain, .gz or .zip; or a workbook of Excel (.xlsx).")
    channel = serializers.ChoiceField(choices=["email", "sms", "post"])
    topic = serializers.CharField(max_length=50)
    column = serializers.CharField(
        required=False, max_length=200, help_text="The header, or the number from 1, of the column of addresses."
    )
    country = serializers.RegexField(
        r"^[A-Za-z]{2}$", required=False, help_text="For numbers and addresses that name none; else post means US."
    )
    sender = serializers.CharField(required=False, max_length=40, help_text="The number of yours that would send.")


class ScrubProgressSerializer(serializers.Serializer[dict[str, Any]]):
    bytes_done = serializers.IntegerField()
    of_bytes = serializers.IntegerField(help_text="Of the table, without packing.")
    rows_done = serializers.IntegerField()
    rate = serializers.IntegerField(allow_null=True, help_text="Rows a second, while it is worked on.")
    seconds_left = serializers.FloatField(allow_null=True)


class PositionSerializer(serializers.Serializer[dict[str, Any]]):
    """All that was said up to `ledger_line` had counted."""

    ledger_line = serializers.IntegerField()
    configuration_version = serializers.IntegerField()
    checked_at = serializers.DateTimeField()


class ReceiptSerializer(serializers.Serializer[dict[str, Any]]):
    scrub = serializers.UUIDField()
    channel = serializers.CharField()
    file_sha256 = serializers.CharField()
    file_bytes = serializers.IntegerField()
    result_sha256 = serializers.CharField()
    result_bytes = serializers.IntegerField()
    rows = serializers.IntegerField()
    counts = VerdictCountsSerializer()
    position = PositionSerializer()
    finished_at = serializers.DateTimeField()
    receipt = serializers.CharField(help_text="SHA-256 of the other members, as JSON with sorted names.")


class ScrubSerializer(serializers.Serializer[dict[str, Any]]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ScrubState.values)
    channel = serializers.CharField()
    topic = serializers.CharField()
    file_name = serializers.CharField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    progress = ScrubProgressSerializer()
    counts = VerdictCountsSerializer()
    unreadable_lines = serializers.ListField(
        child=serializers.IntegerField(), help_text="Of the first 100 rows with no address that could be read."
    )
    receipt = ReceiptSerializer(allow_null=True)
    error = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField(help_text="When its file and its result are removed.")
    kept = serializers.BooleanField(help_text="Whether its result can be downloaded, and asked about again.")


class ScrubsSerializer(serializers.Serializer[dict[str, Any]]):
    results = ScrubSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class ChangeSerializer(serializers.Serializer[dict[str, Any]]):
    row = serializers.IntegerField(help_text="From 1, without the header.")
    line = serializers.IntegerField(help_text="From 1, with the header.")
    allowed = serializers.BooleanField()
    reason = serializers.CharField()


class RecheckCountsSerializer(serializers.Serializer[dict[str, Any]]):
    now_denied = serializers.IntegerField()
    now_allowed = serializers.IntegerField()


class RecheckSerializer(serializers.Serializer[dict[str, Any]]):
    """The rows whose verdict is another one than in the result."""

    position = PositionSerializer()
    counts = RecheckCountsSerializer(help_text="Of all changes, whatever the page.")
    changed = ChangeSerializer(many=True)
    next = serializers.CharField(allow_null=True)


def scrub_as_json(scrub: Scrub) -> dict[str, Any]:
    """A scrub as the API shows it."""
    topic = configuration.recent().topics.get(scrub.topic_id)
    body = {
        "id": scrub.pk,
        "status": scrub.state,
        "channel": scrub.channel,
        "topic": topic.slug if topic else str(scrub.topic_id),
        "file_name": scrub.file_name,
        "created_at": scrub.created_at,
        "created_by": scrub.created_by,
        "progress": progress_of(scrub)._asdict(),
        "counts": {"allowed": 0, "denied": 0, "by_reason": {}} | scrub.counts,
        "unreadable_lines": scrub.unreadable,
        "receipt": receipt_of(scrub),
        "error": scrub.error or None,
        "expires_at": scrub.expires_at,
        "kept": scrub.emptied_at is None,
    }
    return dict(ScrubSerializer(body).data)
