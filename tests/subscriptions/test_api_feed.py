"""The feed over the API: shapes, bounds, whose changes, what is held, and the ids by which addresses are named."""

import hashlib
from typing import Any

import pytest
from django.test import Client

from consent import changes
from consent.changes import MOST_HELD
from consent.decision import Seen
from consent.models import ContactPoint, Hold
from consent.models.fields import public_id
from consent.resolve import keep_address
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, ago, entry, key_of, make_organisation, record
from tests.each import each
from tests.subscriptions.test_api_access import ADDRESS, Caller, caller, is_problem

pytestmark = pytest.mark.django_db

KEY = key_of("email", ADDRESS)
NUMBER = "+14155550100"
CHANGES = "/v1/suppressions/changes"
IDS = "/v1/suppressions/ids"


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, "suppressions:read")


def id_of(asker: Caller, address: str, channel: str = "email") -> str:
    return str(asker.call("POST", IDS, {"channel": channel, "addresses": [address]}).json()["ids"][0])


def hold(organisation: Organisation, address: str, scope: str = "acme") -> None:
    controller_id, topic_id = organisation.scope(scope)
    key = key_of("email", address)
    Hold.objects.create(inbound_id=public_id(), key=key, controller_id=controller_id, topic_id=topic_id, since=ago())


def test_a_change_has_every_member(organisation: Organisation, acme: Caller) -> None:
    [event] = record(entry(KEY, organisation.scope("offers"), "withdraw", "choice"))
    body = acme.call("GET", CHANGES).json()
    [told] = body["results"]
    assert told == {
        "type": "suppression.added",
        "id": id_of(acme, ADDRESS),
        "ref": f"{organisation.acme.pk}.{organisation.topics['offers'].pk}.choice.",
        "channel": "email",
        "scope": "topic:offers",
        "topic": organisation.topics["offers"].pk,
        "since": told["since"],
        "until": None,
        "evidence": str(event),
        "recorded_at": told["recorded_at"],
        "reason": "opted_out",
        "cause": "choice",
        "sender": None,
    }
    assert (body["next"], body["more"]) == (changes.position(), False)
    assert ADDRESS not in str(body)
    assert KEY.hex() not in str(body)


def test_a_permission_says_by_what_it_counts(organisation: Organisation, acme: Caller) -> None:
    record(entry(KEY, organisation.scope("newsletter"), "grant", basis="confirmed_opt_in"))
    [told] = acme.call("GET", CHANGES).json()["results"]
    assert (told["type"], told["confirmed"], told["notice"]) == ("consent.granted", True, None)
    assert "cause" not in told


def test_the_sha256_is_told_while_the_address_is_kept(organisation: Organisation, acme: Caller) -> None:
    record(entry(KEY, organisation.scope("acme"), "withdraw", "choice"))
    keep_address(Seen(KEY, "email", ADDRESS), ago())
    path = f"{CHANGES}?with=sha256"
    digest = hashlib.sha256(ADDRESS.encode()).hexdigest()
    assert [one["sha256"] for one in acme.call("GET", path).json()["results"]] == [digest]
    ContactPoint.objects.update(sealed_value=None)
    assert [one["sha256"] for one in acme.call("GET", path).json()["results"]] == [None]


def test_pages_go_on_where_the_last_one_ended(organisation: Organisation, acme: Caller) -> None:
    for number in range(5):
        key = key_of("email", f"p{number}@example.com")
        record(entry(key, organisation.scope("acme"), "withdraw", "choice", channel="sms" if number == 3 else "email"))
    seen, cursor, more = [], "0", True
    while more:
        body = acme.call("GET", f"{CHANGES}?limit=2&cursor={cursor}&channel=email").json()
        seen += [one["id"] for one in body["results"]]
        cursor, more = body["next"], body["more"]
    assert len(set(seen)) == len(seen) == 4


@pytest.mark.parametrize("scope", ["acme", "everything", "offers"])
def test_what_is_held_is_told_beside_the_changes(organisation: Organisation, acme: Caller, scope: str) -> None:
    hold(organisation, ADDRESS, scope)
    hold(organisation, "bo.chen@example.com", "globex")
    held = acme.call("GET", CHANGES).json()["held"]
    assert held["rows"] == [{"id": id_of(acme, ADDRESS), "topic": organisation.scope(scope).topic_id}]
    assert acme.call("GET", f"{CHANGES}?held={held['version']}").json()["held"] == {"version": held["version"]}


def test_too_much_that_is_held_is_told_as_all(organisation: Organisation, acme: Caller) -> None:
    rows = [
        Hold(inbound_id=public_id(), key=KEY, controller=organisation.acme, since=ago()) for _ in range(MOST_HELD + 1)
    ]
    Hold.objects.bulk_create(rows)
    assert acme.call("GET", CHANGES).json()["held"] == {"version": "all", "all": True, "rows": []}


