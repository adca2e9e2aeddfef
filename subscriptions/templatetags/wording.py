"""`{% say sentence name=… %}`: a translated sentence with names in it, which may run the other way than it does.

`{{ topic|named:page }}`: a topic's name in the language of the page.
"""

from typing import TYPE_CHECKING

from django import template
from django.db import Error as DatabaseProblem
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from consent.configuration import TopicRule
from subscriptions.preferences.texts import words_of

if TYPE_CHECKING:
    from subscriptions.preferences.views import Page

register = template.Library()


@register.simple_tag
def say(sentence: Promise | str, **names: str) -> SafeString:
    """The sentence with each `{name}` in it escaped, and kept to itself (`<bdi>`)."""
    return format_html(str(sentence), **{name: format_html("<bdi>{}</bdi>", value) for name, value in names.items()})


@register.filter
def named(topic: TopicRule, page: "Page") -> str:
    """Its own name where the words cannot be had: what was done is told in any case."""
    try:
        return words_of(page.snapshot, topic.id, get_language() or "").name
    except (KeyError, DatabaseProblem):
        return topic.name
