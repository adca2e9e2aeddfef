"""Errors as RFC 9457 problem details: type, title, status, detail, and `errors[]` that name the field."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"


class FieldError(dict[str, str]):
    """One member of `errors[]`."""

    def __init__(self, pointer: str, code: str, detail: str) -> None:
        super().__init__(pointer=pointer, code=code, detail=detail)


class Problem(Exception):
    """An error to be answered. `errors` name the members at fault by JSON pointer."""

    def __init__(self, status: int, detail: str, errors: Iterable[FieldError] = (), **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return body | {"errors": self.errors} if self.errors else body

    def response(self) -> HttpResponse:
        return HttpResponse(
            orjson.dumps(self.body()), status=self.status, content_type=CONTENT_TYPE, headers=self.headers
        )


def bad_field(pointer: str, code: str, detail: str, status: int = 400) -> Problem:
    """The problem of one member at fault."""
    return Problem(status, f"{pointer or 'body'}: {detail}", [FieldError(pointer, code, detail)])


def problem_of(error: Exception) -> Problem:
    """The problem that an exception amounts to. What nobody foresaw is logged and answered 500, without its text."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "The body is too large.")
    if isinstance(error, SuspiciousOperation):
        return Problem(400, "This request is malformed.")
    if isinstance(error, DatabaseError):
        logger.error("the database failed: %s", type(error).__name__)
        return Problem(503, "The database cannot answer now. Nothing was stored.", Retry_After=_RETRY_SECONDS)
    if isinstance(error, Http404):
        return Problem(404, "There is no such thing here.")
    if isinstance(error, PermissionDenied):
        return Problem(403, "This is not allowed.")
    if isinstance(error, exceptions.APIException):
        return _of_api_exception(error)
    logger.error("unexpected %s", type(error).__name__, exc_info=error)
    return Problem(500, "An unexpected error. It was logged; nothing was decided.")


def _of_api_exception(error: exceptions.APIException) -> Problem:
    if isinstance(error, exceptions.ValidationError):
        errors = list(_field_errors("", error.get_full_details()))
        return Problem(400, "The request has errors.", errors)
    if error.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return Problem(429, str(error.detail), Retry_After="60")
    return Problem(error.status_code, str(error.detail))


def _field_errors(pointer: str, details: Any) -> Iterable[FieldError]:
    """Flatten DRF's tree of errors into JSON pointers."""
    if isinstance(details, dict) and "message" in details and "code" in details:
        yield FieldError(pointer, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _field_errors(pointer if name == "non_field_errors" else f"{pointer}/{name}", inner)
    else:
        leaves = [isinstance(inner, dict) and "message" in inner for inner in details]
        for place, inner in enumerate(details):
            yield from _field_errors(pointer if leaves[place] else f"{pointer}/{place}", inner)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's hook: every error of the API is a problem."""
    problem = problem_of(error)
    return Response(problem.body(), status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers)
