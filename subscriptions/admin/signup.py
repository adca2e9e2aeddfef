"""Sign-up forms: what strangers may ask for, with which wording, and within whose pages."""

from typing import Any

from django import forms
from django.contrib import admin

from consent.admin.base import UnfoldAdmin
from subscriptions.models import SignupForm


class SignupFormForm(forms.ModelForm[SignupForm]):
    class Meta:
        model = SignupForm
        fields = ("controller", "topics", "notice_slug", "embed_origins", "thanks")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        controller, topics = cleaned.get("controller"), cleaned.get("topics") or ()
        if controller and any(topic.controller_id != controller.pk for topic in topics):
            raise forms.ValidationError({"topics": "A form offers topics of its own controller."})
        if controller and not controller.notices.filter(slug=cleaned.get("notice_slug")).exists():
            raise forms.ValidationError({"notice_slug": "This controller has no such notice."})
        return cleaned


@admin.register(SignupForm)
class SignupFormAdmin(UnfoldAdmin):
    """What strangers may ask for at `/subscribe/{controller}`."""

    form = SignupFormForm
    list_display = ("controller", "notice_slug", "embed_origins")
    list_select_related = ("controller",)
    ordering = ("controller",)
    filter_horizontal = ("topics",)
