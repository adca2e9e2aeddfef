"""Which address a person left for which other one: the way on which denials follow them."""

from django.db import models

from consent.models.fields import KeyField
from consent.models.inbound import Inbound
from consent.models.scope import Controller
from consent.models.vocabulary import Channel


class MoveKind(models.TextChoices):
    MOVED = "moved", "Moved there"
    BACK = "back", "Moved from there"
    HOUSEHOLD = "household", "Moved out of that household"
    MERGED = "merged", "Is the same person"


class Move(models.Model):
    """What is denied at the old key is denied at the new one too, within the controller that told of it.

    Only keys: the addresses stand sealed in the inbound. Words said after `until` are no longer carried.
    """

    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.TextField(choices=Channel)
    old_key = KeyField()
    new_key = KeyField()
    kind = models.TextField(choices=MoveKind)
    left_at = models.DateTimeField()
    moved_on = models.DateField(null=True)
    until = models.DateTimeField(null=True)
    inbound = models.ForeignKey(Inbound, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old_key", "new_key", "controller"], name="move_once")]
        indexes = [models.Index(fields=["new_key"], name="move_new_key")]

    def __str__(self) -> str:
        return f"{bytes(self.old_key).hex()[:8]}… → {bytes(self.new_key).hex()[:8]}…"
