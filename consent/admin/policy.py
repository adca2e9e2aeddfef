"""The policies of /admin/ that its pages state to the browser, and what makes the frame work under it.

The public pages keep the strict policy. The admin's scripts are our own files too, and nothing inline is allowed; but
Alpine.js, on which unfold's menus and filters stand, compiles its attributes with `Function`: so scripts of /admin/ get
'unsafe-eval'. That no text of a stranger can become such an attribute, templates show it within `x-ignore`.

The public pages send no referrer, for their paths hold tokens. Under that policy a browser also hides the origin of a
form (`Origin: null`), which the check against forged requests refuses. The admin's paths hold no secret: within our own
origin they may be told.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

ADMIN = "/admin/"
_SCRIPTS = {"script-src": ["'self'", "'unsafe-eval'"]}


class AdminPolicy:
    """Middleware, to stand below `csp.middleware.CSPMiddleware`, which writes the header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(ADMIN):
            response["Referrer-Policy"] = "same-origin"
            response._csp_replace = _SCRIPTS  # type: ignore[attr-defined]  # read by django-csp
        return response


def frame(request: HttpRequest) -> dict[str, Any]:
    """UNFOLD's GLOBAL_CALLBACK: the colours are in our style sheet, since the policy refuses those of the page."""
    return {"colors": None}
