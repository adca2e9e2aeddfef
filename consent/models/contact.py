"""People, their addresses, and the wording they saw. What is personal here is sealed and can be emptied."""

from django.db import models

from consent.models.fields import KeyField, public_id
from consent.models.scope import Controller, Topic
from consent.models.vocabulary import Channel


class Person(models.Model):
    """A data subject as a controller knows them."""

    id = models.UUIDField(primary_key=True, default=public_id, editable=False)
    controller = models.ForeignKey(Controller, models.PROTECT, related_name="people")
    external_id = models.CharField(max_length=200, help_text="The controller's own id of the person.")
    sealed_name = models.BinaryField(null=True)
    merged_into = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="The person whom this one turned out to be.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["controller", "external_id"], name="person_external_id_once")]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return f"{self.controller_id}/{self.external_id}"


class ContactPoint(models.Model):
    """One address on one channel, known by its key. `sealed_value` is empty once the person was erased."""

    key = KeyField(primary_key=True)
    channel = models.CharField(max_length=5, choices=Channel)
    sealed_value = models.BinaryField(null=True)
    first_seen = models.DateTimeField()
    language = models.TextField(blank=True, default="", db_default="", help_text="In which its holder is written to.")

    def __str__(self) -> str:
        return f"{self.channel}:{bytes(self.key).hex()[:8]}…"


class ContactPeriod(models.Model):
    """The time in which an address was a person's: numbers are reassigned, people move."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="periods")
    contact_point = models.ForeignKey(ContactPoint, models.CASCADE, related_name="periods")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "contact_point"], condition=models.Q(until=None), name="contact_period_open_once"
            )
        ]


class Notice(models.Model):
    """A version of the wording or policy a person saw, in a language (GDPR 7(1): which wording)."""

    controller = models.ForeignKey(Controller, models.PROTECT, related_name="notices")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, help_text="Empty: all topics.")
    slug = models.SlugField()
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    text = models.TextField()
    published_at = models.DateTimeField()
    draft = models.BooleanField(
        default=False, db_default=False, help_text="Not published: nobody sees it, and nothing refers to it."
    )
    material = models.BooleanField(default=False, help_text="Grants on earlier versions no longer count.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["controller", "slug", "version", "language"], name="notice_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.slug} v{self.version} ({self.language})"
