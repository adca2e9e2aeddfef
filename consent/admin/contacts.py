"""Find a contact by its exact address, and read its story. The address travels by POST; a path holds only the key."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils import timezone

from consent.addresses import Contact, contact
from consent.admin import fields, widgets
from consent.admin.base import ReadOnlyAdmin, note_access, page, require
from consent.models import ContactPoint
from consent.models.vocabulary import Channel
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.runs import may_still_arrive
from consent.story import contact_of_point, key_names, keys_of, read_story, readable

MAX_ADDRESS_CHARACTERS = 600


class AddressForm(forms.Form):
    """An address in any spelling. Cleaned, it is a `Contact`."""

    channel = forms.ChoiceField(choices=Channel.choices, widget=widgets.select())
    address = forms.CharField(
        max_length=MAX_ADDRESS_CHARACTERS,
        widget=widgets.lines(3),
        help_text="In any spelling. For post: name, street, city and ZIP; without the name it is the household.",
    )
    region = fields.country()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            cleaned["contact"] = read_address(self, "address", cleaned["channel"], cleaned)
        return cleaned


def read_address(form: forms.Form, field: str, channel: str, cleaned: dict[str, Any]) -> Contact | None:
    """The contact of a form's address; what is no address becomes an error at its field."""
    try:
        return contact(channel, cleaned[field], cleaned.get("region", "").upper() or None)
    except InvalidAddress as error:
        form.add_error(field, f"This is no address that could be used: {error.detail.rstrip('.')}.")
        return None


@admin.register(ContactPoint)
class ContactPointAdmin(ReadOnlyAdmin):
    """No list of addresses: who looks for one must know it."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            re_path(r"^$", wrap(self.find), name="consent_contactpoint_changelist"),
            re_path(r"^(?P<key>[0-9a-f]{32})/$", wrap(self.story), name="consent_contactpoint_change"),
        ]

    def find(self, request: HttpRequest) -> HttpResponse:
        """The form, and below it the story of the address that was entered."""
        require(self.has_view_permission(request))
        form = AddressForm(request.POST if request.method == "POST" else None)
        if not form.is_bound or not form.is_valid():
            return page(self, request, "admin/find_contact.html", "Find a contact", form=form)
        found: Contact = form.cleaned_data["contact"]
        return self._tell(request, found.said[0], found)

    def story(self, request: HttpRequest, key: str) -> HttpResponse:
        """The story of a key. Its address is shown if it is kept."""
        require(self.has_view_permission(request))
        wanted = Key(bytes.fromhex(key))
        return self._tell(request, wanted, contact_of_point(ContactPoint.objects.filter(key=wanted).first()))

    def _tell(self, request: HttpRequest, key: Key, found: Contact | None) -> HttpResponse:
        note_access(request, "the contact", key.hex()[:8])
        keys = keys_of(found) if found else (key,)
        may_read = request.user.has_perm("consent.view_inbound")
        story = read_story(keys, found, with_contents=may_read, before=_before(request))
        names = key_names(found)
        context = {
            "story": story,
            "contact": found,
            "address": readable(found.normal) if found else "",
            "key": key.hex(),
            "keys": [(one.hex(), names.get(one, "")) for one in keys],
            "may_read": may_read,
            "still_due": may_still_arrive(None, found.said, timezone.now())
            if found and found.channel == "post"
            else (),
        }
        return page(self, request, "admin/story.html", "The story of a contact", **context)


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["before"])
    except (KeyError, ValueError):
        return None
