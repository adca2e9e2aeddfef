"""Quiet hours over the API: an allowed text is told to wait; a no stays a no, and other channels know nothing of it."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, ago, entry, key_of, make_organisation, record
from tests.subscriptions.test_api_access import Caller, caller
from tests.subscriptions.test_api_check import described

pytestmark = pytest.mark.django_db

FLORIDA, FRANCE, JAPAN, STOPPED = "+13055550100", "+33612345678", "+819012345678", "+13055550199"
NIGHT, NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC), datetime(2026, 11, 18, 17, 0, tzinfo=UTC)  # in Florida
CHECK = {"channel": "sms", "address": FLORIDA, "topic": "service"}
BULK = {"channel": "sms", "topic": "service", "addresses": [FLORIDA]}
MORNING = "2026-11-18T13:00:00Z"


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    record(entry(key_of("sms", STOPPED), made.scope("acme"), "withdraw", "stop", occurred_at=ago(days=3)))
    return made


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def ask(acme: Caller, now: datetime, body: dict[str, Any], path: str = "/v1/check") -> Any:
    with time_machine.travel(now, tick=False):
        return acme.call("POST", path, body).json()


def test_an_allowed_text_waits_for_the_morning(acme: Caller) -> None:
    body = ask(acme, NIGHT, CHECK)
    assert list(body) == [
        "address",
        "allowed",
        "reason",
        "scope",
        "since",
        "evidence",
        "also",
        "not_before",
        "checked_at",
    ]
    assert (body["allowed"], body["reason"], body["not_before"]) == (True, "service", MORNING)


def test_by_day_there_is_nothing_to_wait_for(acme: Caller) -> None:
    body = ask(acme, NOON, CHECK)
    assert body["allowed"]
    assert "not_before" not in body


@pytest.mark.parametrize("address", ["+1 (305) 555-0100", "tel:+1-305-555-0100", "001 305 555 0100"])
def test_the_number_may_be_written_in_any_way(acme: Caller, address: str) -> None:
    assert ask(acme, NIGHT, CHECK | {"address": address})["not_before"] == MORNING
    [row] = ask(acme, NIGHT, BULK | {"addresses": [address]}, "/v1/check/bulk")["results"]
    assert row["not_before"] == MORNING


@pytest.mark.parametrize("number", [STOPPED, "+1305", "", "not a number", "55501"])
@pytest.mark.parametrize("now", [NIGHT, NOON])
def test_a_no_is_a_no_at_any_hour(acme: Caller, number: str, now: datetime) -> None:
    body = ask(acme, now, CHECK | {"address": number})
    assert body["allowed"] is False
    assert "not_before" not in body


def test_a_topic_without_consent_is_denied_by_night_as_by_day(acme: Caller) -> None:
    for now in (NIGHT, NOON):
        body = ask(acme, now, CHECK | {"topic": "newsletter"})
        assert (body["allowed"], body["reason"]) == (False, "no_consent")
        assert "not_before" not in body


@pytest.mark.parametrize(
    ("at", "not_before"),
    [
        ("2026-11-17T12:59:00Z", "2026-11-17T13:00:00Z"),
        ("2026-11-17T13:00:00Z", None),
        ("2026-11-17T19:30:00-05:00", None),
        ("2026-11-18T01:00:00Z", MORNING),
        ("2021-06-15T00:30:00Z", None),
        ("2022-06-15T00:30:00Z", "2022-06-15T12:00:00Z"),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_a_past_moment_is_judged_by_its_own_hours_and_rules(acme: Caller, at: str, not_before: str | None) -> None:
    body = ask(acme, NOON, CHECK | {"at": at})
    assert body["allowed"]
    assert body.get("not_before") == not_before


@pytest.mark.parametrize(
    ("channel", "address"),
    [("email", "ann.lee@example.com"), ("post", {"name": "Ann Lee", "line1": "12 Oak St", "postal_code": "33101"})],
)
def test_other_channels_know_no_quiet_hours(acme: Caller, channel: str, address: Any) -> None:
    asked = {"channel": channel, "topic": "service"}
    assert "not_before" not in ask(acme, NIGHT, asked | {"address": address})
    [row] = ask(acme, NIGHT, asked | {"addresses": [address]}, "/v1/check/bulk")["results"]
    assert row["allowed"]
    assert "not_before" not in row


NUMBERS = [FLORIDA, STOPPED, JAPAN, "nonsense", FRANCE, FLORIDA, 7]
WAITS = [MORNING, None, None, None, "2026-11-18T09:00:00Z", MORNING, None]


@pytest.mark.parametrize("only", [None, "allowed", "denied"])
def test_each_row_of_a_batch_has_its_own_hours(acme: Caller, only: str | None) -> None:
    body = ask(acme, NIGHT, BULK | {"addresses": NUMBERS, "only": only}, "/v1/check/bulk")
    allowed = [True, False, True, False, True, True, False]
    expected = [
        (number, wait)
        for number, wait, yes in zip(NUMBERS, WAITS, allowed, strict=True)
        if only is None or yes == (only == "allowed")
    ]
    assert [(row["address"], row.get("not_before")) for row in body["results"]] == expected
    assert not [row for row in body["results"] if "not_before" in row and not row["allowed"]]
    assert body["counts"]["allowed"] == 4


def test_of_a_hash_no_number_and_so_no_hour_is_known(acme: Caller) -> None:
    digest = hashlib.sha256(FLORIDA.encode()).hexdigest()
    asked = {"channel": "sms", "topic": "service", "hashes": [digest]}
    [row] = ask(acme, NIGHT, asked, "/v1/check/bulk")["results"]
    assert row["allowed"]
    assert "not_before" not in row


def test_the_member_is_described_and_not_required(acme: Caller) -> None:
    schemas = described()["components"]["schemas"]
    single, row = schemas["CheckAnswer"], schemas["BulkAnswer"]["properties"]["results"]["items"]
    for schema in (single, row):
        assert schema["properties"]["not_before"]["format"] == "date-time"
        assert "not_before" not in schema["required"]
    assert set(single["required"]) <= ask(acme, NIGHT, CHECK).keys() <= single["properties"].keys()
