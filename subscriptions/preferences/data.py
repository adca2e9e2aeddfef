"""`/preferences/{token}/data`: its owner gets a copy of their data, to read or as a file. That it was handed out is
on record before it is."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from consent import configuration
from consent.models.rights import Identity, Right
from consent.rights.claim import PAGE, Claim, accept_claim
from consent.rights.copy import Copy
from consent.rights.document import as_file
from consent.whose import subject_of
from subscriptions.preferences.door import Visit, proved
from subscriptions.preferences.look import language_of

ACTOR = "code"


@proved("data")
def data(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """What there is to get; a POST gets it."""
    if request.method != "POST":
        return visit.page(request, "data.html")
    accept_claim(claim_of(request, visit, Right.ACCESS), visit.controller_id, visit.snapshot, source=PAGE, actor=ACTOR)
    copy = Copy(subject_of(visit.controller_id, visit.token.channel, visit.token.key), configuration.current())
    if request.POST.get("format") == "html":
        return visit.page(request, "copy.html", sections=_for_people(copy), made_at=timezone.now())
    return as_file(copy)


data.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def claim_of(request: HttpRequest, visit: Visit, kind: Right) -> Claim:
    """What its owner asks for by a page."""
    token = visit.token
    return Claim(
        kind=kind,
        channel=token.channel,  # type: ignore[arg-type]
        key=token.key.hex(),
        proof=Identity.CODE,
        language=language_of(request),
    )


def _for_people(copy: Copy) -> Iterator[tuple[str, list[list[tuple[str, str]]]]]:
    """The sections with each row as pairs of a name and a text."""
    for name, rows in copy.sections():
        yield name, [[(member, _said(value)) for member, value in row.items() if value is not None] for row in rows]


def _said(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, str | UUID):
        return str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()
