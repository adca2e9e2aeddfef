"""Failures that count towards the policy, to be read: which addresses are on their way to be called dead."""

from django.contrib import admin
from django.utils.safestring import SafeString

from consent import configuration
from consent.admin.base import ReadOnlyAdmin, key_link, moment
from consent.models import CountedBounce


@admin.register(CountedBounce)
class CountedBounceAdmin(ReadOnlyAdmin):
    """A row for an address and a day; it goes when the policy is met, or the address shows that it lives."""

    list_display = ("contact", "owner", "day", "times", "proved", moment("last_at", "last"))
    list_filter = ("proved",)
    ordering = ("-id",)
    fields = ("contact", "owner", "day", "times", "proved", "last_at")
    readonly_fields = fields

    @admin.display(description="contact")
    def contact(self, counted: CountedBounce) -> SafeString:
        return key_link(counted.key)

    @admin.display(description="controller")
    def owner(self, counted: CountedBounce) -> str:
        return configuration.recent().controller_names.get(counted.controller_id, "")
