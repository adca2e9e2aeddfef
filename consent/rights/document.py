"""A copy of a person's data as one JSON document, written piece by piece. docs/RIGHTS.md describes it."""

from collections.abc import Iterator
from typing import Any

import orjson
from django.http import StreamingHttpResponse
from django.utils import timezone

from consent.rights.copy import Copy

VERSION = 1


def as_file(copy: Copy) -> StreamingHttpResponse:
    """The document as a file that no cache keeps."""
    slug = copy.snapshot.controllers[copy.subject.controller_id]
    headers = {
        "Content-Disposition": f'attachment; filename="{slug}-{timezone.now():%Y-%m-%d}.json"',
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(written(copy), content_type="application/json", headers=headers)


def written(copy: Copy) -> Iterator[bytes]:
    """The document. One that breaks off is no JSON: nobody takes it for the whole."""
    controller = copy.snapshot.controller_names[copy.subject.controller_id]
    yield _json({"version": VERSION, "controller": controller, "made_at": timezone.now()})[:-1]
    for name, rows in copy.sections():
        yield b',\n"%s": [' % name.encode()
        for place, row in enumerate(rows):
            yield (b",\n" if place else b"\n") + _json(row)
        yield b"]"
    yield b"}\n"


def _json(row: Any) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_UTC_Z)
