"""Tables as downloads: streamed, never stored by whoever is between."""

import base64
from collections.abc import Iterator

from django.http import StreamingHttpResponse


def csv_download(
    parts: Iterator[bytes], name: str, *, size: int | None = None, digest: bytes | memoryview | None = None
) -> StreamingHttpResponse:
    """A file for download, `name` without its ending. By its size in bytes and its SHA-256 (RFC 9530), where those are
    known, whoever downloads it can see that nothing is missing.
    """
    response = StreamingHttpResponse(parts, content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    if size is not None:
        response["Content-Length"] = str(size)
    if digest is not None:
        response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes(digest)).decode()}:"
    return response
