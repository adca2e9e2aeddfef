"""Postal addresses as they are found again in another spelling: an index, derived from contact points."""

from django.db import models

from consent.models.fields import KeyField


class PostHome(models.Model):
    """The parts of a postal contact point. They are emptied with the contact point's value, by a trigger.

    `marks` are keyed hashes of its parts, made with this key and so of no use beside those of another: what is left to
    compare after an erasure.
    """

    key = KeyField(primary_key=True)
    sealed_parts = models.BinaryField(null=True)
    marks = models.BinaryField(help_text="4 bytes each.")

    def __str__(self) -> str:
        return f"post:{bytes(self.key).hex()[:8]}…"


class Neighbour(models.Model):
    """A loose form of a postal contact point, hashed with the server's secret."""

    pk = models.CompositePrimaryKey("form", "key")
    form = KeyField()
    key = KeyField(help_text="The contact point's.")
