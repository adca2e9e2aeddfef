"""Cursors and limits in a request's query."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.request import Request

from subscriptions.api.problems import bad_field

PAGE = 50  # rows

Row = TypeVar("Row", bound=Model)


def newest(request: Request, rows: QuerySet[Row]) -> tuple[list[Row], str | None]:
    """A page of rows, the newest first, and the cursor of the next one. Raise `Problem`."""
    cursor, rows = request.query_params.get("cursor"), rows.order_by("-id")
    found = list((rows.filter(pk__lt=uuid_in(cursor)) if cursor else rows)[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else None


def uuid_in(cursor: str) -> UUID:
    """A cursor that is an id. Raise `Problem`."""
    try:
        return UUID(cursor)
    except ValueError as error:
        raise bad_field("/cursor", "bad_value", "not a cursor of ours") from error


def number_in(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A number in the query. Raise `Problem`."""
    written = request.query_params.get(name) or str(default)
    if not (written.isascii() and written.isdecimal() and len(written) < 20 and least <= int(written) <= most):
        raise bad_field(f"/{name}", "bad_value", f"a number from {least} to {most}")
    return int(written)
