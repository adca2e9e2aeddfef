"""`/v1/people/…` and `/v1/moves`: people, their changes of address, and persons who are one."""

from typing import Any

import pytest

from consent import pipeline
from consent.models import ConsentEvent, Inbound, Move, Person
from subscriptions.api.moves import MAX_MOVES
from subscriptions.api.people import MAX_CHANGES
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, make_organisation
from tests.subscriptions.test_api_access import Caller, caller, is_problem

pytestmark = pytest.mark.django_db

OLD = {"name": "Jane Roe", "line1": "12 Oak St", "city": "Springfield", "region": "IL", "postal_code": "62701"}
NEW = "Jane Roe, 9 Elm St Apt 4, Austin, TX 78701"
MAIL, OTHER = "jane@example.com", "jane@example.net"
PATH = "/v1/people/p-1"


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def say(
    acme: Caller, channel: str, address: Any, action: str = "opt_out", topic: str = "*", person: str = "p-1"
) -> None:
    known = {"external_id": person, "name": "Jane Roe"}
    body = {"channel": channel, "address": address, "action": action, "topic": topic, "person": known}
    assert acme.call("POST", "/v1/events", body).status_code == 202
    pipeline.drain()


def patch(acme: Caller, *changes: Any, status: int = 202, **more: Any) -> Any:
    headers = more.pop("headers", {})
    answer = acme.call("PATCH", PATH, {"moves": list(changes), **more}, **headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def reason(acme: Caller, channel: str, address: Any, topic: str = "offers") -> str:
    found: str = acme.call("POST", "/v1/check", {"channel": channel, "address": address, "topic": topic}).json()[
        "reason"
    ]
    return found


def test_a_move_denies_from_the_answer_on_and_for_good(acme: Caller) -> None:
    say(acme, "post", OLD)
    told = patch(acme, {"channel": "post", "from": OLD, "to": NEW, "moved_on": "2026-03-01"})
    assert reason(acme, "post", NEW) == "held"
    pipeline.drain()
    assert (reason(acme, "post", OLD), reason(acme, "post", NEW)) == ("opted_out", "opted_out")
    status = acme.call("GET", told["results"][0]["status_url"]).json()
    assert (status["status"], status["outcome"]) == ("done", "move")
    assert all(line["carried_from"] for line in status["events"])


def test_the_address_is_now_this_one(acme: Caller) -> None:
    say(acme, "email", MAIL)
    say(acme, "sms", "+14155550123", "opt_in", "newsletter")
    patch(acme, {"channel": "email", "to": OTHER}, {"channel": "sms", "from": "+14155550123"})
    pipeline.drain()
    assert (reason(acme, "email", OTHER), reason(acme, "sms", "+14155550123", "newsletter")) == (
        "opted_out",
        "no_consent",
    )
    body = acme.call("GET", PATH).json()
    assert (body["external_id"], body["name"]) == ("p-1", "Jane Roe")
    assert [(one["channel"], one["address"], one["until"] is None) for one in body["contacts"]] == [
        ("email", OTHER, True),
        ("sms", "+14155550123", False),
        ("email", MAIL, False),
    ]
    [email] = [one for one in body["channels"] if one["channel"] == "email"]
    assert email["addresses"] == 1
    assert email["denied"]["offers"] == "opted_out"
    assert email["allowed"] == ["service"]
    assert {row["topic"] for row in body["contacts"][0]["topics"]} >= {"offers", "service"}
    [move] = [one for one in body["moves"] if one["channel"] == "email"]
    assert (move["from"], move["to"]) == (MAIL, OTHER)


def test_who_was_not_known_becomes_known(acme: Caller) -> None:
    assert is_problem(acme.call("GET", PATH), 404)
    assert patch(acme, name="Jane Roe", status=200)["results"] == []
    assert acme.call("GET", PATH).json()["name"] == "Jane Roe"
    patch(acme, {"channel": "post", "from": "12 Oak St, Springfield, IL 62701", "to": "9 Elm St, Austin, TX 78701"})
    pipeline.drain()
    assert "JANE ROE" in acme.call("GET", PATH).json()["contacts"][0]["address"]


# what is wrong, where, and how it is called
WRONG: list[tuple[Any, str, str]] = [
    ({"moves": [{}]}, "/moves/0/channel", "missing"),
    ({"moves": [{"channel": "email"}]}, "/moves/0/to", "missing"),
    ({"moves": [{"channel": "fax", "to": MAIL}]}, "/moves/0/channel", "unknown_value"),
    ({"moves": [{"channel": "email", "to": OTHER}, {"channel": "email", "to": "no"}]}, "/moves/1/to", "no_at"),
    ({"moves": [{"channel": "email", "from": "no", "to": OTHER}]}, "/moves/0/from", "no_at"),
    ({"moves": [{"channel": "email", "from": {"line1": "x"}, "to": OTHER}]}, "/moves/0/from", "not_text"),
    ({"moves": [{"channel": "email", "from": 7, "to": OTHER}]}, "/moves/0/from", "bad_value"),
    ({"moves": [{"channel": "email", "from": MAIL.upper(), "to": MAIL}]}, "/moves/0/to", "same_address"),
    ({"moves": [{"channel": "email", "to": MAIL, "moved_on": "03/01/2026"}]}, "/moves/0/moved_on", "bad_value"),
    ({"moves": [{"channel": "email", "to": MAIL, "moved_on": "2999-01-01"}]}, "/moves/0/moved_on", "bad_value"),
    ({"moves": [{"channel": "email", "from": MAIL, "temporary": True}]}, "/moves/0/temporary", "no_new_address"),
    ({"moves": [{"channel": "email", "to": MAIL, "colour": 1}]}, "/moves/0/colour", "unknown_member"),
    ({"moves": [7]}, "/moves/0", "bad_value"),
    ({"moves": {}}, "/moves", "bad_value"),
    ({"name": ""}, "/name", "bad_length"),
    ({"name": "x" * 201}, "/name", "bad_length"),
    ({"email": MAIL}, "/email", "unknown_member"),
]


def test_one_wrong_member_and_nothing_of_the_request_is_done(acme: Caller) -> None:
    wrong = []
    for body, pointer, code in WRONG:
        answer = acme.call("PATCH", PATH, body)
        assert is_problem(answer, 400)
        error = answer.json()["errors"][0]
        if error["pointer"] != pointer or (code != "no_at" and error["code"] != code):
            wrong.append((body, error))
    assert not wrong
    many = [{"channel": "email", "to": OTHER}] * (MAX_CHANGES + 1)
    assert is_problem(acme.call("PATCH", PATH, {"moves": many}), 413)
    assert not Inbound.objects.exists()
    assert not Person.objects.exists()


def test_an_id_that_can_be_nobodys_is_404(acme: Caller) -> None:
    for name in ("x" * 201, "a%00b"):
        for method, path, body in (("GET", "", None), ("PATCH", "", {}), ("POST", "/merge", {"into": "p-2"})):
            assert is_problem(acme.call(method, f"/v1/people/{name}{path}", body), 404)


def test_a_request_told_twice_under_one_key_is_kept_once(acme: Caller) -> None:
    say(acme, "email", MAIL)
    key: dict[str, Any] = {"headers": {"Idempotency_Key": "a"}}
    change = {"channel": "email", "from": MAIL, "to": OTHER}
    assert patch(acme, change, **key) == patch(acme, change, **key)
    pipeline.drain()
    assert Inbound.objects.filter(source="move:people").count() == 1
    before = ConsentEvent.objects.count()
    patch(acme, change)
    pipeline.drain()
    assert ConsentEvent.objects.count() == before
    for others in ([{**change, "to": "x@example.org"}], [change, {"channel": "sms", "to": "+14155550123"}]):
        assert is_problem(acme.call("PATCH", PATH, {"moves": others}, Idempotency_Key="a"), 422)
    assert Inbound.objects.filter(source="move:people").count() == 2


def test_a_merge_keeps_every_denial_of_both(acme: Caller) -> None:
    say(acme, "email", MAIL)
    say(acme, "email", OTHER, "opt_in", "newsletter", person="p-2")
    answer = acme.call("POST", "/v1/people/p-2/merge", {"into": "p-1"}, Idempotency_Key="m")
    assert answer.status_code == 202
    assert reason(acme, "email", OTHER) == "held"
    pipeline.drain()
    assert (reason(acme, "email", OTHER), reason(acme, "email", MAIL)) == ("opted_out", "opted_out")
    both = acme.call("GET", "/v1/people/p-2").json()
    assert both["external_id"] == "p-1"
    assert {one["address"] for one in both["contacts"]} == {MAIL, OTHER}
    again = acme.call("POST", "/v1/people/p-2/merge", {"into": "p-1"}, Idempotency_Key="m")
    assert again.json() == answer.json()
    for body, pointer in (
        ({"into": "p-9"}, "/into"),
        ({"into": "p-2"}, "/into"),
        ({}, "/into"),
        ({"into": 7}, "/into"),
    ):
        wrong = acme.call("POST", "/v1/people/p-2/merge", body)
        assert is_problem(wrong, 400)
        assert wrong.json()["errors"][0]["pointer"] == pointer


def test_rows_are_answered_in_their_place_and_a_wrong_one_costs_itself(acme: Caller) -> None:
    say(acme, "post", OLD)
    good = {"from": OLD, "to": NEW, "moved_on": "2026-03-01", "type": "individual"}
    bad = [{"from": "nowhere", "to": NEW}, {"to": NEW}, {**good, "type": "herd"}, {**good, "to": OLD}, 7, None, {}]
    answer = acme.call("POST", "/v1/moves", {"moves": [good, *bad, good]})
    body = answer.json()
    assert (answer.status_code, body["counts"]) == (202, {"accepted": 2, "invalid": 7})
    pointers = [row.get("pointer") for row in body["results"]]
    assert pointers == [
        None,
        *(f"/moves/{n}" for n in ("1/from", "2/from", "3/type", "4/to", "5", "6", "7/from")),
        None,
    ]
    assert body["results"][0]["id"] == body["results"][-1]["id"]
    assert reason(acme, "post", NEW) == "held"
    pipeline.drain()
    assert reason(acme, "post", NEW) == "opted_out"
    before = ConsentEvent.objects.count(), Move.objects.count()
    acme.call("POST", "/v1/moves", {"moves": [good]})
    pipeline.drain()
    assert (ConsentEvent.objects.count(), Move.objects.count()) == before
    assert is_problem(acme.call("POST", "/v1/moves", {"moves": [good] * (MAX_MOVES + 1)}), 413)
    assert is_problem(acme.call("POST", "/v1/moves", {"rows": []}), 400)


def test_the_openapi_describes_it(acme: Caller) -> None:
    document = acme.call("GET", "/openapi.json").json()
    assert {"get", "patch"} <= document["paths"]["/v1/people/{external_id}"].keys()
    assert {"Change", "MoveRow", "Person", "PersonChange", "MovesAnswer"} <= document["components"]["schemas"].keys()
    for path in ("/v1/people/{external_id}", "/v1/people/{external_id}/merge"):
        for operation in document["paths"][path].values():
            assert operation["parameters"][0]["name"] == "external_id"
    assert set(document["components"]["schemas"]["Change"]["properties"]) >= {"from", "to", "channel"}
