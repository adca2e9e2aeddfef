"""The content security policy of /admin/, and what makes the frame work under it.

The public pages keep the strict policy. The admin's scripts are our own files too, and nothing inline is allowed; but
Alpine.js, on which unfold's menus and filters stand, compiles its attributes with `Function`: so scripts of /admin/ get
'unsafe-eval'. That no text of a stranger can become such an attribute, templates show it within `x-ignore`.
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
            response._csp_replace = _SCRIPTS  # type: ignore[attr-defined]  # read by django-csp
        return response


def frame(request: HttpRequest) -> dict[str, Any]:
    """UNFOLD's GLOBAL_CALLBACK: the colours are in our style sheet, since the policy refuses those of the page."""
    return {"colors": None}
