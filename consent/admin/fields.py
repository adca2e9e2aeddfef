"""Form fields that several pages have."""

from django import forms

from consent.admin import widgets


def country(read_for: str = "a number has no country code, or a postal address no country") -> forms.RegexField:
    """The country in which what is written without one is read."""
    return forms.RegexField(
        r"^[A-Za-z]{2}$",
        required=False,
        initial="US",
        widget=widgets.line(maxlength=2, size=2),
        label="Country",
        help_text=f"Two letters. Read where {read_for}.",
    )
