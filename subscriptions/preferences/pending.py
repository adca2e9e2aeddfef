"""A code that was asked for, as the browser that asked carries it: signed, in a cookie and in the form.

Only a form whose request is that of the cookie counts, so that nobody can be lured into finishing another's request,
and no other site's form can try a code (SameSite=Strict).
"""

from datetime import timedelta
from uuid import UUID

import msgspec
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from consent.access.asking import ENTER
from subscriptions.preferences.proof import cookie_name, drop_cookie, set_cookie

FIELD = "request"
_NAME, _SALT = "sayso_code", "sayso.code.request"
_LASTS = timedelta(minutes=30)  # longer than any code: the page itself has to say that one is too old
_MAX_CHARACTERS = 1_000


class Pending(msgspec.Struct, frozen=True):
    """`goal`: the page that was wanted; `link`: the one it was wanted for, empty where none was at hand."""

    request: UUID
    controller_id: int
    channel: str
    purpose: str = ENTER
    goal: str = ""
    link: str = ""


def write(pending: Pending) -> str:
    """Sign it."""
    return signing.dumps(msgspec.to_builtins(pending), salt=_SALT)


def remember(response: HttpResponse, pending: Pending) -> None:
    """Bind a request to this browser."""
    set_cookie(response, _NAME, write(pending), _LASTS, samesite="Strict")


def forget(response: HttpResponse) -> None:
    """The request is done with."""
    drop_cookie(response, _NAME)


def signed(request: HttpRequest) -> str:
    """The browser's request as it carries it; empty if it has none."""
    return request.COOKIES.get(cookie_name(_NAME), "")


def read(request: HttpRequest) -> Pending | None:
    """The browser's request; None if there is none, or an old one, or none that we signed."""
    written = signed(request)
    if not 0 < len(written) <= _MAX_CHARACTERS:
        return None
    try:
        return msgspec.convert(signing.loads(written, salt=_SALT, max_age=_LASTS), Pending)
    except (signing.BadSignature, msgspec.ValidationError):
        return None


def finished(request: HttpRequest) -> Pending | None:
    """The request that a form finishes; None unless the form is of this browser's own request."""
    form = str(request.POST.get(FIELD, ""))
    return read(request) if form and constant_time_compare(form, signed(request)) else None
