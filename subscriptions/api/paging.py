"""Cursors and limits in a request's query."""

from uuid import UUID

from rest_framework.request import Request

from subscriptions.api.problems import bad_field


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
