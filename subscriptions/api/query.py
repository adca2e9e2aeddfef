"""What the plain views read from a query. Whatever is not known is refused: a misspelt filter must not be no filter."""

from collections.abc import Iterable

from django.http import HttpRequest

from subscriptions.api.problems import bad_field

CHANNELS = ("email", "sms", "post")


def require_known(request: HttpRequest, *names: str) -> None:
    """Raise `Problem` for a parameter that is none of `names`, or that is given twice."""
    for name, values in request.GET.lists():
        if name not in names:
            raise bad_field(f"/{name}", "unknown_member", "no such parameter")
        if len(values) > 1:
            raise bad_field(f"/{name}", "duplicate_key", "this parameter is given twice")


def text(request: HttpRequest, name: str, default: str = "") -> str:
    """A parameter as it was given."""
    return request.GET.get(name) or default


def choice(request: HttpRequest, name: str, among: Iterable[str], default: str = "") -> str:
    """One of some words, or the default. Raise `Problem`."""
    given = text(request, name, default)
    if given != default and given not in among:
        raise bad_field(f"/{name}", "unknown_value", f"one of: {', '.join(among)}")
    return given


def number(request: HttpRequest, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds, or the default. Raise `Problem`."""
    written = text(request, name, str(default))
    if not (written.isascii() and written.isdecimal() and len(written) < 19 and least <= int(written) <= most):
        raise bad_field(f"/{name}", "bad_value", f"a number from {least} to {most}")
    return int(written)
