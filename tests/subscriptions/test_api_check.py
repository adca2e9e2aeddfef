"""Asking over the API: shapes, bounds, bad addresses, hashes; and the description of it all."""

import hashlib
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from consent import configuration, db
from consent.models.fields import public_id
from subscriptions.api import auth
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, ago, entry, key_of, make_organisation, record
from tests.each import each
from tests.subscriptions.person import statements_of
from tests.subscriptions.test_api_access import ADDRESS, BULK, CHECK, LINKS, Caller, caller, is_problem

pytestmark = pytest.mark.django_db

OTHER = "bo.chen@example.com"


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    record(entry(key_of("email", ADDRESS), made.scope("acme"), "withdraw", "choice", occurred_at=ago(days=3)))
    return made


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def test_an_answer_has_every_member_of_the_contract(acme: Caller) -> None:
    body = acme.call("POST", "/v1/check", CHECK).json()
    assert list(body) == ["address", "allowed", "reason", "scope", "since", "evidence", "also", "checked_at"]
    assert (body["address"], body["allowed"], body["reason"], body["scope"]) == (
        ADDRESS,
        False,
        "opted_out",
        "controller:acme",
    )
    assert body["since"].endswith("Z")
    assert re.fullmatch(r"[0-9a-f-]{36}", body["evidence"])


@pytest.mark.parametrize("topic", ["offers", "newsletter", "service"])
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_row_of_a_bulk_answer_says_what_a_check_of_it_alone_says(
    organisation: Organisation, acme: Caller, channel: str, topic: str
) -> None:
    people = [f"p{number}@example.com" if channel == "email" else f"+1212555{number:04d}" for number in range(8)]
    keys = [key_of(channel, person) for person in people]
    ours, offers = organisation.scope("acme"), organisation.scope("offers")
    record(
        entry(keys[0], ours, "withdraw", "choice", channel=channel),
        entry(keys[1], ours, "withdraw", "choice", channel=channel, occurred_at=ago(days=3)),
        entry(keys[2], ours, "withdraw", "choice", channel=channel),
        entry(keys[2], offers, "invalidate", "hard_bounce", channel=channel),
        entry(keys[3], organisation.scope("newsletter"), "grant", basis="opt_in", channel=channel),
        entry(keys[4], organisation.scope("newsletter"), "request", basis="opt_in", channel=channel),
        entry(keys[5], ours, "withdraw", "stop", channel=channel, sender="+15550100001", sender_only=True),
    )
    db.fetch(
        "INSERT INTO consent_hold (inbound_id, key, controller_id, since) VALUES (%s, %s, %s, now())",
        [public_id(), keys[6], organisation.acme.pk],
    )
    asked = [*people, "nobody", people[0]]
    common = {"channel": channel, "topic": topic}
    alone = [acme.call("POST", "/v1/check", common | {"address": one}).json() for one in asked]
    rows = acme.call("POST", "/v1/check/bulk", common | {"addresses": asked}).json()["results"]
    assert rows == [{name: said for name, said in one.items() if name != "checked_at"} for one in alone]


@pytest.mark.parametrize("topic", ["offers", "newsletter"])
@pytest.mark.parametrize("channel", ["email", "sms", "post"])
def test_a_check_sends_one_statement_and_two_for_homes(
    acme: Caller, monkeypatch: pytest.MonkeyPatch, channel: str, topic: str
) -> None:
    address = {"email": ADDRESS, "sms": "+14155550123", "post": "Jane Roe, 12 Oak St, Springfield, IL 62701"}[channel]

    def ask() -> Any:
        answer = acme.call("POST", "/v1/check", {"channel": channel, "address": address, "topic": topic})
        assert answer.status_code == 200
        return answer

    ask()
    often = 2 if channel == "post" else 1  # other spellings of the home
    assert statements_of(ask) == often
    monkeypatch.setattr(auth, "_known", (0, {}))  # the key's first use in a process
    assert statements_of(ask) == often + 1
    monkeypatch.setattr(
        configuration, "_looked_at", 0.0
    )  # it is long since the process looked for a newer configuration
    assert statements_of(ask) == often


def test_an_answer_leaves_the_connection_open_and_is_no_page_to_be_cached(acme: Caller) -> None:
    for answer in (acme.call("POST", "/v1/check", CHECK), acme.call("POST", "/v1/check/bulk", BULK)):
        assert int(answer["Content-Length"]) == len(answer.content)
        assert not {"ETag", "Connection", "Last-Modified", "Set-Cookie"} & set(answer.headers)


@pytest.mark.parametrize(("days", "allowed"), [(5, True), (1, False)])
def test_asking_as_of_a_past_moment(acme: Caller, days: int, allowed: bool) -> None:
    assert acme.call("POST", "/v1/check", CHECK | {"at": ago(days=days).isoformat()}).json()["allowed"] is allowed


@pytest.mark.parametrize("at", ["2026-03-01T00:00:00", "2999-01-01T00:00:00Z", "now", 7])
def test_a_moment_that_is_none_is_refused(acme: Caller, at: Any) -> None:
    answer = acme.call("POST", "/v1/check", CHECK | {"at": at})
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0]["pointer"] == "/at"


@each("address", ["", "not an address", "@example.com", "a@b@example.com", {"line1": "12 Oak Street"}, {}])
def test_an_address_that_cannot_be_read_is_denied(acme: Caller, address: Any) -> None:
    body = acme.call("POST", "/v1/check", CHECK | {"address": address}).json()
    assert (body["address"], body["allowed"], body["reason"], body["since"]) == (
        address,
        False,
        "invalid_address",
        None,
    )


