"""How a controller shows itself on the pages that people see."""

from django.db import models
from django.db.models import Q

from consent.models import Controller

MAX_LOGO_BYTES = 50_000
LOGO_TYPES = ("image/png", "image/webp")
COLOUR = r"^#[0-9a-f]{6}$"
ACCENT, ACCENT_DARK = "#1f5c4a", "#8fd3b8"


class Theme(models.Model):
    """One controller's colours, logo and postal address. The checks hold whoever writes: colours end up in CSS."""

    controller = models.OneToOneField(Controller, models.CASCADE, db_constraint=False, related_name="theme")
    accent = models.TextField(default=ACCENT, db_default=ACCENT, help_text="Of buttons and links, on a light ground.")
    accent_dark = models.TextField(
        default=ACCENT_DARK, db_default=ACCENT_DARK, help_text="The same for people whose screen is set to dark."
    )
    postal_address = models.TextField(
        blank=True,
        help_text="Where letters reach the sender: in the footer of every page, as laws of many countries ask.",
    )
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.TextField(blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accent__regex=COLOUR) & Q(accent_dark__regex=COLOUR), name="theme_colours"
            ),
            models.CheckConstraint(condition=Q(logo_type__in=("", *LOGO_TYPES)), name="theme_logo_type"),
        ]

    def __str__(self) -> str:
        return f"Theme of {self.controller}"


class ThemeText(models.Model):
    """The controller's own words in one language. What is empty is shown as its own language has it, or left out."""

    theme = models.ForeignKey(Theme, models.CASCADE, db_constraint=False, related_name="texts")
    language = models.TextField(help_text="en, es, pt, ar …")
    name = models.TextField(blank=True, help_text="As people know it, where that is not the controller's name.")
    intro = models.TextField(blank=True, help_text="A sentence or two at the top of the preference page.")
    note = models.TextField(blank=True, help_text="Small print in the footer of every page.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["theme", "language"], name="theme_text_once")]

    def __str__(self) -> str:
        return f"{self.theme} ({self.language})"
