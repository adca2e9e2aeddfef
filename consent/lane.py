"""The lane of the gateways' posts: past the middleware that is for browsers.

Sessions, CSRF, messages and page policies mean nothing to an SMS gateway, whose posts come in bursts and prove
themselves by signature; they would cost each of them more than its signature does.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve

GATEWAYS = "/webhooks/sms/"


class GatewayLane:
    """Middleware, to stand above all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(GATEWAYS):
            return self.get_response(request)
        found = resolve(request.path_info)
        response: HttpResponse = found.func(request, *found.args, **found.kwargs)
        response["Content-Length"] = str(len(response.content))
        response["X-Content-Type-Options"] = "nosniff"
        return response
