"""`POST /v1/numbers/disconnected`: each entry is answered in its place, and none is lost with another one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consent import pipeline
from consent.models import ConsentEvent, Hold, Inbound
from subscriptions.api.numbers import MAX_NUMBERS
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, entry, key_of, make_organisation, record
from tests.each import each
from tests.subscriptions.test_api_access import Caller, caller, is_problem

pytestmark = pytest.mark.django_db

PATH = "/v1/numbers/disconnected"
NUMBER = "+14155550123"
ENTRY = {"number": NUMBER, "disconnected_on": "2026-03-05"}
CHECK = {"channel": "sms", "address": NUMBER, "topic": "newsletter"}


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def tell(acme: Caller, *numbers: Any, **headers: str) -> dict[str, Any]:
    answer = acme.call("POST", PATH, {"numbers": list(numbers)}, **headers)
    assert answer.status_code == 202, answer.content
    body: dict[str, Any] = answer.json()
    return body


def allow(organisation: Organisation, at: str = "2026-03-01T00:00:00+00:00") -> None:
    said: dict[str, Any] = {"channel": "sms", "basis": "opt_in", "occurred_at": datetime.fromisoformat(at)}
    record(entry(key_of("sms", NUMBER), organisation.scope("newsletter"), "grant", **said))


def reason(acme: Caller) -> str:
    found: str = acme.call("POST", "/v1/check", CHECK).json()["reason"]
    return found


def test_from_the_answer_on_no_older_permission_counts(organisation: Organisation, acme: Caller) -> None:
    allow(organisation)
    assert reason(acme) == "granted"
    body = tell(acme, ENTRY)
    assert body["counts"] == {"accepted": 1, "invalid": 0}
    assert reason(acme) == "held"
    pipeline.drain()
    assert reason(acme) == "no_consent"
    status = acme.call("GET", body["results"][0]["status_url"]).json()
    assert (status["status"], status["outcome"]) == ("done", "disconnected")


def test_the_history_of_the_number_shows_it(organisation: Organisation, acme: Caller) -> None:
    allow(organisation)
    tell(acme, ENTRY)
    pipeline.drain()
    history = acme.call("GET", f"/v1/contacts/status?channel=sms&address=%2B{NUMBER[1:]}").json()["history"]
    [newest, oldest] = history
    assert (newest["action"], newest["cause"], newest["source"]) == ("invalidate", None, "disconnected:api")
    assert newest["occurred_at"].startswith("2026-03-05T23:59:59")
    assert oldest["action"] == "grant"


TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("bad", "pointer", "code"),
    [
        ({"number": NUMBER}, "/disconnected_on", "missing"),
        ({"disconnected_on": "2026-03-05"}, "/number", "missing"),
        ({**ENTRY, "number": 14155550123}, "/number", "missing"),
        ({**ENTRY, "number": "4155550123"}, "/number", "ambiguous"),
        ({**ENTRY, "number": ""}, "/number", "not_a_number"),
        ({**ENTRY, "number": "+1" * 200}, "/number", "too_long"),
        ({**ENTRY, "disconnected_on": "05/03/2026"}, "/disconnected_on", "bad_value"),
        ({**ENTRY, "disconnected_on": "2026-02-30"}, "/disconnected_on", "bad_value"),
        ({**ENTRY, "disconnected_on": "2026-W10-4"}, "/disconnected_on", "bad_value"),
        ({**ENTRY, "disconnected_on": None}, "/disconnected_on", "missing"),
        ({**ENTRY, "disconnected_on": (TODAY + timedelta(days=1)).isoformat()}, "/disconnected_on", "bad_value"),
        ({**ENTRY, "everywhere": True}, "/everywhere", "unknown_member"),
        ({**ENTRY, "": 1}, "/", "unknown_member"),
        (NUMBER, "", "bad_value"),
        (None, "", "bad_value"),
        ([ENTRY], "", "bad_value"),
    ],
)
def test_a_bad_entry_is_named_and_its_neighbours_are_kept(acme: Caller, bad: Any, pointer: str, code: str) -> None:
    other = {"number": "+14155550124", "disconnected_on": "2026-03-05"}
    body = tell(acme, ENTRY, bad, other)
    assert body["counts"] == {"accepted": 2, "invalid": 1}
    first, second, third = body["results"]
    assert (first["status"], first["number"]) == ("accepted", NUMBER)
    assert (third["status"], third["number"]) == ("accepted", "+14155550124")
    assert (second["status"], second["pointer"], second["reason"]) == ("invalid", f"/numbers/1{pointer}", code)
    assert second["detail"]
    assert Inbound.objects.count() == Hold.objects.count() == 2


@each(
    ("body", "pointer"),
    [
        ({}, "/numbers"),
        ({"numbers": {}}, "/numbers"),
        ({"numbers": NUMBER}, "/numbers"),
        ({"numbers": [ENTRY], "controller": "globex"}, "/controller"),
        (b"[", ""),
        ([ENTRY], ""),
    ],
)
def test_a_bad_request_is_refused_whole(acme: Caller, body: Any, pointer: str) -> None:
    answer = acme.call("POST", PATH, body)
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Inbound.objects.exists()


def test_as_many_as_it_takes_and_no_more(acme: Caller) -> None:
    many = [{"number": f"+1415{place:07d}", "disconnected_on": "2026-03-05"} for place in range(2_000_000, 2_010_001)]
    assert is_problem(acme.call("POST", PATH, {"numbers": many}), 413)
    assert not Inbound.objects.exists()
    assert tell(acme, *many[:MAX_NUMBERS])["counts"] == {"accepted": MAX_NUMBERS, "invalid": 0}
    assert Hold.objects.count() == MAX_NUMBERS
    assert tell(acme)["counts"] == {"accepted": 0, "invalid": 0}


def test_told_again_the_answer_is_the_same_and_nothing_is_added(acme: Caller) -> None:
    first = tell(acme, ENTRY, ENTRY, Idempotency_Key="a")
    assert first["results"][0]["id"] == first["results"][1]["id"]
    pipeline.drain()
    assert tell(acme, ENTRY, ENTRY, Idempotency_Key="a") == first
    assert tell(acme, ENTRY, ENTRY) == first
    pipeline.drain()
    assert ConsentEvent.objects.count() == 1
    assert is_problem(acme.call("POST", PATH, {"numbers": [ENTRY]}, Idempotency_Key="a" * 256), 400)


def test_it_is_about_the_callers_permissions_alone(organisation: Organisation, acme: Caller) -> None:
    allow(organisation)
    tell(caller(organisation.globex, "suppressions:write"), ENTRY)
    pipeline.drain()
    assert reason(acme) == "granted"
    assert (
        acme.call("GET", f"/v1/contacts/status?channel=sms&address=%2B{NUMBER[1:]}").json()["history"][0]["action"]
        == "grant"
    )


def test_the_openapi_describes_it(acme: Caller) -> None:
    document = acme.call("GET", "/openapi.json").json()
    operation = document["paths"][PATH]["post"]
    assert "suppressions:write" in operation["description"]
    request = document["components"]["schemas"]["DisconnectedRequest"]["properties"]["numbers"]
    assert request["maxItems"] == MAX_NUMBERS
    assert request["items"]["required"] == ["number", "disconnected_on"]
    assert "DisconnectedAnswer" in document["components"]["schemas"]
