"""A run's files as responses: streamed, never stored by whoever is between."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from consent.models import MailRun


def csv_download(run: MailRun, parts: Iterator[bytes], what: str) -> StreamingHttpResponse:
    """A file for download. `what` becomes part of its name."""
    response = StreamingHttpResponse(parts, content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="mail-run-{run.pk}-{what}.csv"'
    response["Cache-Control"] = "no-store"
    return response
