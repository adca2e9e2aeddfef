"""The ledger and what follows from it: to be read, never to be edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from consent.admin.base import ReadOnlyAdmin, key_link, linked, moment, scope_of
from consent.admin.filters import ArrivedFilter
from consent.models import ConsentEvent, Permission, Suppression
from consent.models.vocabulary import Channel


class _OfKey(ReadOnlyAdmin):
    """A row about a key within a scope."""

    @admin.display(description="contact")
    def contact(self, row: Any) -> SafeString:
        return key_link(row.key)

    @admin.display(description="scope")
    def scope(self, row: Any) -> str:
        return scope_of(row)


@admin.register(ConsentEvent)
class ConsentEventAdmin(_OfKey):
    """The ledger, newest line first."""

    list_display = (
        "seq",
        moment("recorded_at", "recorded"),
        moment("occurred_at", "happened"),
        "action",
        "cause",
        "channel",
        "scope",
        "source",
        "contact",
    )
    list_filter = ("action", "cause", "channel", ArrivedFilter)
    ordering = ("-seq",)
    fields = (
        "seq",
        "action",
        "cause",
        "basis",
        "contact",
        "channel",
        "scope",
        "sender",
        "notice",
        "occurred_at",
        "stamped_at",
        "received_at",
        "recorded_at",
        "expires_at",
        "source",
        "actor",
        "came_of",
        "ordinal",
        "undoes",
        "confirms",
        "carried",
        "evidence",
        "id",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.display(description="came of")
    def came_of(self, event: ConsentEvent) -> SafeString:
        return linked(reverse("admin:consent_inbound_change", args=[event.inbound_id]), str(event.inbound_id))

    @admin.display(description="came along with a move")
    def carried(self, event: ConsentEvent) -> SafeString | str:
        origin = event.carried_from
        return linked(reverse("admin:consent_consentevent_change", args=[origin]), str(origin)) if origin else "–"

    @admin.display(description="SHA-256 of the evidence")
    def evidence(self, event: ConsentEvent) -> str:
        return bytes(event.digest).hex()


class _ChannelFilter(admin.SimpleListFilter):
    """By channel, which the first evidence knows."""

    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Channel.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(event__channel=self.value()) if self.value() in Channel.values else queryset


class _Derived(_OfKey):
    """A suppression or permission. Following it from the ledger is what made it; nothing else may."""

    ordering = ("-id",)
    list_select_related = ("event",)
    list_display_links = None

    @admin.display(description="channel")
    def channel(self, row: Any) -> str:
        return str(row.event.get_channel_display())

    @admin.display(description="first evidence")
    def evidence(self, row: Any) -> SafeString:
        return linked(reverse("admin:consent_consentevent_change", args=[row.event_id]), f"line {row.event.seq}")


@admin.register(Suppression)
class SuppressionAdmin(_Derived):
    list_display = (
        "contact",
        "channel",
        "scope",
        "cause",
        "sender",
        moment("since", "since"),
        moment("until", "until"),
        "evidence",
    )
    list_filter = (_ChannelFilter, "cause")


@admin.register(Permission)
class PermissionAdmin(_Derived):
    list_display = (
        "contact",
        "channel",
        "scope",
        "confirmed",
        "requested",
        moment("since", "since"),
        moment("until", "until"),
        "evidence",
    )
    list_filter = (_ChannelFilter, "confirmed", "requested")
