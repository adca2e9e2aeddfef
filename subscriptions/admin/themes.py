"""Themes of the pages, with the pages beside them as one types."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from consent.admin.base import UnfoldAdmin, UnfoldInline, require
from subscriptions.admin import preview
from subscriptions.admin.theme_form import ThemeForm, ThemeTextForm
from subscriptions.models import Theme, ThemeText


class ThemeTextInline(UnfoldInline):
    model = ThemeText
    form = ThemeTextForm
    extra = 0
    verbose_name = "text"
    verbose_name_plural = "texts, a row for each language"


@admin.register(Theme)
class ThemeAdmin(UnfoldAdmin):
    form = ThemeForm
    inlines = (ThemeTextInline,)
    list_display = ("controller", "accent", "accent_dark", "logo_kind", "languages")
    list_select_related = ("controller",)
    ordering = ("controller",)
    change_form_template = "admin/theme.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("texts")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = ("controller", "accent", "accent_dark", "postal_address", "logo_file")
        may_edit = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may_edit:
            return (*fields[:-1], "logo_kind")
        return (*fields, "without_logo") if obj and obj.logo_type else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("controller", "logo_kind") if obj else ("logo_kind",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("preview/", wrap(self.preview), name="subscriptions_theme_preview"),
            path("preview.css", wrap(self.preview_style), name="subscriptions_theme_preview_style"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, context | {"preview": preview.choices()}, *args, **kwargs)

    def preview(self, request: HttpRequest) -> HttpResponse:
        """A page of the controller in the look that the form has at this moment."""
        require(self.has_view_permission(request))
        return preview.page(request)

    def preview_style(self, request: HttpRequest) -> HttpResponse:
        """Its colours: a page holds no style of its own."""
        require(self.has_view_permission(request))
        return preview.style(request)

    @admin.display(description="logo")
    def logo_kind(self, theme: Theme) -> str:
        return theme.logo_type or "none"

    @admin.display(description="texts in")
    def languages(self, theme: Theme) -> str:
        return ", ".join(sorted(text.language for text in theme.texts.all())) or "–"
