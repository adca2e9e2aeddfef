"""Mail runs, to be read: their state, their counts, what must be pulled, and the files for the mail house."""

from collections.abc import Iterator
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
from consent.models import MailRun
from consent.models.mail_run import RunState
from consent.runs.files import result_parts
from consent.runs.recalls import AT_ONCE, MOST_LOOKED_AT, can_be_asked, count_recalls, is_recallable, recalls_csv
from consent.runs.stamp import stamp_of


@admin.register(MailRun)
class MailRunAdmin(ReadOnlyAdmin):
    """Runs are made by the API or the command; here they are looked at."""

    list_display = (
        *("name", "owner", "subject", "state", "drop_on", "arrives_until", "allowed", "denied", "pulled"),
        moment("created_at", "made"),
    )
    list_filter = ("state",)
    ordering = ("-id",)
    fields = (
        *(
            "name",
            "owner",
            "subject",
            "state",
            "error",
            "cut_off",
            "drop_on",
            "arrives_until",
            "created_by",
            "created_at",
        ),
        *("done_rows", "allowed", "denied", "reasons", "lines_without_address", "stamp", "to_be_pulled", "files"),
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        ours = [
            path(f"<uuid:run_id>/{what}.csv", wrap(self.download), {"what": what}, name=f"consent_mailrun_{what}")
            for what in ("result", "recalls")
        ]
        return [*ours, *super().get_urls()]

    def download(self, request: HttpRequest, run_id: UUID, what: str) -> StreamingHttpResponse:
        """The scrubbed rows, or the pieces to be pulled. Who took them is noted."""
        require(self.has_view_permission(request))
        run = MailRun.objects.filter(pk=run_id, state=RunState.READY, emptied_at=None).first()
        if run is None or (what == "recalls" and not can_be_asked(run)):
            raise Http404
        note_access(request, f"the {what} of the mail run", str(run_id))
        parts: Iterator[bytes] = result_parts(run.pk) if what == "result" else recalls_csv(run)
        return csv_download(parts, f"mail-run-{run.pk}-{what}")

    @admin.display(description="controller")
    def owner(self, run: MailRun) -> str:
        return configuration.recent().controller_names.get(run.controller_id, "")

    @admin.display(description="topic")
    def subject(self, run: MailRun) -> str:
        topic = configuration.recent().topics.get(run.topic_id)
        return topic.name if topic else "–"

    @admin.display(description="allowed")
    def allowed(self, run: MailRun) -> str:
        return f"{run.counts.get('allowed', 0):,}"

    @admin.display(description="denied")
    def denied(self, run: MailRun) -> str:
        return f"{run.counts.get('denied', 0):,}"

    @admin.display(description="by reason")
    def reasons(self, run: MailRun) -> str:
        return ", ".join(f"{reason} {count:,}" for reason, count in sorted(run.counts.get("by_reason", {}).items()))

    @admin.display(description="lines without an address")
    def lines_without_address(self, run: MailRun) -> str:
        return ", ".join(str(line) for line in run.unreadable) or "–"

    @admin.display(description="stamp")
    def stamp(self, run: MailRun) -> SafeString | str:
        said: dict[str, Any] = stamp_of(run) or {}
        shown = [(name, value) for name, value in said.items() if name not in ("run", "counts")]
        return format_html_join("", "<div>{}: <code>{}</code></div>", shown) or "–"

    @admin.display(description="to be pulled")
    def to_be_pulled(self, run: MailRun) -> str:
        if run.state != RunState.READY or run.emptied_at:
            return "–"
        shown = f"{_recalls(run, MOST_LOOKED_AT)} as of now"
        return shown if is_recallable(run) else f"{shown}; the drop date has come, and they may arrive"

    @admin.display(description="to be pulled")
    def pulled(self, run: MailRun) -> str:
        """In the list only for runs that are not dropped yet: there are few of them."""
        wanted = run.state == RunState.READY and not run.emptied_at and is_recallable(run)
        return _recalls(run, AT_ONCE) if wanted else "–"

    @admin.display(description="files")
    def files(self, run: MailRun) -> SafeString | str:
        if run.state != RunState.READY or run.emptied_at:
            return "–"
        names = (("result", "the rows with their verdicts"), ("recalls", "the pieces to be pulled"))
        links = [(linked(reverse(f"admin:consent_mailrun_{what}", args=[run.pk]), text),) for what, text in names]
        return format_html_join("", "<div>{}</div>", links)


def _recalls(run: MailRun, most: int) -> str:
    if not can_be_asked(run):
        return "all: its topic is gone"
    count, all_of_them = count_recalls(run, most)
    return f"{count:,}" if all_of_them else f"{count:,} or more"
