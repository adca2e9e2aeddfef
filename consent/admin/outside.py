"""Outside lists, their versions and bad rows; staff import a version, and confirm what it drops."""

import csv
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.validators import validate_slug
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from consent import configuration, doorbell
from consent.admin import widgets
from consent.admin.base import ReadOnlyAdmin, StaffAdmin, linked, moment, note_access, page, require, user_id
from consent.admin.contacts import AddressForm
from consent.models import BadRow, ListVersion, OutsideList
from consent.models.vocabulary import VersionState
from consent.outside.ages import age_of
from consent.outside.finishing import CannotConfirm, confirm
from consent.outside.kinds import kinds
from consent.outside.receiving import Given, Refused, receive
from consent.outside.releasing import CannotRelease, release

MAX_UPLOAD_BYTES = 20_000_000  # larger files by the command, or the API
_SHOWN = 50
_VERSIONS = 12


class ListForm(forms.ModelForm[OutsideList]):
    """A list. A new one is what its kind says; what it denies stays as it is."""

    slug = forms.CharField(
        max_length=50, validators=[validate_slug], widget=widgets.line(), help_text="Its short name."
    )
    name = forms.CharField(max_length=200, widget=widgets.line())
    kind = forms.ChoiceField(widget=widgets.select())
    source = forms.CharField(max_length=500, required=False, widget=widgets.lines(2))

    class Meta:
        model = OutsideList
        fields = ("controller", "slug", "name", "kind", "source", "age_days", "retired_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            known = kinds(datetime.now(UTC).date())
            self.fields["kind"].choices = [(slug, kind.name) for slug, kind in sorted(known.items())]  # type: ignore[attr-defined]

    def save(self, commit: bool = True) -> Any:
        if self.instance._state.adding:
            kind = kinds(datetime.now(UTC).date())[self.cleaned_data["kind"]]
            self.instance.channels, self.instance.cause = list(kind.channels), kind.cause
            self.instance.region, self.instance.age_days = kind.region, kind.age_days
            self.instance.source = kind.source
        return super().save(commit)


class UploadForm(forms.Form):
    """The next version."""

    file = forms.FileField(widget=widgets.file(), help_text="CSV or plain lines, perhaps gzip.")
    as_of = forms.DateField(widget=widgets.day(), label="The list's own date")
    partial = forms.BooleanField(required=False, label="It only adds", help_text="What it does not name stays.")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                f"At most {MAX_UPLOAD_BYTES:,} bytes. Larger files: manage.py import_suppressions."
            )
        return file


class ReleaseForm(AddressForm):
    """An entry to be lifted, and why."""

    reason = forms.CharField(max_length=500, widget=widgets.lines(2), help_text="How you know. It is kept, sealed.")


@admin.register(OutsideList)
class OutsideListAdmin(StaffAdmin):
    """Lists are retired, never deleted: their lines in the ledger name them."""

    form = ListForm
    list_display = ("name", "slug", "owner", "kind", "cause", "newest", "age", "imports")
    list_filter = ("kind", "cause", "controller")
    ordering = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("controller", "slug", "name", "kind")
        fixed = ("controller", "slug", "kind", "channels", "cause", "topic", "region")
        return ("name", *fixed, "source", "age_days", "retired_at", "age", "versions", "imports")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("controller", "slug", "kind", "channels", "cause", "topic", "region", "age", "versions", "imports")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        upload = path("<int:list_id>/import/", wrap(self.upload), name="consent_outsidelist_import")
        release_one = path("<int:list_id>/release/", wrap(self.release), name="consent_outsidelist_release")
        return [upload, release_one, *super().get_urls()]

    @admin.display(description="whose")
    def owner(self, of: OutsideList) -> str:
        return configuration.recent().controller_names.get(of.controller_id or 0, "everyone's")

    @admin.display(description="newest version")
    def newest(self, of: OutsideList) -> SafeString | str:
        version = of.versions.order_by("-number").first()
        return _version_link(version) if version else "–"

    @admin.display(description="age")
    def age(self, of: OutsideList) -> str:
        found = None if of.retired_at else age_of(of)
        if found is None:
            return "retired" if of.retired_at else "does not age, or has no version yet"
        words = f"{found.days_left} days left" if not found.expired else f"too old for {-found.days_left} days"
        return f"of {found.as_of}: {words}"

    @admin.display(description="versions")
    def versions(self, of: OutsideList) -> SafeString:
        newest = of.versions.order_by("-number")[:_VERSIONS]
        return format_html_join(SafeString("<br>"), "{}", ((_version_link(version),) for version in newest))

    @admin.display(description="")
    def imports(self, of: OutsideList) -> SafeString:
        upload = reverse("admin:consent_outsidelist_import", args=[of.pk])
        off = reverse("admin:consent_outsidelist_release", args=[of.pk])
        return format_html("{}<br>{}", linked(upload, "import the next version"), linked(off, "take somebody off it"))

    def upload(self, request: HttpRequest, list_id: int) -> HttpResponse:
        """The form; once it holds, the file is kept and worked off."""
        require(self.has_change_permission(request))
        of = get_object_or_404(OutsideList, pk=list_id)
        form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        version = _received(form, of, f"staff:{user_id(request)}") if form.is_bound and form.is_valid() else None
        if version is None:
            return page(self, request, "admin/list_form.html", f"The next version of {of.name}", form=form, list=of)
        return HttpResponseRedirect(_version_url(version))

    def release(self, request: HttpRequest, list_id: int) -> HttpResponse:
        """Lift one entry, with a reason."""
        require(self.has_change_permission(request))
        of = get_object_or_404(OutsideList, pk=list_id)
        form = ReleaseForm(request.POST if request.method == "POST" else None)
        if not (form.is_bound and form.is_valid() and _released(form, of, f"staff:{user_id(request)}")):
            return page(self, request, "admin/list_release.html", f"Take somebody off {of.name}", form=form, list=of)
        note_access(request, "and lifted an entry of the list", str(of.pk))
        self.message_user(request, "Lifted, for this list alone.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:consent_outsidelist_change", args=[of.pk]))


