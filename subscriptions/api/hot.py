"""The hot paths are plain views: this wraps one in what DRF would give it, authentication and problem details."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from subscriptions.api.auth import Caller, authenticate
from subscriptions.api.problems import Problem, problem_of

Handler = Callable[..., HttpResponseBase]  # of the request, the caller, and what the path names
View = Callable[..., HttpResponseBase]


def hot(
    method: str, scope: str, caller_of: Callable[[HttpRequest, str], Caller] = authenticate
) -> Callable[[Handler], View]:
    """Make a view of a handler: one method, an API key with the scope, no cookies and so no CSRF."""

    def decorate(handler: Handler) -> View:
        @csrf_exempt
        @wraps(handler)
        def view(request: HttpRequest, **captured: Any) -> HttpResponseBase:
            try:
                if request.method != method:
                    raise Problem(405, f"Only {method} here.", Allow=method)
                return handler(request, caller_of(request, scope), **captured)
            except Exception as error:
                return problem_of(error).response()

        view.authentication = f"api_key:{scope}"  # type: ignore[attr-defined]  # read by the architecture test
        return view

    return decorate


def by_method(authentication: str, **views: View) -> View:
    """One path of several views, by the method: `GET=…, POST=…`. `authentication`: what one of them asks for."""
    *others, last = views
    only = f"Only {', '.join(others)} and {last} here."

    @csrf_exempt
    def view(request: HttpRequest, **captured: Any) -> HttpResponseBase:
        chosen = views.get(request.method or "")
        if chosen is None:
            return Problem(405, only, Allow=", ".join(views)).response()
        return chosen(request, **captured)

    view.authentication = authentication  # type: ignore[attr-defined]  # read by the architecture test
    return view


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """A JSON answer; datetimes as RFC 3339 in UTC, UUIDs as text."""
    content = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return HttpResponse(content, status=status, content_type="application/json", headers=headers)
