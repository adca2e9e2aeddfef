"""Mail runs: print jobs of post. The row is the queue of the scrub; what is personal stands sealed beside it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from consent.models.fields import KeyField, public_id
from consent.models.scope import Controller, Topic


class RunState(models.TextChoices):
    PENDING = "pending", "Waits to be scrubbed"
    SCRUBBING = "scrubbing", "Is being scrubbed"
    READY = "ready", "Scrubbed and stamped"
    FAILED = "failed", "Could not be scrubbed"
    CANCELLED = "cancelled", "Cancelled"


class ChunkKind(models.TextChoices):
    FILE = "file", "The file as it was uploaded"
    RESULT = "result", "The rows with their verdicts"


class MailRun(models.Model):
    """A print job. `counts`, `done_*` and the result grow batch by batch, each in one transaction with its pieces."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    topic = models.ForeignKey(Topic, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    name = models.TextField()
    cut_off = models.DateTimeField(help_text="Until then the file may be scrubbed anew.")
    drop_on = models.DateField(help_text="The day on which the pieces are handed to the post.")
    arrives_until = models.DateField(help_text="The last day on which a piece may still arrive.")
    country = models.TextField(help_text="ISO 3166 code, for addresses that name none.")
    created_by = models.TextField(help_text="The API key or command that made it.")
    created_at = models.DateTimeField()
    dedupe = models.BinaryField(null=True, help_text="The same request again has the same 16 bytes.")
    layout = models.JSONField(help_text="Delimiter, width and places of columns: no names and no contents.")
    file_bytes = models.BigIntegerField()
    file_digest = models.BinaryField(help_text="SHA-256 of the file.")

    state = models.TextField(choices=RunState, default=RunState.PENDING)
    attempts = models.BigIntegerField(default=0)
    next_try_at = models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt.")
    lease = models.UUIDField(null=True)
    error = models.TextField(blank=True, help_text="The kind of error, never its personal content.")
    done_bytes = models.BigIntegerField(default=0)
    done_lines = models.BigIntegerField(default=0)
    done_rows = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="Rows by reason.")
    unreadable = models.JSONField(default=list, help_text="Line numbers of the first rows that have no address.")

    checked_at = models.DateTimeField(null=True, help_text="When the scrub began: all that was known by then counted.")
    configuration_version = models.BigIntegerField(null=True)
    ledger_seq = models.BigIntegerField(null=True, help_text="The ledger's last line when the scrub began.")
    scrubbed_at = models.DateTimeField(null=True, help_text="When the scrub was complete.")
    result_bytes = models.BigIntegerField(null=True)
    result_digest = models.BinaryField(null=True, help_text="SHA-256 of the result.")
    emptied_at = models.DateTimeField(null=True, help_text="When its file and its pieces were removed.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dedupe"], condition=Q(dedupe__isnull=False), name="run_once")]
        indexes = [
            models.Index(fields=["controller", "id"], name="run_controller"),
            models.Index(fields=["next_try_at"], condition=Q(state__in=["pending", "scrubbing"]), name="run_waiting"),
            models.Index(fields=["arrives_until"], condition=Q(emptied_at=None), name="run_kept"),
        ]

    def __str__(self) -> str:
        return self.name


class MailRunChunk(models.Model):
    """A part of a run's file, or of its result, sealed."""

    run = models.ForeignKey(MailRun, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    kind = models.TextField(choices=ChunkKind)
    number = models.BigIntegerField()
    first_row = models.BigIntegerField(default=0, help_text="Of a part of the result: the number of its first row.")
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "kind", "number"], name="run_chunk_once")]


class MailPiece(models.Model):
    """A row that the scrub allowed: a piece that is printed. Which home it goes to is known by keys alone."""

    run = models.ForeignKey(MailRun, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    row = models.BigIntegerField(help_text="The row of the file, counted from 1 without the header.")
    line = models.BigIntegerField(help_text="The line of the file on which it begins.")
    keys = ArrayField(KeyField(), help_text="The keys that a check of this row looks up.")
    forms = ArrayField(KeyField(), help_text="The hashes of the loose forms of its address: found in other spellings.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="piece_once")]
        # Without a list of what is still to be sorted in: each look-up would read all of it.
        indexes = [
            GinIndex(fields=["keys"], name="piece_keys", fastupdate=False),
            GinIndex(fields=["forms"], name="piece_forms", fastupdate=False),
        ]
