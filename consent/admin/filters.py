"""Filters of lists that may be huge: their choices never come from reading the table."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consent.interpret import INTERPRETERS
from consent.unknown_events import first_id_at

_PERIODS = {"hour": ("the last hour", timedelta(hours=1)), "day": ("the last 24 hours", timedelta(days=1))} | {
    str(days): (f"the last {days} days", timedelta(days=days)) for days in (7, 30, 90)
}


class ArrivedFilter(admin.SimpleListFilter):
    """By the time of arrival, through the primary key."""

    title = "arrived"
    parameter_name = "arrived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, words) for name, (words, _) in _PERIODS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = _PERIODS.get(self.value() or "")
        return queryset.filter(pk__gte=first_id_at(timezone.now() - chosen[1])) if chosen else queryset


class SourceFilter(admin.SimpleListFilter):
    """By the kind of source: the part before the colon."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, name) for name in INTERPRETERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in INTERPRETERS:
            return queryset
        return queryset.filter(source__startswith=self.value())
