"""How people prove whose address it is: codes that were asked for, proofs, and how often one may ask."""

from django.db import models

from consent.models.fields import KeyField
from consent.models.inbound import Inbound
from consent.models.scope import Controller
from consent.models.vocabulary import Channel


class AccessCode(models.Model):
    """A code that somebody asked for. `code_mac` is empty where none was sent: to the visitor that is all the same.

    Its id is in the hands of the browser that asked. The code itself is kept nowhere.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    inbound = models.ForeignKey(Inbound, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.TextField(choices=Channel)
    key = KeyField()
    code_mac = models.BinaryField(null=True, help_text="Keyed hash of the code.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.BigIntegerField(default=0, help_text="Counted before the code is looked at.")
    used_at = models.DateTimeField(null=True)
    void_at = models.DateTimeField(null=True, help_text="When a newer code took its place.")

    class Meta:
        indexes = [
            models.Index(fields=["key"], name="access_code_key"),
            models.Index(fields=["made_at"], name="access_code_made"),
        ]


class AccessProof(models.Model):
    """A browser that has shown to own an address. Only the digest of what it holds is kept."""

    digest = models.BinaryField(unique=True, help_text="SHA-256 of the cookie's 256 random bits.")
    controller = models.ForeignKey(Controller, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.TextField(choices=Channel)
    key = KeyField()
    proved_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["key"], name="access_proof_key"),
            models.Index(fields=["expires_at"], name="access_proof_expires"),
        ]


class Asking(models.Model):
    """How often somebody asked for something within a window of time. Who it was is a keyed hash."""

    bucket = KeyField(primary_key=True, help_text="Keyed hash of what is limited, whose it is, and the window.")
    times = models.BigIntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="asking_until")]
