"""Who asks: a bearer API key, bound to a controller, with scopes. One code for the hot paths and for DRF."""

import threading
from typing import Any, NamedTuple

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from consent import configuration
from consent.configuration import Snapshot
from subscriptions.api.problems import Problem
from subscriptions.models.api_key import ApiKey, digest_of


class Caller(NamedTuple):
    """The system behind a request, and the configuration under which its key was looked up."""

    controller_id: int
    scopes: frozenset[str]
    name: str
    snapshot: Snapshot

    @property
    def is_authenticated(self) -> bool:
        return True


_Keys = dict[bytes, tuple[int, frozenset[str], str]]
_lock = threading.Lock()
_known: tuple[int, _Keys] = (0, {})


def _keys(version: int) -> _Keys:
    """The keys in force, as of a version of the configuration: a revoked key is unknown from the next request on."""
    global _known
    with _lock:
        if _known[0] != version:
            rows = ApiKey.objects.filter(revoked_at=None)
            keys = {bytes(row.digest): (row.controller_id, frozenset(row.scopes), f"key:{row.prefix}") for row in rows}
            _known = (version, keys)
        return _known[1]


def authenticate(request: HttpRequest, scope: str, snapshot: Snapshot | None = None) -> Caller:
    """The caller of a request, by `snapshot` or the newest one.

    Raise `Problem` 401 without a valid key, 403 without the scope.
    """
    # Not `request.headers`: it would read every header to give this one.
    kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Problem(401, "An API key is needed: Authorization: Bearer …", WWW_Authenticate='Bearer realm="sayso"')
    snapshot = snapshot or configuration.current()
    found = _keys(snapshot.version).get(digest_of(token.strip()))
    if found is None:
        raise Problem(401, "This API key is not valid.", WWW_Authenticate='Bearer realm="sayso", error="invalid_token"')
    controller_id, scopes, name = found
    if scope not in scopes:
        raise Problem(403, f"This API key lacks the scope {scope}.")
    return Caller(controller_id, scopes, name, snapshot)


def authenticate_quickly(request: HttpRequest, scope: str) -> Caller:
    """The same by what this process knows, for a view that compares versions when it has its answer."""
    try:
        return authenticate(request, scope, configuration.known())
    except Problem:
        return authenticate(request, scope)


class ApiKeyAuthentication(BaseAuthentication):
    """DRF: the caller is `request.user`. The view names the scope it needs in `required_scope`."""

    def authenticate(self, request: Request) -> tuple[Any, None]:
        view = request.parser_context["view"]
        return authenticate(request._request, view.required_scope), None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="sayso"'


def caller_of(request: Request) -> Caller:
    """The caller of a request that was let through."""
    caller: Any = request.user
    if not isinstance(caller, Caller):
        raise TypeError("the view was reached without a caller")
    return caller


class HasScope(BasePermission):
    """DRF: whoever was authenticated has the view's scope."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, Caller)
