"""Scrubs: files of addresses, each row of which gets its verdict. The row is the queue; the table stands sealed."""

from django.db import models
from django.db.models import Q

from consent.models.fields import public_id
from consent.models.scope import Controller, Topic
from consent.models.vocabulary import Channel


class ScrubState(models.TextChoices):
    PENDING = "pending", "Waits to be scrubbed"
    SCRUBBING = "scrubbing", "Is being scrubbed"
    READY = "ready", "Scrubbed"
    FAILED = "failed", "Could not be scrubbed"
    CANCELLED = "cancelled", "Cancelled"


class Scrub(models.Model):
    """A file and what came of it. `counts` and `done_*` grow part by part, in one transaction with its verdicts."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    topic = models.ForeignKey(Topic, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.TextField(choices=Channel)
    sender = models.TextField(blank=True, help_text="The number of ours that would send, where it was told.")
    country = models.TextField(blank=True, help_text="ISO 3166 code, for numbers and addresses that name none.")
    file_name = models.TextField(blank=True)
    created_by = models.TextField(help_text="The API key that made it.")
    created_at = models.DateTimeField()
    dedupe = models.BinaryField(null=True, help_text="The same request again has the same 16 bytes.")
    layout = models.JSONField(help_text="Dialect, width and places of columns: no names and no contents.")
    file_bytes = models.BigIntegerField(help_text="Of the file as it was uploaded.")
    file_digest = models.BinaryField(help_text="SHA-256 of the file as it was uploaded.")
    table_bytes = models.BigIntegerField(help_text="Of the table in it, without packing.")

    state = models.TextField(choices=ScrubState, default=ScrubState.PENDING)
    attempts = models.BigIntegerField(default=0)
    next_try_at = models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt.")
    lease = models.UUIDField(null=True)
    error = models.TextField(blank=True, help_text="The kind of error, never its personal content.")
    done_bytes = models.BigIntegerField(default=0)
    done_lines = models.BigIntegerField(default=0)
    done_rows = models.BigIntegerField(default=0)
    done_parts = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0, help_text="How long it was worked on.")
    counts = models.JSONField(default=dict, help_text="Rows by reason.")
    unreadable = models.JSONField(default=list, help_text="Line numbers of the first rows that have no address.")

    checked_at = models.DateTimeField(null=True, help_text="When it began: all that was known by then counted.")
    configuration_version = models.BigIntegerField(null=True)
    ledger_seq = models.BigIntegerField(null=True, help_text="The ledger's last line when it began.")
    rules = models.TextField(blank=True, help_text="Digest of the rules that decided all rows; empty if several did.")
    finished_at = models.DateTimeField(null=True)
    result_bytes = models.BigIntegerField(null=True)
    result_digest = models.BinaryField(null=True, help_text="SHA-256 of the result.")
    expires_at = models.DateTimeField(help_text="When its file and its verdicts are removed.")
    emptied_at = models.DateTimeField(null=True, help_text="When they were removed.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dedupe"], condition=Q(dedupe__isnull=False), name="scrub_once")]
        indexes = [
            models.Index(fields=["controller", "id"], name="scrub_controller"),
            models.Index(fields=["next_try_at"], condition=Q(state__in=["pending", "scrubbing"]), name="scrub_waiting"),
            models.Index(fields=["expires_at"], condition=Q(emptied_at=None), name="scrub_kept"),
        ]

    def __str__(self) -> str:
        return self.file_name or str(self.pk)


class ScrubChunk(models.Model):
    """A part of a scrub's table, sealed."""

    scrub = models.ForeignKey(Scrub, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    number = models.BigIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scrub", "number"], name="scrub_chunk_once")]


class ScrubPart(models.Model):
    """The verdicts of some rows that follow each other: with the table they give the result.

    `entries` are keys by which a later word finds a row: the first 4 bytes of each in `heads`, the other 12 in `tails`.
    """

    scrub = models.ForeignKey(Scrub, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    number = models.BigIntegerField()
    start = models.BigIntegerField(help_text="Offset in the table.")
    size = models.BigIntegerField(help_text="In bytes of the table.")
    first_row = models.BigIntegerField()
    first_line = models.BigIntegerField()
    rows = models.BigIntegerField()
    checked_at = models.DateTimeField()
    codes = models.BinaryField(help_text="A byte a row: its reason (consent/scrubs/reasons.py).")
    heads = models.BinaryField()
    tails = models.BinaryField()
    owners = models.BinaryField(help_text="4 bytes an entry: its row. Empty: one entry a row.")
    lines = models.BinaryField(help_text="4 bytes a row: the lines before it. Empty: one line a row.")
    open = models.BinaryField(help_text="4 bytes each: the rows that are always asked about again.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scrub", "number"], name="scrub_part_once")]
