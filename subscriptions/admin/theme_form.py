"""What may be set in a theme: colours that can be read, and logos that are what they say."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from consent.admin import widgets
from subscriptions.models import Theme, ThemeText
from subscriptions.models.theme import COLOUR, MAX_LOGO_BYTES
from subscriptions.preferences.colours import DARK, LIGHT, Scheme, least_contrast

LEAST_CONTRAST = 4.5  # WCAG 2.2 SC 1.4.3
_PNG, _RIFF, _WEBP = b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"


def logo_type(content: bytes) -> str:
    """The type of an image by its first bytes, or an empty text. SVG is none of them: it may hold scripts."""
    if content.startswith(_PNG):
        return "image/png"
    return "image/webp" if content.startswith(_RIFF) and content[8:12] == _WEBP else ""


def colour(label: str, help_text: str) -> forms.RegexField:
    return forms.RegexField(COLOUR, label=label, widget=widgets.colour(), help_text=help_text)


class ThemeForm(forms.ModelForm[Theme]):
    """A theme. Its logo goes in as a file."""

    accent = colour("Colour", "Of buttons and links.")
    accent_dark = colour("Colour in the dark", "The same on the screens of people who set them to dark: a pale one.")
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        widget=widgets.file(),
        help_text=f"PNG or WebP, at most {MAX_LOGO_BYTES:,} bytes, best twice the 40 pixels high that it is shown.",
    )
    without_logo = forms.BooleanField(label="Take the logo away", required=False, widget=widgets.checkbox())

    class Meta:
        model = Theme
        fields = ("controller", "accent", "accent_dark", "postal_address")
        widgets = {"postal_address": widgets.lines(4)}

    def clean_accent(self) -> str:
        return _readable(self.cleaned_data["accent"], LIGHT, "darker")

    def clean_accent_dark(self) -> str:
        return _readable(self.cleaned_data["accent_dark"], DARK, "lighter")

    def clean_logo_file(self) -> bytes | None:
        file: UploadedFile[Any] | None = self.cleaned_data["logo_file"]
        if file is None:
            return None
        if (file.size or 0) > MAX_LOGO_BYTES:
            raise ValidationError(f"It has {file.size:,} bytes; at most {MAX_LOGO_BYTES:,} keep the pages quick.")
        content: bytes = file.read()
        if not logo_type(content):
            raise ValidationError("It is neither PNG nor WebP. SVG is not taken, for it may hold scripts.")
        return content

    def save(self, commit: bool = True) -> Any:
        logo = self.cleaned_data["logo_file"]
        if logo or self.cleaned_data["without_logo"]:
            self.instance.logo, self.instance.logo_type = logo, logo_type(logo or b"")
        return super().save(commit)


def _readable(accent: str, scheme: Scheme, way: str) -> str:
    ratio = least_contrast(accent, scheme)
    if ratio < LEAST_CONTRAST:
        raise ValidationError(
            f"Too little contrast to be read: {ratio:.1f} to 1, and at least {LEAST_CONTRAST} to 1 is needed. "
            f"Take a {way} one."
        )
    return accent


class ThemeTextForm(forms.ModelForm[ThemeText]):
    """The texts in one language."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=widgets.select())

    class Meta:
        model = ThemeText
        fields = ("language", "name", "intro", "note")
        widgets = {"name": widgets.line(), "intro": widgets.lines(2), "note": widgets.lines(2)}
