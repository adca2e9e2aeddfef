"""`POST /v1/links` gives what brings a bounce back to its person."""

import pytest

from consent.bounces.ids import read_id
from consent.models import Sender
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import key_of, make_organisation
from tests.subscriptions.test_api_access import ADDRESS, LINKS, caller

pytestmark = pytest.mark.django_db


def test_a_link_comes_with_a_bounce_id_and_the_return_path_that_carries_it() -> None:
    organisation = make_organisation()
    acme = caller(organisation.acme, *SCOPES)
    before = acme.call("POST", "/v1/links", LINKS).json()
    Sender.objects.create(controller=organisation.acme, channel="email", kind="bounce", address="bounces@acme.example")
    body = acme.call("POST", "/v1/links", LINKS).json()
    read = read_id(body["bounce_id"])
    assert read is not None
    assert (read.controller_id, read.key) == (organisation.acme.pk, key_of("email", ADDRESS))
    assert body["headers"]["X-Sayso-Id"] == before["bounce_id"] == body["bounce_id"]
    assert (before["return_path"], body["return_path"]) == (None, f"bounces+{body['bounce_id']}@acme.example")
