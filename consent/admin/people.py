"""People: their addresses by time, and where they moved. Who looks for one knows the controller's id of them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from consent import configuration
from consent.admin.base import ReadOnlyAdmin, linked, moment, note_access, page, require
from consent.models import Person
from consent.moves.people import Address, Moved, addresses, moves_of, name_of
from consent.story import readable


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """Names and addresses are sealed: they stand on a person's own page, and no list can be searched for them."""

    list_display = ("person", "owner", moment("created_at", "known since"), "same_as")
    list_display_links = None
    search_fields = ("=external_id",)
    search_help_text = "The controller's own id of the person, in full."
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        queryset: QuerySet[Person] = super().get_queryset(request).select_related("merged_into").defer("sealed_name")
        return queryset

    def get_urls(self) -> list[URLPattern]:
        shown = path("<uuid:pk>/change/", self.admin_site.admin_view(self.show), name="consent_person_change")
        urls: list[URLPattern] = super().get_urls()
        return [shown, *(url for url in urls if url.name != "consent_person_change")]

    @admin.display(description="person")
    def person(self, person: Person) -> SafeString:
        return linked(reverse("admin:consent_person_change", args=[person.pk]), person.external_id)

    @admin.display(description="controller")
    def owner(self, person: Person) -> str:
        return configuration.recent().controller_names.get(person.controller_id, "")

    @admin.display(description="turned out to be")
    def same_as(self, person: Person) -> SafeString | str:
        return self.person(person.merged_into) if person.merged_into else "–"

    def show(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """A person's page. It notes who looked."""
        require(self.has_view_permission(request))
        person = Person.objects.select_related("merged_into").filter(pk=pk).first()
        if person is None:
            raise Http404
        note_access(request, "the person", str(person.pk))
        known = addresses(person.pk)
        context = {
            "person": person,
            "name": name_of(person),
            "controller": self.owner(person),
            "addresses": [_address(one) for one in known],
            "moves": [_move(one) for one in moves_of(person.controller_id, [one.key for one in known])],
        }
        return page(self, request, "admin/person.html", "A person", **context)


def _address(one: Address) -> dict[str, Any]:
    text = "erased" if one.erased else readable(one.contact.normal)
    return {"channel": one.channel, "text": text, "key": one.key.hex(), "since": one.since, "until": one.until}


def _move(one: Moved) -> dict[str, Any]:
    return {"move": one, "old": one.old_key.hex(), "new": one.new_key.hex()}
