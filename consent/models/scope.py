"""Who decides, what about, and from where it is sent: the words of a scope."""

from typing import Any

from django.db import models, transaction

from consent.models.vocabulary import Basis, Channel, ControllerKind, SenderKind, TopicClass


class Controller(models.Model):
    """Who decides about the data: our own organisation, an affiliate, or a client for whom we are the processor."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=ControllerKind)
    contact = models.CharField(max_length=254, blank=True, help_text="Where people can write to (privacy@…).")
    language = models.TextField(  # of one word; PostgreSQL can widen a varchar only under lock
        default="en", db_default="en", help_text="Of its own words here, such as names of topics: en, pt, tr …"
    )

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """What a person can say yes or no to."""

    controller = models.ForeignKey(Controller, models.PROTECT, related_name="topics")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    topic_class = models.CharField("class", max_length=10, choices=TopicClass)
    frequency = models.TextField(
        blank=True, default="", db_default="", help_text="How often it comes, as people read it: About twice a month."
    )
    fewer = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="A topic that brings the same less often: people are offered it instead of none.",
    )
    position = models.BigIntegerField(default=0, db_default=0, help_text="Its place on pages, the lowest first.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["controller", "slug"], name="topic_slug_once")]

    def __str__(self) -> str:
        return f"{self.controller.slug}/{self.slug}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """In one transaction with what saving it entails (consent/new_topics.py)."""
        with transaction.atomic():
            super().save(*args, **kwargs)


class TopicChannel(models.Model):
    """The basis on which a topic may be sent over a channel. No row: the topic is not carried there."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="channels")
    channel = models.CharField(max_length=5, choices=Channel)
    basis = models.CharField(max_length=16, choices=Basis)
    grant_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Days after which a grant expires; empty: it does not."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "channel"], name="topic_channel_once")]

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}: {self.basis}"


class Sender(models.Model):
    """An address of ours: what we send from, and the mailboxes that take requests. In normal form."""

    controller = models.ForeignKey(Controller, models.PROTECT, related_name="senders")
    channel = models.CharField(max_length=5, choices=Channel)
    kind = models.CharField(max_length=10, choices=SenderKind)
    address = models.CharField(max_length=320)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="sender_address_once")]

    def __str__(self) -> str:
        return self.address


class ProviderAccount(models.Model):
    """An account at an SMS gateway or mail provider, whose webhooks arrive at `/webhooks/…/{provider}/{endpoint}`."""

    controller = models.ForeignKey(Controller, models.PROTECT, related_name="accounts")
    provider = models.SlugField()
    endpoint = models.SlugField()
    sealed_secrets = models.BinaryField(help_text="Signing secrets, newest first; several are valid at once.")
    sealed_credentials = models.BinaryField(
        null=True, help_text="What calls of its API need: a JSON object of texts (docs/ANSWERS.md)."
    )
    options = models.JSONField(default=dict, blank=True)
    region = models.CharField(max_length=2, blank=True, help_text="Country of numbers written without a country code.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "endpoint"], name="account_endpoint_once")]

    def __str__(self) -> str:
        return f"{self.provider}/{self.endpoint}"


class Configuration(models.Model):
    """One row whose version is raised by a trigger with every change of the tables above and of the API keys.

    A check reads the version with its answer, so that no process ever decides on a configuration of yesterday.
    """

    version = models.BigIntegerField(default=0)