def _released(form: ReleaseForm, of: OutsideList, by: str) -> bool:
    told = form.cleaned_data
    try:
        release(of, told["contact"], told["address"], told["reason"], by)
    except CannotRelease as error:
        form.add_error("address", str(error))
        return False
    return True


def _received(form: UploadForm, of: OutsideList, actor: str) -> ListVersion | None:
    told = form.cleaned_data
    given = Given(told["file"].name or "", actor, told["as_of"], partial=told["partial"], most=5 * MAX_UPLOAD_BYTES)
    try:
        return receive(told["file"].file, of, given).version
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, f"{error.field}: {error.detail}")
        return None


def _version_url(version: ListVersion) -> str:
    return reverse("admin:consent_listversion_change", args=[version.pk])


def _version_link(version: ListVersion) -> SafeString:
    return linked(_version_url(version), f"{version.number} of {version.as_of}: {version.get_state_display()}")


@admin.register(ListVersion)
class ListVersionAdmin(ReadOnlyAdmin):
    """What became of each file."""

    list_display = ("outside_list", "number", "as_of", "state", "rows", "added", "kept", "dropped", "bad", "actor",
                    moment("received_at", "received"))  # fmt: skip
    list_filter = ("state", "outside_list")
    list_select_related = ("outside_list",)
    ordering = ("-id",)

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consent.change_outsidelist")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListVersion]:
        queryset: QuerySet[ListVersion] = super().get_queryset(request).select_related("outside_list")
        return queryset

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:version_id>/bad-rows.csv", wrap(self.bad_rows), name="consent_listversion_bad_rows"),
            path("<uuid:version_id>/confirm/", wrap(self.confirm), name="consent_listversion_confirm"),
            path("<uuid:version_id>/change/", wrap(self.version), name="consent_listversion_change"),
            *super().get_urls(),
        ]

    def version(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """One version: its counts, and the rows that could not be read."""
        require(self.has_view_permission(request))
        version = get_object_or_404(ListVersion.objects.select_related("outside_list"), pk=version_id)
        rows = BadRow.objects.filter(version=version).order_by("id")[:_SHOWN]
        waits = version.state == VersionState.WAITING
        shown = {"version": version, "rows": rows, "waits": waits, "may_confirm": self.has_confirm_permission(request)}
        return page(self, request, "admin/list_version.html", str(version), **shown)

    def bad_rows(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """The rows that could not be read, as a CSV. It repeats nothing of them."""
        require(self.has_view_permission(request))
        version = get_object_or_404(ListVersion, pk=version_id)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="bad-rows-{version.pk}.csv"'
        rows = BadRow.objects.filter(version=version).order_by("id").values_list("line", "field", "code", "detail")
        csv.writer(response).writerows([("line", "field", "code", "detail"), *rows])
        return response

    def confirm(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Let a version drop what it no longer names."""
        require(self.has_confirm_permission(request))
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = get_object_or_404(ListVersion, pk=version_id)
        try:
            confirm(version, f"staff:{user_id(request)}")
        except CannotConfirm as error:
            self.message_user(request, f"{error}.", messages.WARNING)
        else:
            note_access(request, "and confirmed the list version", str(version.pk))
            doorbell.ring_imports()
            self.message_user(request, "Confirmed: what it no longer names is being lifted.", messages.SUCCESS)
        return HttpResponseRedirect(_version_url(version))
