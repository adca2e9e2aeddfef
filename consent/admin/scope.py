"""Controllers, topics, senders, notices and accounts: what the organisation has set up."""

from typing import Any

import msgspec
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from consent import vault
from consent.admin import widgets
from consent.admin.base import UnfoldAdmin, UnfoldInline
from consent.admin.errands import check_answers, check_credentials_for_mail, credentials_field, read_credentials
from consent.admin.publishing import Publishing
from consent.configuration import CREDENTIALS_PURPOSE, SECRETS_PURPOSE
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.options import described, problems
from consent.intake.registry import PROVIDERS
from consent.models import Controller, Notice, ProviderAccount, Sender, Topic, TopicChannel
from consent.models.vocabulary import Channel
from consent.normalise.email import normalise_email
from consent.normalise.errors import InvalidAddress
from consent.numbers import our_number


class _Kept(UnfoldAdmin):
    """What lines of the ledger refer to: it may be renamed, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Controller)
class ControllerAdmin(_Kept):
    list_display = ("name", "slug", "kind", "contact")
    list_filter = ("kind",)
    search_fields = ("name", "slug")
    ordering = ("name",)


class TopicForm(forms.ModelForm[Topic]):
    """A topic. One that brings the same less often is of the same controller, or was never heard of there."""

    class Meta:
        model = Topic
        fields = ("controller", "slug", "name", "description", "frequency", "topic_class", "fewer", "position")
        widgets = {"name": widgets.line(), "description": widgets.lines(2), "frequency": widgets.line()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "fewer" in self.fields:
            others = Topic.objects.filter(controller_id=self.instance.controller_id).exclude(pk=self.instance.pk)
            self.fields["fewer"].queryset = others.select_related("controller")  # type: ignore[attr-defined]


class TopicChannelInline(UnfoldInline):
    model = TopicChannel
    extra = 0
    max_num = len(Channel)


@admin.register(Topic)
class TopicAdmin(_Kept):
    form = TopicForm
    list_display = ("name", "slug", "controller", "topic_class", "carried", "frequency")
    list_filter = ("controller", "topic_class")
    list_select_related = ("controller",)
    search_fields = ("name", "slug")
    ordering = ("controller", "position", "id")
    inlines = (TopicChannelInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("channels")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("controller",) if obj else ()  # what was said to one controller is not for another

    @admin.display(description="carried by")
    def carried(self, topic: Topic) -> str:
        return ", ".join(f"{row.get_channel_display()} ({row.basis})" for row in topic.channels.all()) or "no channel"


class SenderForm(forms.ModelForm[Sender]):
    """An address of ours, brought into its normal form."""

    class Meta:
        model = Sender
        fields = ("controller", "channel", "kind", "address")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        channel, address = cleaned.get("channel"), cleaned.get("address")
        if channel and address:
            try:
                cleaned["address"] = _normal_sender(channel, address)
            except InvalidAddress as error:
                raise ValidationError({"address": error.detail}) from error
        return cleaned


def _normal_sender(channel: str, address: str) -> str:
    if channel == Channel.EMAIL:
        return normalise_email(address)
    return our_number(address) if channel == Channel.SMS else " ".join(address.split())


@admin.register(Sender)
class SenderAdmin(UnfoldAdmin):
    form = SenderForm
    list_display = ("address", "channel", "kind", "controller")
    list_filter = ("channel", "kind", "controller")
    list_select_related = ("controller",)
    ordering = ("controller", "channel", "address")


@admin.register(Notice)
class NoticeAdmin(Publishing, _Kept):
    """A wording that people saw is evidence: a new wording is a new version."""

    list_display = ("slug", "version", "language", "controller", "topic", "is_published", "published_at", "material")
    list_filter = ("controller", "language", "material")
    list_select_related = ("controller", "topic__controller")
    ordering = ("controller", "slug", "-version", "language")


class ProviderAccountForm(forms.ModelForm[ProviderAccount]):
    """An account. Its secrets and credentials go in, and never come out."""

    provider = forms.ChoiceField(
        choices=[(name, name) for name in sorted({*PROVIDERS, *MAIL_PROVIDERS})], widget=widgets.select()
    )
    secrets = forms.CharField(
        required=False,
        widget=widgets.lines(3),
        help_text="Signing secrets, one a line, the newest first. They are sealed and never shown again. What you "
        "enter replaces those that are set: to change one without a gap, enter the new and the old. Empty: they stay.",
    )

    credentials = credentials_field()

    class Meta:
        model = ProviderAccount
        fields = ("controller", "provider", "endpoint", "region", "options")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "options" in self.fields and self.instance.provider:
            lines = described(self.instance.provider).splitlines()
            self.fields["options"].help_text = format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))
        if "secrets" in self.fields:
            self.fields["secrets"].required = self.instance._state.adding

    def clean_options(self) -> dict[str, Any]:
        options = self.cleaned_data["options"]
        if not isinstance(options, dict):
            raise ValidationError("A JSON object, such as {}.")
        if wrong := problems(self.cleaned_data.get("provider", ""), options):
            raise ValidationError(wrong)
        return options

    def clean_secrets(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["secrets"].splitlines() if line.strip()]

    def clean_credentials(self) -> dict[str, str]:
        return read_credentials(self.cleaned_data["credentials"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        check_answers(self, cleaned)
        check_credentials_for_mail(self, cleaned)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        secrets = self.cleaned_data["secrets"]
        if secrets:
            self.instance.sealed_secrets = vault.seal(SECRETS_PURPOSE, msgspec.json.encode(secrets))
        credentials = self.cleaned_data["credentials"]
        if credentials:
            self.instance.sealed_credentials = vault.seal(CREDENTIALS_PURPOSE, msgspec.json.encode(credentials))
        return super().save(commit)


@admin.register(ProviderAccount)
class ProviderAccountAdmin(UnfoldAdmin):
    form = ProviderAccountForm
    list_display = ("__str__", "controller", "region")
    list_filter = ("provider", "controller")
    list_select_related = ("controller",)
    ordering = ("provider", "endpoint")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = ("controller", "provider", "endpoint", "region", "options")
        may_edit = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return (*shown, "secrets", "credentials") if may_edit else shown
