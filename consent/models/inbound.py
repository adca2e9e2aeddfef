"""What came in, as received, and the denial it is until it has been worked off."""

from django.db import models
from django.db.models import Q

from consent.models.fields import KeyField, public_id
from consent.models.scope import Controller
from consent.models.vocabulary import Channel, InboundState


class Inbound(models.Model):
    """One request as received. This table is the pipeline's queue; Celery only rings."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    source = models.CharField(max_length=40, help_text="sms:twilio, mail, one_click, page, api, staff …")
    channel = models.CharField(max_length=5, choices=Channel)
    endpoint = models.CharField(max_length=320, blank=True, help_text="The account or mailbox it came to.")
    actor = models.CharField(max_length=80, blank=True, help_text="The API key or member of staff that told us.")
    received_at = models.DateTimeField()
    verified = models.BooleanField(help_text="Whether the sender was proved (signature, token, key, login).")
    sealed_raw = models.BinaryField(null=True, help_text="The request: headers and bytes.")
    digest = models.BinaryField(help_text="SHA-256 of the body: still proves evidence that someone else kept.")
    dedupe = models.BinaryField(null=True, help_text="The same delivery again has the same 16 bytes.")

    state = models.CharField(max_length=9, choices=InboundState, default=InboundState.PENDING)
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt.")
    lease = models.UUIDField(null=True)
    outcome = models.CharField(max_length=20, blank=True, help_text="opt_out, opt_in, help, none, review …")
    rule = models.CharField(max_length=80, blank=True, help_text="The row that decided, and its table's version.")
    authenticity = models.TextField(  # of one word; PostgreSQL can widen a varchar only under lock
        blank=True,
        default="",
        db_default="",
        help_text="Of mail: whether the sender's domain stands by it. Evidence: a no counts all the same.",
    )
    error = models.CharField(max_length=200, blank=True, help_text="The kind of error, never its personal content.")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dedupe"], condition=Q(dedupe__isnull=False), name="inbound_once")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="pending"), name="inbound_pending"),
            # One for both kinds: each index costs every intake.
            models.Index(
                fields=["id"], condition=Q(state="set_aside") | Q(outcome="unknown"), name="inbound_for_staff"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.received_at:%Y-%m-%d %H:%M:%S}"


class Part(models.Model):
    """An inbound that is a part of a long text. All parts have the same `thread`, 16 bytes."""

    inbound = models.OneToOneField(Inbound, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+")
    thread = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["thread"], name="part_thread")]


class Hold(models.Model):
    """The denial by an inbound not yet worked off, for one key within one scope.

    Written by the statement that writes the inbound, removed by the transaction that works it off.
    """

    inbound = models.ForeignKey(Inbound, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="holds")
    key = KeyField()
    controller = models.ForeignKey(
        Controller,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        help_text="Empty: everyone.",
    )
    topic = models.ForeignKey(
        "consent.Topic",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        help_text="Empty: every topic.",
    )
    since = models.DateTimeField()
    review = models.ForeignKey(
        "consent.Review", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="holds"
    )

    class Meta:
        indexes = [
            models.Index(fields=["key"], name="hold_key"),
            models.Index(fields=["inbound"], name="hold_inbound"),
        ]
