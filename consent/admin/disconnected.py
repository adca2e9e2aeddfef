"""Upload a list of numbers that were permanently disconnected."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from consent import configuration
from consent.admin import fields, widgets
from consent.admin.base import UnfoldAdmin, page, user_id
from consent.configuration import Snapshot
from consent.lists.disconnected_csv import read_disconnected
from consent.lists.importing import Imported, import_disconnected, speaker_for

MAX_BYTES = 1_000_000  # some 40,000 numbers; more of them by the command, which nobody waits for
_SHOWN = 50
EVERY = "*"


class DisconnectedForm(forms.Form):
    """A file, and whose permissions it ends."""

    file = forms.FileField(
        label="File",
        widget=widgets.file(),
        help_text="CSV of number and day; perhaps a register's answer, yes or no.",
    )
    controller = forms.ChoiceField(widget=widgets.select(), label="Whose permissions end")
    region = fields.country("a number has no country code")
    on = forms.DateField(
        required=False, widget=widgets.day(), label="Day", help_text="Of all numbers, where the file names none."
    )

    def __init__(self, data: Any, files: Any, snapshot: Snapshot, *, for_all: bool) -> None:
        super().__init__(data, files)
        choices = sorted(snapshot.controller_names.items())
        every = [(EVERY, "Of every controller")] if for_all else []
        self.fields["controller"].choices = [*((str(number), name) for number, name in choices), *every]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(f"At most {MAX_BYTES:,} bytes. Larger files: manage.py import_disconnected.")
        return file

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on and on > datetime.now(UTC).date():
            raise forms.ValidationError("This has not happened yet.")
        return on


def upload(owner: UnfoldAdmin, request: HttpRequest) -> HttpResponse:
    """The form; once it holds, the list is taken in, and what came of it is shown."""
    posted = request.method == "POST"
    form = DisconnectedForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        configuration.recent(),
        for_all=bool(getattr(request.user, "is_superuser", False)),
    )
    if not form.is_bound or not form.is_valid():
        return page(owner, request, "admin/disconnected_form.html", "Disconnected numbers", form=form)
    imported = _take_in(form, f"staff:{user_id(request)}")
    rows = imported.unreadable[:_SHOWN]
    more = len(imported.unreadable) - len(rows)
    return page(
        owner, request, "admin/disconnected.html", "Disconnected numbers", imported=imported, rows=rows, more=more
    )


def _take_in(form: DisconnectedForm, actor: str) -> Imported:
    told = form.cleaned_data
    everywhere = told["controller"] == EVERY
    owner = speaker_for("") if everywhere else None
    with NamedTemporaryFile(suffix=".csv") as kept:
        for chunk in told["file"].chunks():
            kept.write(chunk)
        kept.flush()
        rows = read_disconnected(Path(kept.name), told["region"].upper(), everywhere=everywhere, on=told["on"])
        return import_disconnected(rows, owner.pk if owner else int(told["controller"]), actor=actor)
