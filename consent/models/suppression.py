"""The current no and yes of a key at a scope. Derived from the ledger, and nothing but it (consent/suppression.py)."""

from django.db import models
from django.db.models import Q

from consent.models.fields import KeyField
from consent.models.ledger import ConsentEvent
from consent.models.scope import Controller, Topic
from consent.models.vocabulary import Cause, ChangeKind, Channel


class Derived(models.Model):
    """What a suppression and a permission have in common."""

    key = KeyField()
    controller = models.ForeignKey(
        Controller, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    topic = models.ForeignKey(
        Topic, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    event = models.ForeignKey(ConsentEvent, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.TextField(choices=Channel, default="", db_default="")

    class Meta:
        abstract = True


class Suppression(Derived):
    """A denial in force, with its first evidence."""

    cause = models.CharField(max_length=11, choices=Cause)
    sender = models.CharField(max_length=40, blank=True)
    sender_only = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "controller", "topic", "cause", "sender"], nulls_distinct=False, name="suppression_once"
            )
        ]
        # What ends by itself: who asks about a scrub again looks for what ended since.
        indexes = [models.Index(fields=["until"], condition=Q(until__isnull=False), name="suppression_until")]


class Permission(Derived):
    """A grant that was not withdrawn since. It may have expired, or be unconfirmed, or no more than asked for."""

    confirmed = models.BooleanField()
    requested = models.BooleanField(
        default=False, db_default=False, help_text="Asked for, and not confirmed until then: it allows nothing."
    )
    notice_version = models.PositiveIntegerField(null=True)
    notice_slug = models.SlugField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "controller", "topic"], nulls_distinct=False, name="permission_once")
        ]
        indexes = [models.Index(fields=["until"], condition=Q(until__isnull=False), name="permission_until")]


class Change(Derived):
    """What became of a suppression or permission, in the order in which it became visible (consent/changing.py)."""

    seq = models.BigIntegerField(primary_key=True, help_text="Without gaps.")
    recorded_at = models.DateTimeField()
    kind = models.TextField(choices=ChangeKind)
    cause = models.TextField(choices=Cause, blank=True)
    sender = models.TextField(blank=True)
    sender_only = models.BooleanField()
    confirmed = models.BooleanField(null=True)
    notice_version = models.BigIntegerField(null=True)
    notice_slug = models.TextField(blank=True)
