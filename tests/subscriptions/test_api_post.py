"""Asking by post over the API: one, many, the past and the status of an address, in another spelling than the no."""

from typing import Any

import pytest

from consent import pipeline
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import ago, make_organisation
from tests.subscriptions.test_api_access import caller

pytestmark = pytest.mark.django_db

HOME = {"name": "Ann Lund", "line1": "18 N Birch Ave", "line2": "Apt 3", "city": "Dayton", "postal_code": "45402"}
TOWN = "Dayton OH 45402"
ASKED: list[tuple[Any, str]] = [
    (HOME, "opted_out"),
    (f"Dr. Ann B. Lund, 18 North Birch # 3, {TOWN}-1234", "opted_out"),
    ({**HOME, "line2": ""}, "held"),
    (7, "invalid_address"),
    ({**HOME, "name": "Bo Lund"}, "opt_out_basis"),
    ({**HOME, "line2": "Apt 4"}, "opt_out_basis"),
    ({"line1": "18 Birch"}, "invalid_address"),
]


def test_a_no_by_post_is_found_in_another_spelling_at_every_door() -> None:
    acme = caller(make_organisation().acme, *SCOPES)
    question = {"channel": "post", "topic": "offers"}
    acme.call("POST", "/v1/events", {**question, "topic": "*", "address": HOME, "action": "opt_out"})
    before = [acme.call("POST", "/v1/check", {**question, "address": one}).json()["reason"] for one, _ in ASKED[:3]]
    assert before == ["held"] * 3
    pipeline.drain()
    bulk = acme.call("POST", "/v1/check/bulk", {**question, "addresses": [one for one, _ in ASKED]}).json()
    assert [row["reason"] for row in bulk["results"]] == [reason for _, reason in ASKED]
    one, past = {**question, "address": ASKED[1][0]}, ago(days=1).isoformat()
    assert acme.call("POST", "/v1/check", one).json()["reason"] == "opted_out"
    assert acme.call("POST", "/v1/check", {**one, "at": past}).json()["allowed"]
    told = acme.call(
        "GET", f"/v1/contacts/status?channel=post&address=Ann+Lund,+18+N+Birch+Ave,+{TOWN.replace(' ', '+')}"
    )
    assert {row["topic"]: row["reason"] for row in told.json()["topics"]}["offers"] == "held"
