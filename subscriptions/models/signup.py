"""Sign-up forms: what a controller offers to strangers, with which wording, and who may show the form in a frame."""

from django.core.exceptions import ValidationError
from django.db import models

from consent.models import Controller, Topic
from subscriptions.origins import BadOrigin, origin_of


def check_origins(written: str) -> None:
    """Raise `ValidationError` for a line that is no origin."""
    try:
        read_origins(written)
    except BadOrigin as error:
        raise ValidationError(f"“{error}” is no origin, such as https://www.example.org.") from error


def read_origins(written: str) -> tuple[str, ...]:
    """The origins of a text, one a line. Raise `BadOrigin`."""
    return tuple(origin_of(line.strip()) for line in written.splitlines() if line.strip())


class SignupForm(models.Model):
    """The form at `/subscribe/{controller}`. Without it there is none."""

    controller = models.OneToOneField(Controller, models.CASCADE, db_constraint=False, related_name="signup_form")
    topics = models.ManyToManyField(
        Topic,
        db_constraint=False,
        blank=True,
        related_name="+",
        help_text="What it offers, of what e-mail carries. Empty: all marketing topics.",
    )
    notice_slug = models.TextField("notice", help_text="The wording people agree to: its newest version is shown.")
    embed_origins = models.TextField(
        blank=True,
        validators=[check_origins],
        help_text="Sites that may show the form in a frame or post to it, one origin a line: https://www.example.org",
    )
    thanks = models.TextField(blank=True, help_text="A sentence for the page that says that a message was sent.")

    def __str__(self) -> str:
        return f"/subscribe/{self.controller.slug}"

    @property
    def origins(self) -> tuple[str, ...]:
        return read_origins(self.embed_origins)
