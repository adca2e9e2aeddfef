"""What people read of topics in more languages, beside the topics themselves."""

from django import forms
from django.conf import settings
from django.contrib import admin

from consent.admin import widgets
from consent.admin.base import UnfoldInline
from consent.admin.scope import TopicAdmin
from consent.models import Topic
from subscriptions.models import TopicText


class TopicTextForm(forms.ModelForm[TopicText]):
    """A topic in one more language."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=widgets.select())

    class Meta:
        model = TopicText
        fields = ("language", "name", "description", "frequency")
        widgets = {"name": widgets.line(), "description": widgets.lines(2), "frequency": widgets.line()}


class TopicTextInline(UnfoldInline):
    model = TopicText
    form = TopicTextForm
    extra = 0
    verbose_name = "text"
    verbose_name_plural = "texts in other languages: what is empty is shown as above"


admin.site.unregister(Topic)


@admin.register(Topic)
class TopicWithTextsAdmin(TopicAdmin):
    """The room `consent` knows nothing of this one, whose texts belong to the same form."""

    inlines = (*TopicAdmin.inlines, TopicTextInline)  # type: ignore[assignment]  # an inline is an inline
