"""Every page that people see has the headers of all pages, whatever becomes of the request."""

import re
from typing import Any

import pytest
from django.test import Client

from subscriptions.preferences.look import HEADERS, POLICY
from tests.architecture.test_routes import ROUTES, Route
from tests.each import each

# What is for machines, or a package's own.
NO_PAGES = re.compile(r"v1/|webhooks/|admin|docs|openapi\.json|healthz|readyz|metrics|theme/|\.well-known/|\.?embed")
PAGES = [route for route in ROUTES if not NO_PAGES.match(route.path)]


def path_of(route: Route) -> str:
    """With values that lead nowhere."""
    return "/" + re.sub(r"<[^>]+>", "x", route.path)


def answers(route: Route) -> list[Any]:
    client = Client()
    asked = [client.get(path_of(route)), client.post(path_of(route)), client.get(f"{path_of(route)}?lang=ar")]
    return [answer for answer in asked if answer["Content-Type"].startswith("text/html")]


def _list(answer: Any, name: str) -> list[str]:
    return str(answer.get(name, "")).split(", ")


def test_there_are_pages() -> None:
    assert {route.path for route in PAGES} >= {"u/<str:token>", "preferences/<str:token>", "undo/<str:ticket>"}


@pytest.mark.django_db
@each("route", PAGES)
def test_a_page_is_private_and_lets_nothing_in(route: Route) -> None:
    for answer in answers(route):
        missing = {name for name, value in HEADERS.items() if not set(value.split(", ")) <= set(_list(answer, name))}
        assert missing == set()
        directives = dict(one.strip().partition(" ")[::2] for one in answer["Content-Security-Policy"].split(";"))
        assert directives == POLICY


def test_the_policy_lets_in_nothing_but_our_own_files() -> None:
    assert POLICY["default-src"] == POLICY["base-uri"] == POLICY["frame-ancestors"] == "'none'"
    assert set(POLICY.values()) <= {"'none'", "'self'"}
