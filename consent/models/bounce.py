"""Failures that count towards the policy (consent/bounces/policy.tsv): until it is met or they age."""

from django.db import models

from consent.models.fields import KeyField
from consent.models.scope import Controller


class CountedBounce(models.Model):
    """The failures of one address on one day, told by reports that are proved or by others."""

    key = KeyField()
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField(help_text="UTC.")
    proved = models.BooleanField(help_text="Nobody could have forged them.")
    times = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "controller", "day", "proved"], name="counted_bounce_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.times}"