def test_the_rules_are_told_once(organisation: Organisation, acme: Caller) -> None:
    rules = acme.call("GET", CHANGES).json()["rules"]
    assert rules["topics"]["offers"]["basis"] == {"email": "opt_out", "post": "opt_out", "sms": "opt_out"}
    assert rules["silences"]["choice"] == ["marketing", "sharing"]
    assert rules["held_silences"]["sms"] == ["marketing", "service", "sharing"]
    again = acme.call("GET", f"{CHANGES}?rules={rules['version']}").json()["rules"]
    assert again == {"version": rules["version"]}


def test_a_page_that_is_not_the_last_says_nothing_of_now(organisation: Organisation, acme: Caller) -> None:
    for number in range(3):
        record(entry(key_of("email", f"p{number}@example.com"), organisation.scope("acme"), "withdraw", "choice"))
    assert set(acme.call("GET", f"{CHANGES}?limit=2").json()) == {"results", "next", "more"}


def test_who_waits_in_vain_is_answered_with_what_there_is(organisation: Organisation, acme: Caller) -> None:
    body = acme.call("GET", CHANGES).json()
    path = f"{CHANGES}?cursor={body['next']}&held={body['held']['version']}&rules={body['rules']['version']}&wait=1"
    assert acme.call("GET", path).json()["results"] == []


@each(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=10001", "/limit"),
        ("limit=x", "/limit"),
        ("wait=31", "/wait"),
        ("wait=-1", "/wait"),
        ("channel=fax", "/channel"),
        ("with=address", "/with"),
        ("chanel=sms", "/chanel"),
        ("limit=1&limit=2", "/limit"),
    ],
)
def test_a_parameter_that_is_none_is_refused(acme: Caller, query: str, pointer: str) -> None:
    answer = acme.call("GET", f"{CHANGES}?{query}")
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("cursor", ["7-aabbccddeeff", "x", "7"])
def test_a_cursor_that_leads_nowhere_is_gone(acme: Caller, cursor: str) -> None:
    assert is_problem(acme.call("GET", f"{CHANGES}?cursor={cursor}"), 410)


def test_ids_are_of_addresses_and_hashes_alike_and_null_for_what_is_none(acme: Caller) -> None:
    given: list[Any] = [f" {ADDRESS.upper()} ", "no address", 7, None]
    by_address = acme.call("POST", IDS, {"channel": "email", "addresses": given}).json()["ids"]
    digest = hashlib.sha256(ADDRESS.encode()).hexdigest()
    by_hash = acme.call("POST", IDS, {"channel": "email", "hashes": [digest, "xy"]}).json()["ids"]
    assert by_address == [by_hash[0], None, None, None]
    assert by_hash[1] is None
    assert id_of(acme, NUMBER, "sms") == id_of(acme, "+1 (415) 555-0100", "sms")


@pytest.mark.parametrize(
    "body",
    [
        {"channel": "post", "addresses": ["12 Oak St, Springfield, IL 62701"]},
        {"channel": "email"},
        {"channel": "email", "addresses": [], "hashes": []},
    ],
)
def test_a_bad_question_for_ids_is_refused(acme: Caller, body: dict[str, Any]) -> None:
    assert is_problem(acme.call("POST", IDS, body), 400)


def test_another_controller_gets_other_ids(organisation: Organisation, acme: Caller) -> None:
    globex = caller(organisation.globex, *SCOPES)
    assert id_of(acme, ADDRESS) != id_of(globex, ADDRESS)


def test_the_answers_are_as_described(organisation: Organisation, acme: Caller) -> None:
    record(
        entry(KEY, organisation.scope("newsletter"), "grant"),
        entry(KEY, organisation.scope("acme"), "withdraw", "stop"),
    )
    hold(organisation, ADDRESS)
    schemas = Client().get("/openapi.json").json()["components"]["schemas"]
    for path, name in ((f"{CHANGES}?with=sha256", "Changes"), ("/v1/suppressions?with=sha256", "Denials")):
        answer, schema = acme.call("GET", path).json(), schemas[name]
        assert set(schema["required"]) <= answer.keys() <= schema["properties"].keys()
        row_schema = schema["properties"]["results"]["items"]
        for row in answer["results"]:
            assert set(row_schema["required"]) <= row.keys() <= row_schema["properties"].keys()
    rules = acme.call("GET", CHANGES).json()["rules"]
    assert rules.keys() == schemas["Changes"]["properties"]["rules"]["properties"].keys()


def test_without_the_scope_nothing_is_told(organisation: Organisation) -> None:
    others = caller(organisation.acme, *[scope for scope in SCOPES if scope != "suppressions:read"])
    assert is_problem(others.call("GET", CHANGES), 403)
    assert is_problem(others.call("POST", IDS, {"channel": "email", "addresses": []}), 403)
    assert Client().get(CHANGES).status_code == 401
