"""Enter a request about data that came by telephone, in a letter or at the counter."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from consent import configuration
from consent.addresses import Contact
from consent.admin import fields, widgets
from consent.admin.base import UnfoldAdmin, page
from consent.admin.contacts import MAX_ADDRESS_CHARACTERS, read_address
from consent.admin.told import HOW, actor_of
from consent.configuration import Snapshot
from consent.models.rights import Identity, Right
from consent.models.vocabulary import Channel
from consent.rights.claim import STAFF, Claim, accept_claim


class EnterForm(forms.Form):
    """Who asks whom for what. Cleaned, `contact` is the address."""

    about = forms.ChoiceField(widget=widgets.select(), label="At")
    kind = forms.ChoiceField(choices=Right.choices, widget=widgets.radio(), label="What they ask for")
    channel = forms.ChoiceField(choices=Channel.choices, widget=widgets.select())
    address = forms.CharField(
        max_length=MAX_ADDRESS_CHARACTERS,
        widget=widgets.lines(3),
        help_text="An address of theirs that we have. For post: name, street, city and ZIP.",
    )
    region = fields.country()
    how = forms.ChoiceField(choices=HOW, initial="letter", widget=widgets.radio(), label="How it came")
    received_at = forms.DateTimeField(widget=widgets.moment(), label="When it reached us", help_text="In UTC.")
    checked = forms.BooleanField(
        required=False, label="I have checked who asks", help_text="Without this nothing is handed out or erased."
    )
    note = forms.CharField(
        max_length=2_000,
        widget=widgets.lines(4),
        label="Note",
        help_text="In which words, and how you know who it is. It is kept sealed, and erased with the person's data.",
    )
    form_id = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, data: Any, snapshot: Snapshot) -> None:
        now = timezone.now().replace(second=0, microsecond=0)
        super().__init__(data, initial={"received_at": now, "form_id": uuid4()})
        names = sorted(snapshot.controller_names.items())
        self.fields["about"].choices = [(str(number), name) for number, name in names]  # type: ignore[attr-defined]

    def clean_received_at(self) -> Any:
        received_at = self.cleaned_data["received_at"]
        if received_at > timezone.now() + timedelta(minutes=5):
            raise forms.ValidationError("This has not happened yet.")
        return received_at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            cleaned["contact"] = read_address(self, "address", cleaned["channel"], cleaned)
        return cleaned


def enter(owner: UnfoldAdmin, request: HttpRequest) -> HttpResponse:
    """The form; once it holds, the request is kept."""
    snapshot = configuration.recent()
    form = EnterForm(request.POST if request.method == "POST" else None, snapshot)
    if not form.is_bound or not form.is_valid():
        return page(owner, request, "admin/right_form.html", "Enter a request about data", form=form)
    said = form.cleaned_data
    accept_claim(
        _claim(said),
        int(said["about"]),
        snapshot,
        source=STAFF,
        actor=actor_of(request),
        same=(str(said["form_id"]),),
    )
    messages.success(request, "It is kept. It is in the list within moments.")
    return HttpResponseRedirect(reverse("admin:consent_rightsrequest_changelist"))


def _claim(said: dict[str, Any]) -> Claim:
    found: Contact = said["contact"]
    return Claim(
        kind=Right(said["kind"]),
        channel=said["channel"],
        key=found.said[0].hex(),
        proof=Identity.STAFF if said["checked"] else Identity.NONE,
        address=said["address"] if said["channel"] == Channel.POST else found.normal,
        how=said["how"],
        note=said["note"],
        received_at=said["received_at"],
    )
