"""What people read of a topic, in languages other than its controller's own."""

from django.db import models

from consent.models import Topic


class TopicText(models.Model):
    """A topic in one more language. What is empty is shown as the topic itself has it."""

    topic = models.ForeignKey(Topic, models.CASCADE, db_constraint=False, related_name="texts")
    language = models.TextField(help_text="es, pt, ar …")
    name = models.TextField(blank=True)
    description = models.TextField(blank=True, help_text="What it brings, in a sentence.")
    frequency = models.TextField(blank=True, help_text="How often it comes.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "language"], name="topic_text_once")]

    def __str__(self) -> str:
        return f"{self.topic} ({self.language})"