def test_a_bulk_answer_keeps_the_order_and_counts(acme: Caller) -> None:
    addresses = [OTHER, ADDRESS, "bad", {"name": "x"}, 7, " ANN.LEE@example.com", OTHER]
    body = acme.call("POST", "/v1/check/bulk", BULK | {"addresses": addresses}).json()
    assert [row["address"] for row in body["results"]] == addresses
    reasons = ["opt_out_basis", "opted_out", *["invalid_address"] * 3, "opted_out", "opt_out_basis"]
    assert [row["reason"] for row in body["results"]] == reasons
    counts = {"opt_out_basis": 2, "opted_out": 2, "invalid_address": 3}
    assert body["counts"] == {"allowed": 2, "denied": 5, "by_reason": counts}


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_whatever_is_no_address_comes_back_denied(acme: Caller, channel: str) -> None:
    given = [10**30, None, 1.5, ["a"], {"b": 'c",'}, 'x",', ",", ""]
    body = acme.call("POST", "/v1/check/bulk", {"channel": channel, "topic": "offers", "addresses": given}).json()
    assert [row["address"] for row in body["results"]] == given
    assert body["counts"]["by_reason"] == {"invalid_address": len(given)}


@pytest.mark.parametrize(("only", "rows"), [("allowed", [OTHER]), ("denied", [ADDRESS, "bad"])])
def test_a_bulk_answer_can_leave_rows_out_but_counts_all(acme: Caller, only: str, rows: list[str]) -> None:
    body = acme.call("POST", "/v1/check/bulk", BULK | {"addresses": [OTHER, ADDRESS, "bad"], "only": only}).json()
    assert [row["address"] for row in body["results"]] == rows
    assert (body["counts"]["allowed"], body["counts"]["denied"]) == (1, 2)


def test_hashes_are_answered_as_their_addresses(acme: Caller) -> None:
    known = hashlib.sha256(ADDRESS.encode()).hexdigest()
    hashes = [known, known.upper(), hashlib.sha256(OTHER.encode()).hexdigest(), known[:-2], "g" * 64, "", f"{known}00"]
    asked = {"channel": "email", "topic": "offers", "hashes": hashes}
    body = acme.call("POST", "/v1/check/bulk", asked).json()
    assert [row["hash"] for row in body["results"]] == hashes
    assert [row["allowed"] for row in body["results"]] == [False, False, True, *[False] * 4]
    assert {row["reason"] for row in body["results"][3:]} == {"invalid_address"}


@each(
    ("asked", "status", "pointer"),
    [
        ({"addresses": None}, 400, "/addresses"),
        ({"hashes": ["00"]}, 400, "/addresses"),
        ({"addresses": ["a@example.com"] * 10_001}, 413, "/addresses"),
        ({"addresses": "a@example.com"}, 400, "/addresses"),
        ({"topic": "nothing"}, 400, "/topic"),
        ({"topic": "nothing", "addresses": []}, 400, "/topic"),
        ({"only": "some"}, 400, "/only"),
        ({"extra": 1}, 400, "/extra"),
    ],
)
def test_a_bulk_question_that_cannot_be_taken(acme: Caller, asked: Any, status: int, pointer: str) -> None:
    answer = acme.call("POST", "/v1/check/bulk", BULK | asked)
    assert is_problem(answer, status)
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_an_empty_bulk_question_has_an_empty_answer(acme: Caller) -> None:
    body = acme.call("POST", "/v1/check/bulk", BULK | {"addresses": []}).json()
    assert (body["results"], body["counts"]) == ([], {"allowed": 0, "denied": 0, "by_reason": {}})


def test_ten_thousand_are_answered(acme: Caller) -> None:
    addresses = [f"person{number}@example.com" for number in range(9_999)] + [ADDRESS]
    body = acme.call("POST", "/v1/check/bulk", BULK | {"addresses": addresses}).json()
    assert (body["counts"]["allowed"], body["counts"]["denied"]) == (9_999, 1)


def described() -> Any:
    answer = Client().get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_description_names_every_path_of_the_api_and_its_methods() -> None:
    paths = described()["paths"]
    routes = {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        for pattern in get_resolver().url_patterns
        if str(pattern.pattern).startswith("v1/")
    }
    assert set(paths) == routes
    assert set(paths["/v1/suppressions"]) == {"get", "post", "delete"}


def test_the_description_is_a_whole_one() -> None:
    document = described()
    assert document["openapi"].startswith("3.1")
    text = Client().get("/openapi.json").content.decode()
    for name in re.findall(r'"\$ref":\s*"#/components/schemas/([^"]+)"', text):
        assert name in document["components"]["schemas"]
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for operation in operations:
        assert {"400", "401", "403", "503"} <= operation["responses"].keys()
        assert any(status.startswith("2") for status in operation["responses"])
        assert operation["security"] == [{"apiKey": []}]


def test_the_answers_are_as_described(acme: Caller) -> None:
    schemas = described()["components"]["schemas"]
    for path, body, schema in (
        ("/v1/check", CHECK, "CheckAnswer"),
        ("/v1/check/bulk", BULK, "BulkAnswer"),
        ("/v1/links", LINKS, "LinksAnswer"),
    ):
        answer = acme.call("POST", path, body).json()
        described_members = schemas[schema]["properties"]
        assert set(schemas[schema]["required"]) <= answer.keys() <= described_members.keys()
        for row in answer.get("results", []):
            assert row.keys() <= described_members["results"]["items"]["properties"].keys()


def test_every_reason_is_described_and_every_described_one_is_a_reason() -> None:
    from consent.rules import CAUSES
    from consent.status import _NEARNESS

    listed = set(described()["components"]["schemas"]["CheckAnswer"]["properties"]["reason"]["enum"])
    made = {rule.reason for rule in CAUSES.values()} | _NEARNESS.keys()
    assert listed == made | {"service", "opt_out_basis", "held", "no_consent", "invalid_address"}
