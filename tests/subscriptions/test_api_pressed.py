"""Systems see who pressed a link, beside what the press changed."""

import pytest
from django.test import Client

from consent import pipeline
from consent.classify.pressed import GMAIL
from consent.models import Inbound
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import make_organisation
from tests.subscriptions.test_api_access import Caller, caller

pytestmark = pytest.mark.django_db

ADDRESS = "ann.lee@example.com"
STATUS = f"/v1/contacts/status?channel=email&address={ADDRESS}"


@pytest.fixture
def acme(db: None) -> Caller:
    return caller(make_organisation().acme, *SCOPES)


def press(acme: Caller, **headers: str) -> None:
    made = acme.call("POST", "/v1/links", {"channel": "email", "address": ADDRESS, "topic": "offers"}).json()
    path = "/u/" + made["unsubscribe_url"].rpartition("/")[2]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}, headers=named).status_code == 200
    pipeline.drain()


def test_the_history_names_who_pressed(acme: Caller) -> None:
    press(acme, user_agent=GMAIL)
    press(acme, sec_purpose="prefetch")
    told = {"channel": "email", "address": ADDRESS, "action": "opt_out", "topic": "*"}
    acme.call("POST", "/v1/events", told)
    pipeline.drain()
    history = acme.call("GET", STATUS).json()["history"]
    assert [(line["source"], line["pressed_by"]) for line in history] == [
        ("api", None),
        ("link:one_click", "scanner.prefetch"),
        ("link:one_click", "provider.gmail"),
    ]


def test_the_inbound_of_a_press_tells_it_too(acme: Caller) -> None:
    press(acme)
    answer = acme.call("GET", f"/v1/events/{Inbound.objects.get().pk}").json()
    assert (answer["outcome"], [line["pressed_by"] for line in answer["events"]]) == ("opt_out", ["provider.one_click"])


def test_a_press_kept_before_there_was_a_table_names_nobody(acme: Caller) -> None:
    press(acme)
    Inbound.objects.update(rule="link.no")
    assert [line["pressed_by"] for line in acme.call("GET", STATUS).json()["history"]] == [None]
