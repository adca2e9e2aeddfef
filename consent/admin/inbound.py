"""What came in: the list, one inbound opened, trying again what was set aside, and entering what somebody told us."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from consent import configuration, doorbell
from consent.admin import disconnected, told
from consent.admin.base import ReadOnlyAdmin, moment, note_access, page, require
from consent.admin.filters import ArrivedFilter, SourceFilter
from consent.contents import contents_of
from consent.models import ConsentEvent, Errand, Hold, Inbound, Review
from consent.models.vocabulary import InboundState
from consent.normalise.keys import Key
from consent.sequels import answered, decided
from consent.story import addresses_of, line_of
from consent.unknown_events import MOST, first_id_at, unknown_events

_LINES = 200
_UNKNOWN_DAYS = 30


@admin.register(Inbound)
class InboundAdmin(ReadOnlyAdmin):
    """Nothing of it can be edited. To add one is to enter what somebody told us."""

    list_display = (
        moment("received_at", "received"),
        "source",
        "channel",
        "owner",
        "state",
        "outcome",
        "rule",
        "attempts",
        "error",
    )
    list_filter = ("state", SourceFilter, "controller", ArrivedFilter)
    list_before_template = "admin/inbound_hint.html"
    ordering = ("-id",)
    actions = ("retry",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inbound]:
        queryset: QuerySet[Inbound] = super().get_queryset(request).defer("sealed_raw")
        return queryset

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("consent.add_inbound")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consent.change_inbound")

    @admin.display(description="controller")
    def owner(self, inbound: Inbound) -> str:
        return configuration.recent().controller_names.get(inbound.controller_id, "")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("unknown/", wrap(self.unknown), name="consent_inbound_unknown"),
            path("told/", wrap(self.told), name="consent_inbound_told"),
            path("disconnected/", wrap(self.disconnected), name="consent_inbound_disconnected"),
            path("<uuid:inbound_id>/retry/", wrap(self.retry_one), name="consent_inbound_retry"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One inbound opened."""
        require(self.has_view_permission(request))
        inbound = get_object_or_404(Inbound, pk=_uuid(object_id))
        note_access(request, "the inbound", str(inbound.pk))
        context = opened(inbound) | {"may_retry": self._may_retry(request, inbound)}
        return page(self, request, "admin/inbound.html", "What came in", **context)

    def _may_retry(self, request: HttpRequest, inbound: Inbound) -> bool:
        return inbound.state == InboundState.SET_ASIDE and self.has_retry_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Enter what somebody told us."""
        require(self.has_add_permission(request))
        return told.enter(self, request)

    def disconnected(self, request: HttpRequest) -> HttpResponse:
        """Upload numbers that were disconnected."""
        require(self.has_add_permission(request))
        return disconnected.upload(self, request)

    def told(self, request: HttpRequest) -> HttpResponse:
        """What is denied because of it."""
        require(self.has_add_permission(request))
        return told.show(self, request)

    def unknown(self, request: HttpRequest) -> HttpResponse:
        """Events that changed nothing, counted by account and name."""
        require(self.has_view_permission(request))
        since = first_id_at(timezone.now() - timedelta(days=_UNKNOWN_DAYS))
        shown = {"events": unknown_events(since)[:_LINES], "days": _UNKNOWN_DAYS, "most": MOST}
        return page(self, request, "admin/unknown_events.html", "Unknown events", **shown)

    @admin.action(description="Try again", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Inbound]) -> None:
        tried = try_again(queryset)
        left = "" if tried else " Only what was set aside can be tried again."
        level = messages.SUCCESS if tried else messages.WARNING
        self.message_user(request, f"{tried} will be tried again.{left}", level)

    def retry_one(self, request: HttpRequest, inbound_id: UUID) -> HttpResponse:
        require(self.has_retry_permission(request))
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self.retry(request, Inbound.objects.filter(pk=inbound_id))
        return HttpResponseRedirect(reverse("admin:consent_inbound_change", args=[inbound_id]))


def try_again(queryset: QuerySet[Inbound]) -> int:
    """Give what was set aside back to the pipeline. It was held all the while, and is until it has been worked off."""
    with transaction.atomic():
        ids = list(queryset.order_by().values_list("pk", flat=True)[:10_000])
        tried = Inbound.objects.filter(pk__in=ids, state=InboundState.SET_ASIDE).update(
            state=InboundState.PENDING, attempts=0, next_try_at=timezone.now(), lease=None
        )
        if tried:
            transaction.on_commit(doorbell.ring, robust=True)
    return tried


def opened(inbound: Inbound) -> dict[str, Any]:
    """An inbound's content and effect, for a page."""
    snapshot = configuration.recent()
    lines = ConsentEvent.objects.filter(inbound=inbound).order_by("seq")[:_LINES]
    held = [Key(key) for key in Hold.objects.filter(inbound=inbound).values_list("key", flat=True)[:_LINES]]
    known = addresses_of(held)
    return {
        "inbound": inbound,
        "controller": snapshot.controller_names.get(inbound.controller_id, ""),
        "contents": contents_of(inbound),
        "lines": [line_of(snapshot, line) for line in lines],
        "held": [(key.hex(), known.get(key, "")) for key in dict.fromkeys(held)],
        "answers": [answered(row) for row in Errand.objects.filter(inbound=inbound).defer("sealed_payload")],
        "reviews": [decided(row) for row in Review.objects.filter(inbound=inbound).select_related("decided_by")],
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
