"""API keys: made here, shown once, revoked here. Only their digest is kept."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.admin import widgets
from consent.admin.base import UnfoldAdmin, page
from subscriptions.models.api_key import SCOPES, ApiKey, digest_of, new_token


class ApiKeyForm(forms.ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES], widget=widgets.checkboxes(), help_text="What the key may do."
    )

    class Meta:
        model = ApiKey
        fields = ("controller", "name", "scopes")


@admin.register(ApiKey)
class ApiKeyAdmin(UnfoldAdmin):
    form = ApiKeyForm
    list_display = ("name", "prefix", "controller", "scope_names", "created_at", "revoked_at")
    list_filter = ("controller", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("controller",)
    ordering = ("-created_at",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        made = ("controller", "name", "scopes")
        return ("name", "controller", "prefix", "scope_names", "created_at", "revoked_at") if obj else made

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("controller", "prefix", "scopes", "scope_names", "created_at", "revoked_at") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what a key did is on record under its name

    @admin.display(description="may")
    def scope_names(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if not change:
            obj.token = new_token()  # type: ignore[attr-defined]  # for the one page that shows it, never stored
            obj.prefix, obj.digest = obj.token[:12], digest_of(obj.token)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The one page that shows the key. It is no message, for those wait in a cookie."""
        response = page(self, request, "admin/api_key.html", "The new API key", key=obj, token=obj.token)  # type: ignore[attr-defined]
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        revoked = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        self.message_user(request, f"{revoked} revoked: refused from now on.", messages.SUCCESS)
