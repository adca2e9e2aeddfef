"""Requests about people's data: the one that is due first, first. Read it, know who asks, do it or say why not."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from consent import configuration
from consent.admin import rights_form, widgets
from consent.admin.base import ReadOnlyAdmin, key_link, moment, note_access, page, require
from consent.admin.inbound import opened
from consent.admin.told import actor_of
from consent.erasing import StillHeld
from consent.models import RightsRequest
from consent.models.rights import Identity
from consent.normalise.keys import Key
from consent.rights import deciding
from consent.rights.copy import Copy
from consent.rights.deadlines import days_left
from consent.rights.document import as_file
from consent.rights.telling import address_of, is_client

_DO, _CHECK, _REFUSE, _COPY = "do", "check", "refuse", "copy"


class AnswerForm(forms.Form):
    """What staff do with a request."""

    what = forms.ChoiceField(choices=[(one, one) for one in (_DO, _CHECK, _REFUSE)])
    reason = forms.CharField(required=False, max_length=1_000, widget=widgets.lines(3))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("what") == _REFUSE and not cleaned.get("reason"):
            self.add_error("reason", "The person is told why: write it so that they understand it.")
        return cleaned


class _OpenFilter(admin.SimpleListFilter):
    """Open ones, unless asked for the decided ones."""

    title = "decided"
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "decided")]

    def choices(self, changelist: Any) -> Any:
        open_ones, *others = super().choices(changelist)
        return [{**open_ones, "display": "open"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RightsRequest]) -> QuerySet[RightsRequest]:
        if self.value() == "yes":
            return queryset.exclude(state__in=deciding.OPEN).order_by("-id")
        return queryset.filter(state__in=deciding.OPEN)


@admin.register(RightsRequest)
class RightsRequestAdmin(ReadOnlyAdmin):
    """Those that are due first come first."""

    list_display = ("left", "kind", "state", "identity", moment("received_at", "received"), "owner", "contact")
    list_filter = (_OpenFilter, "kind", "proof")
    list_select_related = ("inbound",)
    ordering = ("due_at",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("enter/", wrap(self.enter), name="consent_rightsrequest_enter"),
            path("<uuid:pk>/copy/", wrap(self.copy), name="consent_rightsrequest_copy"),
        ]
        urls: list[URLPattern] = super().get_urls()
        return [*own, *urls]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consent.change_rightsrequest")

    @admin.display(description="days left", ordering="due_at")
    def left(self, row: RightsRequest) -> str:
        return _left(row)

    @admin.display(ordering="proof")
    def identity(self, row: RightsRequest) -> str:
        return row.identity

    @admin.display(description="controller")
    def owner(self, row: RightsRequest) -> str:
        return configuration.recent().controller_names.get(row.controller_id, "")

    @admin.display(description="contact")
    def contact(self, row: RightsRequest) -> SafeString:
        return key_link(row.key)

    def enter(self, request: HttpRequest) -> HttpResponse:
        """A request that came by telephone, in a letter or at the counter."""
        require(request.user.has_perm("consent.add_rightsrequest"))
        return rights_form.enter(self, request)

    def copy(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """The copy of the person's data, for staff to hand out to whom they know."""
        require(self.has_decide_permission(request))
        row = RightsRequest.objects.filter(pk=pk).first()
        if row is None or row.proof == Identity.NONE or request.method != "POST":
            raise Http404
        note_access(request, "the copy of request", str(row.pk))
        return as_file(Copy(deciding.subject(row), configuration.current()))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One request, with what can be done about it."""
        require(self.has_view_permission(request))
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if form.is_bound:
            require(self.has_decide_permission(request))
            if form.is_valid() and _answer(request, row, form.cleaned_data):
                return HttpResponseRedirect(request.path)
        return self._show(request, row, form)

    def _show(self, request: HttpRequest, row: RightsRequest, form: AnswerForm) -> HttpResponse:
        note_access(request, "the request", str(row.pk))
        snapshot = configuration.recent()
        context = opened(row.inbound) | {
            "row": row,
            "left": _left(row),
            "address": address_of(row.channel, Key(row.key)),
            "key": bytes(row.key).hex(),
            "client": is_client(snapshot, row.controller_id),
            "client_contact": snapshot.controller_contacts.get(row.controller_id, ""),
            "form": form,
            "may_decide": row.state in deciding.OPEN and self.has_decide_permission(request),
        }
        return page(self, request, "admin/right.html", "A request about data", **context)


def _left(row: RightsRequest) -> str:
    """How long there is."""
    if row.state not in deciding.OPEN:
        return "–"
    days = days_left(row.due_at, timezone.now())
    return f"{days}" if days >= 0 else f"overdue by {-days}"


def _answer(request: HttpRequest, row: RightsRequest, said: dict[str, Any]) -> bool:
    """Do it; what stands against it is said to the member of staff. Whether the page is done with."""
    try:
        done = _do(row, said, actor_of(request))
    except deciding.AlreadyDecided:
        messages.warning(request, "Somebody decided it before you. Nothing was changed.")
        return True
    except deciding.NotProved:
        messages.error(request, "Nobody has checked yet who asks. Nothing was changed.")
        return True
    except StillHeld:
        messages.error(request, "Something about this person still waits to be decided: do that first.")
        return True
    messages.success(request, done)
    return True


def _do(row: RightsRequest, said: dict[str, Any], actor: str) -> str:
    if said["what"] == _CHECK:
        deciding.check_identity(row.pk, actor)
        return "It is noted that you know who asks."
    if said["what"] == _REFUSE:
        deciding.refuse(row.pk, actor, said["reason"])
        return "Refused. The person is told why."
    deciding.carry_out(row.pk, actor, said["reason"])
    return "Done."
