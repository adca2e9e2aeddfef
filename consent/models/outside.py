"""Outside lists: registers of people who want no mail, or are dead, imported version by version (docs/LISTS.md)."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import validate_slug
from django.db import models
from django.db.models import Q

from consent.models.fields import KeyField, public_id
from consent.models.scope import Controller, Topic
from consent.models.vocabulary import Cause, Channel, VersionState

CAUSES = [(cause.value, cause.label) for cause in (Cause.LISTED, Cause.DECEASED, Cause.CHOICE)]


class OutsideList(models.Model):
    """A list that others keep. What it denies, and how widely, is fixed once a version has been imported."""

    controller = models.ForeignKey(
        Controller,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose list it is. Empty: it denies for everyone.",
    )
    slug = models.TextField(validators=[validate_slug])
    name = models.TextField()
    kind = models.TextField(help_text="mps, dmachoice, deceased, tps, do-not-call, former, other …")
    source = models.TextField(blank=True, help_text="Where it comes from, and the rule about its age.")
    channels = ArrayField(models.TextField(choices=Channel), help_text="Whose columns are read.")
    cause = models.TextField(choices=CAUSES, help_text="What a check answers, and what it silences.")
    topic = models.ForeignKey(
        Topic,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: every topic.",
    )
    region = models.TextField(help_text="Country of addresses and numbers without one.")
    age_days = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Days after its own date from which it is too old. Empty: it does not age."
    )
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="No longer kept up: it warns no more, and denies all the same."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["controller", "slug"], nulls_distinct=False, name="outside_list_slug_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sender(self) -> str:
        """What tells this list's ledger lines from those of others (`ConsentEvent.sender`)."""
        return f"list:{self.pk}"


class ListVersion(models.Model):
    """One file of a list. This row is the queue of imports; Celery only rings."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    outside_list = models.ForeignKey(OutsideList, models.DO_NOTHING, db_constraint=False, related_name="versions")
    number = models.PositiveBigIntegerField()
    as_of = models.DateField(help_text="The list's own date.")
    received_at = models.DateTimeField(help_text="Later than that of every version before.")
    actor = models.TextField()
    file_name = models.TextField()
    digest = models.BinaryField(help_text="SHA-256 of the file.")
    columns = models.JSONField(help_text="Places of columns by what they hold.")
    header = ArrayField(models.TextField(), default=list, help_text="The names of the columns.")
    partial = models.BooleanField(help_text="It adds, and what it does not name stays.")
    confirmed_by = models.TextField(blank=True, help_text="Who confirmed what it drops.")
    dedupe = models.BinaryField(null=True, help_text="The same request again has the same 16 bytes.")

    state = models.TextField(choices=VersionState)
    rows = models.PositiveBigIntegerField(help_text="Rows in the file, without its header.")
    done = models.PositiveBigIntegerField(default=0, help_text="Rows that are worked off.")
    added = models.PositiveBigIntegerField(default=0, help_text="Rows that the list had not named before.")
    kept = models.PositiveBigIntegerField(default=0, help_text="Rows that it had.")
    repeated = models.PositiveBigIntegerField(default=0, help_text="Rows that this file has already named.")
    bad = models.PositiveBigIntegerField(default=0, help_text="Rows with something that could not be read.")
    to_drop = models.PositiveBigIntegerField(default=0, help_text="Entries that it no longer names.")
    dropped = models.PositiveBigIntegerField(default=0, help_text="Those of them that are lifted.")
    attempts = models.BigIntegerField(default=0)
    next_try_at = models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt.")
    lease = models.UUIDField(null=True)
    error = models.TextField(blank=True, help_text="The kind of error, never its personal content.")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outside_list", "number"], name="list_version_number_once"),
            models.UniqueConstraint(
                fields=["dedupe"], condition=Q(dedupe__isnull=False), name="list_version_request_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["received", "importing", "dropping"]),
                name="list_version_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.outside_list}, version {self.number} of {self.as_of}"


class ListChunk(models.Model):
    """Rows of a version that are not yet worked off, sealed."""

    version = models.ForeignKey(
        ListVersion, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="chunks"
    )
    place = models.PositiveBigIntegerField()
    sealed_rows = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "place"], name="list_chunk_once")]


class ListMember(models.Model):
    """A key that a list names, and the number of the last version that named it."""

    pk = models.CompositePrimaryKey("outside_list_id", "key")
    outside_list = models.ForeignKey(
        OutsideList, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    key = KeyField()
    channel = models.TextField(choices=Channel)
    counts = models.BooleanField(help_text="It is an entry by itself, not one that follows from another.")
    number = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["outside_list", "number"], name="list_member_number")]


class BadRow(models.Model):
    """What was wrong with a row of a version. It repeats nothing of the row."""

    version = models.ForeignKey(
        ListVersion, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="bad_rows"
    )
    line = models.PositiveBigIntegerField()
    field = models.TextField(blank=True)
    code = models.TextField()
    detail = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["version", "id"], name="bad_row_version")]
