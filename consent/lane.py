"""The lanes of machines' requests: past the middleware that is for browsers.

Sessions, CSRF, messages and the check of Host mean nothing to a gateway, a mail provider or a sender's system. They
prove themselves by signature, token or API key, come in bursts, and would pay more for those layers than for what they
ask. Nor is a no by link refused for the Host that somebody's proxy made of it, or for HTTP/1.0, which has none.
"""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from typing import NamedTuple, cast

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.template.response import SimpleTemplateResponse
from django.urls import resolve

Handler = Callable[[HttpRequest], HttpResponseBase]


class Lane(NamedTuple):
    """What lies below a path passes by. `pages`: its answers may be pages, for a browser.

    `uploads`: bodies may be larger than what is read into memory.
    """

    prefix: str
    pages: bool = False
    uploads: bool = False


LANES = (
    Lane("/webhooks/"),
    Lane("/v1/", uploads=True),
    *(Lane(f"/{name}/", pages=True) for name in ("u", "undo", "preferences", "subscribe", "confirm", "theme")),
)

_SHORT = 65_536  # bytes of a body that nobody asks for

# What a machine reads may be opened in a browser too: there it does nothing, stands in no frame and tells no one.
_FOR_MACHINES = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class MachineLanes:
    """Middleware, to stand above all others."""

    def __init__(self, get_response: Handler) -> None:
        self.browsers = get_response
        self.machines = cast("Handler", convert_exception_to_response(_answer))
        # Of the layers for browsers those that write a page's policies. None of them knows a cookie: that of sessions
        # would answer a guessed one with another.
        policies = SecurityMiddleware(XFrameOptionsMiddleware(CSPMiddleware(self.machines)))
        self.pages = cast("Handler", policies)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        lane = lane_of(request)
        if lane is None:
            whole = with_length(request)
            return _ended(whole, self.browsers(whole))
        whole = request if lane.uploads else with_length(request)
        if lane.pages:
            # A page reads more than what is tried again on another connection where a restart of the server left this
            # one dead (consent/db.py): each thread's first page would be a 503.
            connection.close_if_health_check_failed()
            return _ended(whole, _sized(self.pages(whole)))
        response = _ended(whole, _sized(self.machines(whole)))
        for name, value in _FOR_MACHINES.items():
            response.headers[name] = value
        return response


def lane_of(request: HttpRequest) -> Lane | None:
    """The lane that a request takes, if any."""
    path = request.path_info
    return next((lane for lane in LANES if path.startswith(lane.prefix)), None)


def with_length(request: HttpRequest) -> HttpRequest:
    """A request whose body came in chunks, with the length that Django needs to see a body at all.

    A body too large for memory is cut one byte beyond the limit, where Django refuses it.
    """
    if "HTTP_TRANSFER_ENCODING" not in request.META or request.META.get("CONTENT_LENGTH"):
        return request
    try:
        body = request.META["wsgi.input"].read(settings.SAYSO_MAX_BODY_BYTES + 1)
    except OSError:  # the sender hung up
        body = b""
    return WSGIRequest({**request.META, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)})


def _answer(request: HttpRequest) -> HttpResponseBase:
    """As Django's own handler does below its middleware."""
    found = request.resolver_match = resolve(request.path_info)
    response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


def _ended(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The response, with the request's body read to its end if it is short; else it says that the connection ends.

    The server closes a connection on which a body was left, and seldom says so: the next request on it would be lost.
    RFC 9112 §9.3, §9.6.
    """
    is_left = not getattr(request, "_read_started", True) and not response.streaming  # a stream reads while it answers
    length = request.META.get("CONTENT_LENGTH") or ("" if "HTTP_TRANSFER_ENCODING" in request.META else "0")
    if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (is_left and not _is_short(length)):
        response.headers["Connection"] = "close"
    elif is_left and length != "0":
        with suppress(OSError):  # the sender hung up
            request.read(_SHORT)
    return response


def _is_short(length: str) -> bool:
    return length.isdecimal() and int(length[:10]) <= _SHORT


def _sized(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse) and "Content-Length" not in response:
        response.headers["Content-Length"] = str(len(response.content))
    return response
