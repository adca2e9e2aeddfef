"""What is said where no view answers: a page for people, problem details for machines, and nothing of what exists."""

from typing import Any

import pytest
from django.test import Client

from subscriptions.preferences.look import HEADERS, POLICY, policy
from tests.each import each
from tests.subscriptions.person import make_ann, text_of

MANY = {f"x{number}": "" for number in range(2_000)}


def assert_page(answer: Any, status: int, heading: str, **headers: str) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{heading}</h1>" in answer.content.decode()
    assert {name: answer[name] for name in HEADERS} == HEADERS | headers
    assert answer["Content-Security-Policy"] == policy(POLICY)


@pytest.mark.parametrize("path", ["/", "/nothing", "/preferences/a/b/c", "/u/a/b", "/theme/x/y"])
@pytest.mark.django_db
def test_an_unknown_path_is_a_page_in_the_browsers_language(path: str) -> None:
    client = Client()
    assert_page(client.get(path), 404, "There is no page here")
    assert_page(client.get(path, headers={"accept-language": "de"}), 404, "Hier gibt es keine Seite")
    assert_page(client.post(path), 404, "There is no page here")


@pytest.mark.django_db
def test_a_link_of_ours_with_more_behind_it_reads_like_one_of_nobodys() -> None:
    ann, client = make_ann(), Client()
    known, unknown = client.get(f"{ann.path()}/x"), client.get("/preferences/x/x")
    assert text_of(known.content.decode()) == text_of(unknown.content.decode())
    assert "Acme" not in known.content.decode()


@each("method", ["GET", "POST", "DELETE"])
@each("path", ["/v1/nothing", "/v1/people/a/b/c", "/webhooks/sms/generic"])
def test_machines_get_a_problem(path: str, method: str) -> None:
    answer = Client().generic(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["status"] == 404
    assert path not in answer.content.decode()


def test_a_form_of_no_page_of_ours_is_told_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    assert_page(answer, 403, "Please try again", **{"Referrer-Policy": "same-origin"})  # as all of the admin


def test_a_request_that_makes_its_own_page_fail_is_answered_in_words() -> None:
    query = "&".join(MANY)
    answer = Client().get(f"/nothing?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain")
    assert answer.content == b"There is no such thing here.\n"


def test_a_host_that_is_not_ours_is_a_bad_request(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["sayso.example"]
    assert_page(Client().get("/admin/", headers={"host": "evil.example"}), 400, "This request cannot be read")


@pytest.mark.django_db
def test_an_error_that_nobody_foresaw_tells_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("subscriptions.preferences.page_views.page_of", broken)
    monkeypatch.setattr("subscriptions.preferences.page_views.read_token", str)
    answer = Client(raise_request_exception=False).get("/preferences/x")
    assert_page(answer, 500, "Please try again")
    assert b"secret" not in answer.content
