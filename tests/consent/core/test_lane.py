"""Gateways' posts pass by the middleware for browsers; everything else does not."""

import pytest
from django.test import Client

from consent.models import Inbound
from tests.consent.core.doors import generic
from tests.consent.core.example import Organisation

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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("path", ["/admin/", "/webhooks/smsx", "/healthz"])
def test_everything_else_keeps_its_middleware(path: str) -> None:
    assert "Content-Security-Policy" in Client().get(path)
