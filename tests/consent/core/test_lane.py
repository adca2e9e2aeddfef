"""Machines' requests pass by the middleware for browsers; everything else does not. Pages keep their policies."""

import hashlib
import hmac
import json

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from consent.models import Inbound
from tests.consent.core.doors import generic, in_chunks
from tests.consent.core.example import ACME_NUMBER, GENERIC_SECRET, Organisation
from tests.each import each

pytestmark = pytest.mark.django_db
NUMBER = "+14155550134"


def test_a_gateway_is_answered_without_cookies_and_whatever_host_it_names(organisation: Organisation) -> None:
    client = Client(SERVER_NAME="any.host.example", enforce_csrf_checks=True)
    client.cookies["sessionid"] = "of somebody"
    answer = generic(client, NUMBER, "STOP")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer
    assert (answer["X-Content-Type-Options"], answer["Content-Length"]) == ("nosniff", str(len(answer.content)))
    assert Inbound.objects.count() == 1


@each(
    ("method", "path", "status"),
    [
        ("get", "/webhooks/sms/generic/acme", 405),
        ("post", "/webhooks/sms/generic/nobody", 403),
        ("post", "/webhooks/sms/nobody/acme", 403),
        ("post", "/webhooks/sms/generic/acme/more", 404),
        ("post", "/webhooks/sms/", 404),
        ("post", "/webhooks/sms/generic/%00", 404),
        ("post", "/webhooks/sms/../../admin/", 404),
    ],
)
def test_what_is_no_webhook_gets_its_answer_in_the_lane_too(
    organisation: Organisation, method: str, path: str, status: int
) -> None:
    assert getattr(Client(), method)(path).status_code == status
    assert not Inbound.objects.exists()


@each("path", ["/admin/", "/webhook", "/healthz", "/preferences", "/v1", "/u"])
def test_everything_else_keeps_its_middleware(path: str) -> None:
    answer = Client().get(path)
    assert "'self'" in answer["Content-Security-Policy"]
    assert (answer["X-Frame-Options"], answer["Referrer-Policy"]) == (
        "DENY",
        "same-origin" if path == "/admin/" else "no-referrer",
    )
    assert Client(SERVER_NAME="any.host.example").get(path).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/check", 401), ("/v1/imports", 401), ("/v1/nothing", 404), ("/webhooks/email/nobody/tracking", 404)],
)
def test_what_a_machine_is_answered_does_nothing_in_a_browser(path: str, status: int) -> None:
    client = Client(SERVER_NAME="any.host.example", enforce_csrf_checks=True)
    client.cookies["sessionid"] = "of somebody"
    answer = client.post(path, {}, "application/json")
    assert answer.status_code == status
    assert (answer["X-Content-Type-Options"], answer["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["Content-Length"] == str(len(answer.content))
    assert not answer.cookies
    assert "Vary" not in answer or "Cookie" not in answer["Vary"]


@each("method", ["get", "post"])
@each(("path", "beside"), [("/u/x", "/preferences/x"), ("/undo/x", "/preferences/x"), ("/u/x/y", "/x")])
def test_a_page_in_a_lane_has_the_policies_of_pages_and_no_cookie(path: str, beside: str, method: str) -> None:
    client = Client(SERVER_NAME="any.host.example", enforce_csrf_checks=True)
    client.cookies["sessionid"] = "guessed"
    in_the_lane, beside_it = getattr(client, method)(path), Client().get(beside)
    assert (in_the_lane.status_code, beside_it.status_code) == (404, 404)
    assert not in_the_lane.cookies
    for name in ("X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options", "Cross-Origin-Opener-Policy"):
        assert in_the_lane[name] == beside_it[name]
    own, usual = (answer["Content-Security-Policy"].split("; ") for answer in (in_the_lane, beside_it))
    assert set(own) == set(usual)
    assert in_the_lane["Content-Length"] == str(len(in_the_lane.content))


def test_a_signed_post_in_chunks_is_read(organisation: Organisation) -> None:
    fields = {"id": "m-1", "from": NUMBER, "to": ACME_NUMBER, "text": "STOP"}
    body = json.dumps(fields).encode()
    signature = hmac.new(GENERIC_SECRET.encode(), body, hashlib.sha256).hexdigest()
    chunked = in_chunks(body, "application/json")
    answer = Client().post("/webhooks/sms/generic/acme", HTTP_X_SIGNATURE=f"sha256={signature}", **chunked)
    assert answer.status_code == 200
    assert Inbound.objects.count() == 1


def test_chunks_beyond_the_limit_are_refused(organisation: Organisation, settings: Settings) -> None:
    settings.SAYSO_MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    chunked = in_chunks(b"x" * 5_000, "text/plain")
    assert Client().post("/webhooks/sms/generic/acme", **chunked).status_code == 413
