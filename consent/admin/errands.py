"""What went out, or did not: the outbox, to be read. And the credentials with which an account's API is called."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from consent import collecting, configuration
from consent.admin import widgets
from consent.admin.base import ReadOnlyAdmin, key_link, linked, moment
from consent.admin.filters import ArrivedFilter
from consent.answers.options import problems
from consent.credentials import credentials_of
from consent.incoming.registry import lacking
from consent.models import Errand, ProviderAccount, Topic
from consent.models.vocabulary import Channel


@admin.register(Errand)
class ErrandAdmin(ReadOnlyAdmin):
    """Nothing of it can be edited, and what is sealed in it is not shown."""

    list_display = (
        moment("made_at", "made"),
        "kind",
        "purpose",
        "state",
        "attempts",
        "error",
        moment("done_at", "settled"),
        "account",
        "contact",
    )
    list_filter = ("state", "kind", "way", ArrivedFilter)
    ordering = ("-id",)
    actions = ("ask_again",)
    fields = (
        *("kind", "purpose", "way", "state", "attempts", "error", "account", "owner", "sender", "contact", "offered"),
        *("made_at", "next_try_at", "give_up_at", "done_at", "gateway_id", "came_of"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Errand]:
        queryset: QuerySet[Errand] = super().get_queryset(request).defer("sealed_payload")
        return queryset

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consent.change_inbound")

    @admin.action(description="Ask again for letters", permissions=["retry"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Errand]) -> None:
        asked = collecting.collect_again(queryset.values_list("pk", flat=True)[:10_000])
        level = messages.SUCCESS if asked else messages.WARNING
        left = "" if asked else " Only letters at a provider that did not come can be asked for again."
        self.message_user(request, f"{asked} will be asked for again.{left}", level)

    @admin.display(description="account")
    def account(self, errand: Errand) -> str:
        return f"{errand.provider}/{errand.endpoint}"

    @admin.display(description="controller")
    def owner(self, errand: Errand) -> str:
        return configuration.recent().controller_names.get(errand.controller_id, "")

    @admin.display(description="contact")
    def contact(self, errand: Errand) -> SafeString | str:
        return key_link(errand.key) if errand.key else "–"

    @admin.display(description="offers to keep")
    def offered(self, errand: Errand) -> str:
        topics = configuration.recent().topics
        known = [topics[int(number)].name for number in errand.topics.split(",") if number and int(number) in topics]
        return ", ".join(known) or "–"

    @admin.display(description="came of")
    def came_of(self, errand: Errand) -> SafeString:
        return linked(reverse("admin:consent_inbound_change", args=[errand.inbound_id]), "what came in")


def credentials_field() -> forms.CharField:
    """What calls of an account's API need: it goes in, and never comes out."""
    return forms.CharField(
        required=False,
        widget=widgets.lines(4),
        help_text="What calls of the provider's API need, one name=value a line (docs/ANSWERS.md and "
        "docs/MAIL_PROVIDERS.md name them). They are sealed and never shown again. What you enter replaces those that "
        "are set. Empty: they stay.",
    )


def read_credentials(written: str) -> dict[str, str]:
    """The credentials that were entered. Raise `ValidationError` naming the line at fault, without its text."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    pairs = [[part.strip() for part in line.partition("=")] for line in lines]
    for place, (name, _, value) in enumerate(pairs, start=1):
        if not name or not value:
            raise ValidationError(f"Line {place} is no name=value.")
    return {name: value for name, _, value in pairs}


def check_credentials_for_mail(form: forms.ModelForm[ProviderAccount], cleaned: dict[str, Any]) -> None:
    """Some of them are a slip; none at all will do for whoever takes no mail from the provider."""
    missing = lacking(cleaned.get("provider", ""), cleaned.get("credentials") or {})
    if cleaned.get("credentials") and missing:
        form.add_error("credentials", f"{cleaned['provider']} needs {', '.join(missing)}")


def check_answers(form: forms.ModelForm[ProviderAccount], cleaned: dict[str, Any]) -> None:
    """Add the errors of how an account's texts are answered to the fields where they can be mended."""
    if not {"options", "provider", "controller"} <= cleaned.keys():
        return
    options = {str(name): str(value) for name, value in cleaned["options"].items()}
    credentials = cleaned.get("credentials") or credentials_of(form.instance)
    topics = Topic.objects.filter(controller=cleaned["controller"], channels__channel=Channel.SMS)
    slugs = set(topics.values_list("slug", flat=True))
    for name, problem in problems(cleaned["provider"], options, credentials=credentials, topics=slugs).items():
        field = "credentials" if name == "credentials" and "credentials" in form.fields else "options"
        form.add_error(field, f"{name}: {problem}")
