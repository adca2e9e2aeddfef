"""Every path says who may call it, and the API lets nobody in without a key."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from subscriptions.models.api_key import SCOPES
from tests.each import each

# Paths of packages, which cannot say it themselves. The admin has a login of its own.
KNOWN = {"openapi.json": "public", "docs": "public", "admin": "public, redirects to the login"}
KINDS = ("public", "signature", "token", "api_key:")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VALUES = {
    "event_id": "01a1ffa2-52b8-732b-9398-a6f0a8c9869e",
    "import_id": "01a1ffa2-52b8-732b-9398-a6f0a8c9869e",
    "id": "01a1ffa2-52b8-732b-9398-a6f0a8c9869e",
    "token": "x",
    "external_id": "p-1",
}


class Route(NamedTuple):
    """A path with its view. `converters` are the names of its variable parts."""

    path: str
    view: Any
    converters: tuple[str, ...]


def routes(patterns: Any = None, prefix: str = "") -> Iterator[Route]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield Route(path, pattern.callback, tuple(pattern.pattern.converters))


ROUTES = list(routes())
API = [route for route in ROUTES if route.path.startswith("v1/")]


def authentication(route: Route) -> str | None:
    view_class = getattr(route.view, "cls", None)
    scope = getattr(view_class, "required_scope", None)
    declared = getattr(route.view, "authentication", None)
    return f"api_key:{scope}" if scope else declared or KNOWN.get(route.path)


@each("route", ROUTES)
def test_a_path_declares_its_authentication(route: Route) -> None:
    declared = authentication(route)
    assert declared
    assert declared.startswith(KINDS)


def test_there_are_paths() -> None:
    assert len(API) >= 6
    assert {"healthz", "readyz", "u/<str:token>"} <= {route.path for route in ROUTES}


@each("route", API)
def test_a_path_of_the_api_needs_a_key_with_a_scope_that_exists(route: Route) -> None:
    declared = authentication(route) or ""
    assert declared.removeprefix("api_key:") in SCOPES


@pytest.mark.django_db
@each("route", API)
def test_without_a_key_a_path_of_the_api_answers_401(route: Route) -> None:
    path = "/" + route.path
    for name in route.converters:
        path = path.replace(
            next(part for part in path.split("/") if f":{name}>" in part or part == f"<{name}>"), VALUES[name]
        )
    statuses = set()
    for method in METHODS:
        answer = Client().generic(method, path, json.dumps({}), content_type="application/json")
        statuses.add(answer.status_code)
        assert answer["Content-Type"] == "application/problem+json"
    assert 401 in statuses
    assert statuses <= {401, 405}


def test_a_path_that_is_not_there_is_no_page_of_ours() -> None:
    assert Client().get("/v1/nothing").status_code == 404
