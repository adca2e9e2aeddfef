"""What is said where no view answers: a page for people, a problem for machines. Neither tells what exists.

Django calls these (config/urls.py): for a path that is not there, a request that nobody can read, something that is not
allowed, a form that no page of ours sent, and an error that nobody foresaw. None of them asks the database.
"""

import logging

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from consent.lane import lane_of
from subscriptions.api.problems import Problem, problem_of
from subscriptions.preferences.look import private, show

logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. The exception names what was looked for, and is not shown."""
    return _answer(request, problem_of(Http404()), "preferences/no_page.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 or 413: too many fields, a host that is not ours, a body too large."""
    too_big = isinstance(exception, RequestDataTooBig)
    return _answer(request, problem_of(RequestDataTooBig() if too_big else SuspiciousOperation()), _UNREADABLE)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _answer(request, problem_of(PermissionDenied()), "preferences/not_allowed.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token of our pages."""
    return _answer(request, problem_of(PermissionDenied()), "preferences/stale.html")


def failed(request: HttpRequest) -> HttpResponse:
    """500. Django has logged the error."""
    return _answer(request, Problem(500, "An unexpected error. Nothing is known to be stored."), _FAILED)


_UNREADABLE, _FAILED = "preferences/unreadable.html", "preferences/try_again.html"


def _answer(request: HttpRequest, problem: Problem, template: str) -> HttpResponse:
    lane = lane_of(request)
    if lane is not None and not lane.pages:
        return problem.response()
    try:
        return show(request, template, {}, status=problem.status)
    except Exception as error:
        # What made the request fail, such as too many fields, may make its page fail too.
        logger.warning("an error could not be shown as a page: %s", type(error).__name__)
        return private(HttpResponse(f"{problem.detail}\n", status=problem.status, content_type="text/plain"))
