"""What is to be done outside because of something that came in: the outbox. A row with attempts, never a call in a
transaction."""

from django.db import models
from django.db.models import Q

from consent.models.fields import KeyField, public_id
from consent.models.inbound import Inbound
from consent.models.scope import Controller


class ErrandKind(models.TextChoices):
    REPLY = "reply", "A text to the person"
    CONFIRM = "confirm", "Accepting a subscription"
    MAIL = "mail", "The answer to a letter"
    FETCH = "fetch", "Asking for a letter"
    CODE = "code", "A code that proves an address"
    RIGHTS = "rights", "The answer to a request about data"
    FORWARD = "forward", "A request about data, to the client"
    DECIDED = "decided", "What became of a request about data"


class ErrandWay(models.TextChoices):
    API = "api", "By a call of ours"
    RESPONSE = "response", "In the response to the gateway's post"
    MAIL = "mail", "By mail"


class ErrandState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    UNSURE = "unsure", "Perhaps done: not tried again"
    FAILED = "failed", "Refused"
    EXPIRED = "expired", "Too late: not done"


class Errand(models.Model):
    """One thing to be done, once. `consent/errands.py` writes it and `consent/outbox.py` marks it."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    kind = models.TextField(choices=ErrandKind)
    way = models.TextField(choices=ErrandWay)
    purpose = models.TextField(
        help_text="What it says: stopped, help, started, acknowledged, decided, code …; or subscription, letter."
    )
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    provider = models.TextField()
    endpoint = models.TextField()
    inbound = models.ForeignKey(Inbound, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="errands")
    key = KeyField(null=True, help_text="Of the number or address that is answered.")  # type: ignore[misc]  # a URL has none
    sender = models.TextField(blank=True, help_text="Our number or mailbox, from which it is answered.")
    topics = models.TextField(blank=True, help_text="Ids of the topics it offers to keep, in order.")
    sealed_payload = models.BinaryField(null=True, help_text="What is sent, and to whom. Emptied when it is settled.")

    state = models.TextField(choices=ErrandState)
    attempts = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    next_try_at = models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt.")
    give_up_at = models.DateTimeField(help_text="It is never begun after this.")
    lease = models.UUIDField(null=True)
    error = models.TextField(blank=True, help_text="The kind of error, never its personal content.")
    gateway_id = models.TextField(blank=True, help_text="The gateway's own name for it.")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbound", "kind"], name="errand_once")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="errand_waiting"),
            models.Index(fields=["key"], condition=Q(key__isnull=False), name="errand_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.purpose}"


class Acknowledgement(models.Model):
    """When an address was last answered by mail, for one controller: no more than once a day."""

    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    key = KeyField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["controller", "key"], name="acknowledgement_once")]
