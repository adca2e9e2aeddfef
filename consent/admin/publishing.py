"""Notices are drafts until somebody publishes them, having seen how many permissions then need new consent."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import notices
from consent.admin.base import UnfoldAdmin, page
from consent.models import Notice

_WRITTEN = ("controller", "topic", "slug", "version", "language", "text")


class Publishing(UnfoldAdmin):
    """What the page of notices needs for that. A published wording stays as people saw it."""

    actions = ("publish", "count")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*_WRITTEN, "material") if obj is None or obj.draft else (*_WRITTEN, "published_at", "material")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None or obj.draft else (*_WRITTEN, "published_at")

    def save_model(self, request: HttpRequest, obj: Notice, form: Any, change: bool) -> None:
        if not change:
            obj.draft, obj.published_at = True, timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description="published", boolean=True)
    def is_published(self, notice: Notice) -> bool:
        return not notice.draft

    @admin.action(description="Publish…", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Notice]) -> HttpResponse | None:
        """Show what it does; and do it, once that was confirmed."""
        drafts = list(queryset.filter(draft=True).order_by("controller", "slug", "version", "language"))
        if not drafts:
            self.message_user(request, "All of these are published.", messages.WARNING)
            return None
        if request.POST.get("confirmed") != "yes":
            rows = [(draft, notices.resting_on_older(draft) if draft.material else None) for draft in drafts]
            return page(self, request, "admin/publish_notices.html", "Publish notices", rows=rows)
        now = timezone.now()
        done = queryset.filter(draft=True).update(draft=False, published_at=now)
        self.message_user(request, f"{done} published: shown from now on, and never changed again.", messages.SUCCESS)
        return None

    @admin.action(description="Who needs new consent?", permissions=["view"])
    def count(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        """Say how many permissions rest on an older version of each."""
        for notice in queryset.order_by("controller", "slug", "version", "language"):
            count = notices.resting_on_older(notice)
            need = "need new consent" if notice.material else "rest on an older version, which goes on counting"
            when = "" if not notice.draft or not notice.material else " once it is published"
            self.message_user(request, f"{notice}: {count} permissions {need}{when}.", messages.INFO)
