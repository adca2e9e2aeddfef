"""`{% say sentence name=… %}`: a translated sentence with names in it, which may run the other way than it does."""

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def say(sentence: Promise | str, **names: str) -> SafeString:
    """The sentence with each `{name}` in it escaped, and kept to itself (`<bdi>`)."""
    return format_html(str(sentence), **{name: format_html("<bdi>{}</bdi>", value) for name, value in names.items()})
