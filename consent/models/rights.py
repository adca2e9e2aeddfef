"""What people may ask for beyond choosing messages: their data, an end of its use, its erasure."""

from django.db import models
from django.db.models import Q

from consent.models.fields import KeyField, public_id
from consent.models.inbound import Inbound
from consent.models.scope import Controller
from consent.models.vocabulary import Channel

BY_SYSTEM = "api:rights"


class Right(models.TextChoices):
    ACCESS = "access", "A copy of the data"
    OBJECTION = "objection", "Objection to processing"
    SHARING = "sharing", "No more sharing of the data"
    ERASURE = "erasure", "Erasure"


class RightState(models.TextChoices):
    OPEN = "open", "Open"
    FORWARDED = "forwarded", "Forwarded to the client"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class Identity(models.TextChoices):
    CODE = "code", "Proved by a code"
    STAFF = "staff", "Checked by staff"
    NONE = "none", "Not yet checked"


class RightsRequest(models.Model):
    """One request. `consent/rights/` writes it; what it says in words is sealed with its inbound."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    inbound = models.OneToOneField(Inbound, models.DO_NOTHING, db_constraint=False, related_name="+")
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    kind = models.TextField(choices=Right)
    state = models.TextField(choices=RightState)
    channel = models.TextField(choices=Channel)
    key = KeyField(help_text="Of the address for which it was asked.")
    proof = models.TextField("identity", choices=Identity)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="", db_default="", help_text="staff:3, or the policy.")
    reason = models.TextField(blank=True, default="", db_default="", help_text="As the person was told it.")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=("open", "forwarded")), name="rights_open"),
            models.Index(fields=["key"], name="rights_key"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received_at:%Y-%m-%d}"

    @property
    def identity(self) -> str:
        """How it is known who asks, for people. What a system vouched for when it told is proved as if by staff."""
        by_system = self.inbound.source == BY_SYSTEM and self.inbound.verified
        return "Checked by the controller's system" if by_system else str(self.get_proof_display())
