"""Notices as staff write them: beside what people will see, on from another version or into another language."""

from typing import Any

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from consent.admin.base import linked, require
from consent.admin.scope import NoticeAdmin
from consent.models import Notice
from subscriptions.admin import preview

admin.site.unregister(Notice)


@admin.register(Notice)
class NoticeWithPreviewAdmin(NoticeAdmin):
    """The room `consent` knows nothing of the pages on which its notices stand."""

    change_form_template = "admin/notice.html"

    def get_list_display(self, request: HttpRequest) -> Any:
        onward = ["onward"] if self.has_add_permission(request) else []
        return [*super().get_list_display(request), *onward]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("preview/", wrap(self.preview), name="consent_notice_preview"), *super().get_urls()]

    @admin.display(description="go on")
    def onward(self, notice: Notice) -> SafeString:
        links = _links(notice)
        ways = linked(links["version"], "new version"), linked(links["language"], "another language")
        return format_html("{} · {}", *ways)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Go on from the notice that the address names: its next version, or the same one in another language."""
        start: dict[str, Any] = {"published_at": timezone.now(), **super().get_changeform_initial_data(request)}
        number = request.GET.get("from", "")
        found = Notice.objects.filter(pk=number).first() if number.isdecimal() else None
        return start | _next(found, into_language=request.GET.get("as") == "language") if found else start

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        notice: Notice | None = kwargs.get("obj")
        onward = _links(notice) if notice and self.has_add_permission(request) else None
        more = {"versions": _versions(notice), "onward": onward}
        return super().render_change_form(request, context | more, *args, **kwargs)

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The text as people see it, in the look of its controller."""
        require(self.has_view_permission(request))
        return preview.notice(request)


def _next(notice: Notice, *, into_language: bool) -> dict[str, Any]:
    """What the form of a new notice begins with."""
    fields = {name: getattr(notice, name) for name in ("controller_id", "topic_id", "slug", "text")}
    start = {name.removesuffix("_id"): value for name, value in fields.items()}
    if into_language:
        return start | {"version": notice.version, "material": notice.material}
    newest = _siblings(notice).aggregate(of=Max("version"))["of"]
    return start | {"version": newest + 1, "language": notice.language}


def _siblings(notice: Notice) -> QuerySet[Notice]:
    return Notice.objects.filter(controller_id=notice.controller_id, slug=notice.slug)


def _versions(notice: Notice | None) -> list[tuple[int, list[Notice]]]:
    """The versions of a notice, the newest first, each with its languages."""
    groups: dict[int, list[Notice]] = {}
    for one in _siblings(notice).order_by("-version", "language") if notice else ():
        groups.setdefault(one.version, []).append(one)
    return list(groups.items())


def _links(notice: Notice) -> dict[str, str]:
    return {way: _onward(notice, way) for way in ("version", "language")}


def _onward(notice: Notice, way: str) -> str:
    return f"{reverse('admin:consent_notice_add')}?{urlencode({'from': str(notice.pk), 'as': way})}"
