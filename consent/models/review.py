"""What no rule could decide waits here for staff, and is held meanwhile."""

from django.conf import settings
from django.db import models

from consent.models.fields import public_id
from consent.models.inbound import Inbound
from consent.models.vocabulary import Channel


class Decision(models.TextChoices):
    OPT_OUT = "opt_out", "It is an opt-out"
    OPT_IN = "opt_in", "It is an opt-in"
    NONE = "none", "It is no request"
    DECEASED = "deceased", "The person has died"


class Review(models.Model):
    """An inbound that waits for a decision about one channel. The decision is recorded with its author and reason."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    inbound = models.ForeignKey(Inbound, models.PROTECT, related_name="reviews")
    channel = models.CharField(max_length=5, choices=Channel)
    suggestion = models.CharField(max_length=10, choices=Decision, blank=True)
    opened_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["opened_at"], condition=models.Q(decision=""), name="review_open")]
        constraints = [models.UniqueConstraint(fields=["inbound", "channel"], name="review_once")]

    def __str__(self) -> str:
        return f"review of {self.inbound_id}"
