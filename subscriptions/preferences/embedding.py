"""Pages that other sites may show in a frame: those that a controller names, and no page but the sign-up form."""

from collections.abc import Sequence
from typing import cast

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt


def may_be_framed(response: HttpResponse, origins: Sequence[str]) -> HttpResponse:
    """Let pages of these origins show a response in a frame. Without any, nobody may, as everywhere."""
    if not origins:
        return response
    # X-Frame-Options knows no list; every browser in use reads the policy's directive instead (CSP 3 §6.4.2.2).
    allowing = csp_replace({"frame-ancestors": list(origins)})(xframe_options_exempt(lambda _: response))
    return cast(HttpResponse, allowing(HttpRequest()))
