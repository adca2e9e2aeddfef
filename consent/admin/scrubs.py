"""Scrubs, to be read: how far they have come, their counts, their receipt and their result."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from consent import configuration
from consent.admin.base import ReadOnlyAdmin, linked, moment, note_access, require
from consent.downloads import csv_download
from consent.models import Scrub
from consent.models.scrub import ScrubState
from consent.scrubs.progress import progress_of
from consent.scrubs.receipts import receipt_of
from consent.scrubs.results import result_parts


@admin.register(Scrub)
class ScrubAdmin(ReadOnlyAdmin):
    """Scrubs are made by the API or the command; here they are looked at."""

    list_display = (
        *("name", "owner", "channel", "subject", "state", "progress", "allowed", "denied"),
        *(moment("created_at", "made"), moment("expires_at", "expires")),
    )
    list_filter = ("state", "channel")
    ordering = ("-id",)
    fields = (
        *("name", "owner", "channel", "subject", "state", "error", "progress", "created_by", "created_at"),
        *("allowed", "denied", "reasons", "lines_without_address", "receipt", "expires_at", "files"),
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        ours = path(
            "<uuid:scrub_id>/result.csv", self.admin_site.admin_view(self.download), name="consent_scrub_result"
        )
        return [ours, *super().get_urls()]

    def download(self, request: HttpRequest, scrub_id: UUID) -> StreamingHttpResponse:
        """The rows with their verdicts. Who took them is noted."""
        require(self.has_view_permission(request))
        scrub = Scrub.objects.filter(pk=scrub_id, state=ScrubState.READY, emptied_at=None).first()
        if scrub is None:
            raise Http404
        note_access(request, "the result of the scrub", str(scrub_id))
        name = f"scrub-{scrub.pk}"
        return csv_download(result_parts(scrub), name, size=scrub.result_bytes, digest=scrub.result_digest)

    @admin.display(description="file")
    def name(self, scrub: Scrub) -> str:
        return str(scrub)

    @admin.display(description="controller")
    def owner(self, scrub: Scrub) -> str:
        return configuration.recent().controller_names.get(scrub.controller_id, "")

    @admin.display(description="topic")
    def subject(self, scrub: Scrub) -> str:
        topic = configuration.recent().topics.get(scrub.topic_id)
        return topic.name if topic else "–"

    @admin.display(description="progress")
    def progress(self, scrub: Scrub) -> str:
        so_far = progress_of(scrub)
        part = so_far.bytes_done / so_far.of_bytes if so_far.of_bytes else 1.0
        shown = f"{part:.0%}, {so_far.rows_done:,} rows"
        if so_far.rate is None or so_far.seconds_left is None:
            return shown
        minutes, seconds = divmod(round(so_far.seconds_left), 60)
        return f"{shown}, {so_far.rate:,} a second, {minutes}:{seconds:02d} left"

    @admin.display(description="allowed")
    def allowed(self, scrub: Scrub) -> str:
        return f"{scrub.counts.get('allowed', 0):,}"

    @admin.display(description="denied")
    def denied(self, scrub: Scrub) -> str:
        return f"{scrub.counts.get('denied', 0):,}"

    @admin.display(description="by reason")
    def reasons(self, scrub: Scrub) -> str:
        return ", ".join(f"{reason} {count:,}" for reason, count in sorted(scrub.counts.get("by_reason", {}).items()))

    @admin.display(description="lines without an address")
    def lines_without_address(self, scrub: Scrub) -> str:
        return ", ".join(str(line) for line in scrub.unreadable) or "–"

    @admin.display(description="receipt")
    def receipt(self, scrub: Scrub) -> SafeString | str:
        said: dict[str, Any] = receipt_of(scrub) or {}
        shown = [(name, value) for name, value in said.items() if name not in ("scrub", "counts", "position")]
        shown += list(said.get("position", {}).items())
        return format_html_join("", "<div>{}: <code>{}</code></div>", shown) or "–"

    @admin.display(description="files")
    def files(self, scrub: Scrub) -> SafeString | str:
        if scrub.state != ScrubState.READY or scrub.emptied_at:
            return "–"
        return linked(reverse("admin:consent_scrub_result", args=[scrub.pk]), "the rows with their verdicts")
