"""What the admin's pages have in common: bounded lists, pages of our own, and a note of who opened a person's data."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

from consent import configuration
from consent.story import reach_of

if TYPE_CHECKING:
    UnfoldAdmin = admin.ModelAdmin[Any]
    UnfoldInline = admin.TabularInline[Any, Any]
else:
    from unfold.admin import ModelAdmin as UnfoldAdmin
    from unfold.admin import TabularInline as UnfoldInline  # noqa: F401  (for the modules beside this one)

access_log = logging.getLogger("consent.access")


class StaffAdmin(UnfoldAdmin):
    """A list of a table that may be huge: nothing is counted, and nothing is fetched row by row."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_disable_select_all = True  # it would name a count, and act on more than what is seen


class ReadOnlyAdmin(StaffAdmin):
    """For what nobody may add, change or delete by hand, superusers included."""

    actions: Sequence[str] | None = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def require(allowed: bool) -> None:
    """Raise `PermissionDenied` unless allowed."""
    if not allowed:
        raise PermissionDenied


def page(owner: UnfoldAdmin, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page of our own within the admin's frame."""
    frame = owner.admin_site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, **context})


def note_access(request: HttpRequest, what: str, name: str) -> None:
    """Note who opened a person's data. `name` is a key's beginning or a public id, never the address."""
    access_log.info("user %s opened %s %s", user_id(request), what, name)


def user_id(request: HttpRequest) -> int:
    """The id of the member of staff at work."""
    return int(str(request.user.pk))


def linked(url: str, text: str) -> SafeString:
    """A link in a list or a field."""
    return format_html('<a class="sayso-link" href="{}">{}</a>', url, text)


def key_link(key: bytes) -> SafeString:
    """A link to the story of a key."""
    text = bytes(key).hex()
    return linked(reverse("admin:consent_contactpoint_change", args=[text]), f"{text[:8]}…")


def moment(field: str, description: str) -> Any:
    """A column with a time in UTC, to the second."""

    @admin.display(description=description, ordering=field)
    def column(row: Any) -> str:
        value = getattr(row, field)
        return f"{value:%Y-%m-%d %H:%M:%S}" if value else "–"

    return column


def scope_of(row: Any) -> str:
    """The scope of a ledger line, suppression or permission, in words, without a query a row."""
    return reach_of(configuration.recent(), row)
