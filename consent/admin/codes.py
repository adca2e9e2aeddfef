"""How many codes were asked for, sent and used: numbers alone, no list of who asked."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from consent import configuration, db
from consent.access.codes import MOST_TRIES
from consent.admin.base import ReadOnlyAdmin, page, require
from consent.models import AccessCode

_WINDOWS = (("The last hour", timedelta(hours=1)), ("The last day", timedelta(days=1)), ("30 days", timedelta(days=30)))
_COUNTS = """
SELECT controller_id, channel, count(*), count(code_mac), count(used_at), count(*) FILTER (WHERE tries >= %s)
FROM consent_accesscode WHERE made_at > %s GROUP BY controller_id, channel ORDER BY controller_id, channel
"""


@admin.register(AccessCode)
class AccessCodeAdmin(ReadOnlyAdmin):
    """Counts by controller and channel."""

    def get_urls(self) -> list[URLPattern]:
        return [path("", self.admin_site.admin_view(self.counts), name="consent_accesscode_changelist")]

    def counts(self, request: HttpRequest) -> HttpResponse:
        require(self.has_view_permission(request))
        windows = [(name, _rows(length)) for name, length in _WINDOWS]
        return page(self, request, "admin/codes.html", "Codes asked for", windows=windows)


def _rows(length: timedelta) -> list[tuple[Any, ...]]:
    names = configuration.recent().controller_names
    rows = db.fetch(_COUNTS, [MOST_TRIES, timezone.now() - length])
    return [(names.get(row[0], ""), *row[1:]) for row in rows]
