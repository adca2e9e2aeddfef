"""The ledger: what people told us, line by line, for good. A trigger refuses UPDATE, DELETE and TRUNCATE."""

from django.db import models
from django.db.models import Q

from consent.models.contact import Notice
from consent.models.fields import KeyField, public_id
from consent.models.inbound import Inbound
from consent.models.scope import Controller, Topic
from consent.models.vocabulary import Action, Basis, Cause, Channel


class ConsentEvent(models.Model):
    """One line. It holds no personal content: a key, a scope, references, and the digest of the evidence."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    seq = models.BigIntegerField(unique=True, help_text="The order of the record, without gaps.")
    inbound = models.ForeignKey(Inbound, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="events")
    ordinal = models.SmallIntegerField(help_text="Which event of its inbound: the same one is never recorded twice.")
    key = KeyField()
    channel = models.CharField(max_length=5, choices=Channel)
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
        Topic,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        help_text="Empty: every topic.",
    )
    action = models.CharField(max_length=10, choices=Action)
    cause = models.CharField(max_length=11, choices=Cause, blank=True)
    basis = models.CharField(max_length=16, choices=Basis, blank=True)
    sender = models.CharField(max_length=40, blank=True, help_text="Our number, where the word was said to a number.")
    sender_only = models.BooleanField(
        default=False, db_default=False, help_text="It reaches only what is sent from that number of ours."
    )
    source = models.CharField(max_length=40)
    actor = models.CharField(max_length=80, blank=True)
    digest = models.BinaryField(help_text="SHA-256 of the evidence.")
    notice = models.ForeignKey(
        Notice, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    occurred_at = models.DateTimeField()
    stamped_at = models.DateTimeField(
        null=True, help_text="When a gateway's own clock, which may be wrong, says that it was said."
    )
    received_at = models.DateTimeField(null=True, help_text="When we received what a gateway's clock stamped.")
    recorded_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    undoes = models.UUIDField(null=True, help_text="The inbound whose words this line takes back, as if never said.")
    confirms = models.UUIDField(null=True, help_text="The inbound whose request this line confirms.")
    carried_from = models.UUIDField(
        null=True, help_text="The line about another address of the same person that this one repeats (docs/PEOPLE.md)."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbound", "ordinal"], name="event_once")]
        indexes = [
            models.Index(fields=["key"], name="event_key"),
            # Whoever makes a topic looks for those who took back a no to everything (consent/new_topics.py).
            models.Index(
                fields=["controller", "seq"], condition=Q(action="lift", topic__isnull=True), name="event_lifted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.cause}".strip()


class LedgerHead(models.Model):
    """One row with the last sequence numbers. Locking it makes its holder the one writer of the ledger."""

    seq = models.BigIntegerField(default=0)
    change_seq = models.BigIntegerField(default=0, db_default=0)
