"""The API's edges: errors that name the field, bulk rows, scopes, idempotency, the document itself."""

import hashlib
import json
import secrets
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.instance import Instance, new_address


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"channel": "email", "address": "a@b.example"}, "/topic", "missing"),
        ({"channel": "fax", "address": "a@b.example", "topic": "offers"}, "/channel", "unknown_value"),
        ({"channel": "email", "address": 7, "topic": "offers"}, "/address", "bad_value"),
        ({"channel": "email", "address": "a@b.example", "topic": "weather"}, "/topic", "unknown_topic"),
        ({"channel": "sms", "address": "+15550100099", "topic": "newsletter"}, "/topic", "not_carried"),
        ({"channel": "email", "address": "a@b.example", "topic": "offers", "colour": 1}, "/colour", "unknown_member"),
        (
            {"channel": "email", "address": "a@b.example", "topic": "offers", "at": "2999-01-01T00:00:00Z"},
            "/at",
            "in_future",
        ),
        (
            {"channel": "email", "address": "a@b.example", "topic": "offers", "at": "2020-01-01T00:00:00"},
            "/at",
            "no_time_zone",
        ),
    ],
)
def test_a_wrong_question_names_its_member(running: Instance, body: dict[str, Any], pointer: str, code: str) -> None:
    answer = running.api.post("/v1/check", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (400, pointer, code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"nul",
        b'{"channel":"email","channel":"sms"}',
        b"[" * 100_000,
        b'{"address": NaN}',
        b"\xff\xfe",
        b'"\\u0000"',
    ],
)
def test_mangled_json_is_400_and_never_500(running: Instance, body: bytes) -> None:
    for path in ("/v1/check", "/v1/check/bulk", "/v1/events", "/v1/suppressions", "/v1/links"):
        answer = running.api.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, (path, answer.text)


def test_an_oversized_body_is_413(running: Instance) -> None:
    answer = running.api.post("/v1/check", content=b'{"address":"' + b"a" * 2_100_000 + b'"}')
    assert answer.status_code == 413


def test_after_an_answer_before_the_body_the_connection_goes_on_or_is_said_to_end(running: Instance) -> None:
    """Else the next request on it would be lost."""
    for path in ("/v1/check", "/u/forged", "/nowhere"):
        for size, said in ((20, None), (60_000, None), (70_000, "close"), (2_100_000, "close")):
            for _ in range(3):
                answer = running.outside.post(path, content=b"a" * size)
                assert (path, size, answer.headers.get("Connection")) == (path, size, said)
    taken = running.outside.post(running.link(new_address(), "offers"), content=b"List-Unsubscribe=One-Click")
    assert (taken.status_code, "Connection" in taken.headers) == (200, False)


def test_an_address_that_is_none_is_denied(running: Instance) -> None:
    for written in ("not an address", "", "a@b@c"):
        answer = running.check("email", written, "offers")
        assert (answer["allowed"], answer["reason"]) == (False, "invalid_address")


def test_bulk_keeps_the_order_and_a_bad_row_costs_only_itself(running: Instance) -> None:
    denied, free = new_address(), new_address()
    running.settled(running.tell("email", denied, "opt_out", "offers"))
    addresses = [free, "nonsense", denied.upper(), 'a"b', free]
    answer = running.api.post(
        "/v1/check/bulk", json={"channel": "email", "topic": "offers", "addresses": addresses}
    ).json()
    assert [row["address"] for row in answer["results"]] == addresses
    reasons = ["opt_out_basis", "invalid_address", "opted_out", "invalid_address", "opt_out_basis"]
    assert [row["reason"] for row in answer["results"]] == reasons
    by_reason = {"opt_out_basis": 2, "invalid_address": 2, "opted_out": 1}
    assert answer["counts"] == {"allowed": 2, "denied": 3, "by_reason": by_reason}
    asked = {"channel": "email", "topic": "offers", "addresses": addresses, "only": "denied"}
    assert len(running.api.post("/v1/check/bulk", json=asked).json()["results"]) == 3


def test_what_is_no_address_at_all_is_a_denied_row(running: Instance) -> None:
    odd: list[Any] = [None, 7, ["a@b.example"], {"line1": 5}, "a@b.example" * 1000]
    for channel in ("email", "sms", "post"):
        answer = running.api.post("/v1/check/bulk", json={"channel": channel, "topic": "offers", "addresses": odd})
        assert [row["reason"] for row in answer.json()["results"]] == ["invalid_address"] * 5


def test_bulk_by_hash_says_the_same(running: Instance) -> None:
    denied, free = new_address(), new_address()
    running.settled(running.tell("email", denied, "opt_out", "offers"))
    hashes = [hashlib.sha256(address.encode()).hexdigest() for address in (denied, free)] + ["xyz"]
    answer = running.api.post("/v1/check/bulk", json={"channel": "email", "topic": "offers", "hashes": hashes}).json()
    assert [row["reason"] for row in answer["results"]] == ["opted_out", "opt_out_basis", "invalid_address"]


def test_bulk_over_the_limit_is_413(running: Instance) -> None:
    asked = {"channel": "email", "topic": "offers", "addresses": ["a@b.example"] * 10_001}
    assert running.api.post("/v1/check/bulk", json=asked).status_code == 413


def test_what_held_at_a_past_moment(running: Instance) -> None:
    address = new_address()
    running.settled(running.tell("email", address, "opt_out", "offers", occurred_at="2026-02-01T10:00:00Z"))
    assert running.check("email", address, "offers", at="2026-02-01T09:59:59Z")["allowed"] is True
    assert running.check("email", address, "offers", at="2026-02-01T10:00:00+00:00")["reason"] == "opted_out"


def test_an_idempotency_key_keeps_one(running: Instance) -> None:
    told = {"channel": "email", "address": new_address(), "action": "opt_out", "topic": "offers"}
    key = {"Idempotency-Key": secrets.token_hex(8)}
    first = running.api.post("/v1/events", json=told, headers=key)
    again = running.api.post("/v1/events", json=told, headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    other = running.api.post("/v1/events", json={**told, "address": new_address()}, headers=key)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"topic": "weather"}, "/topic"),
        ({"address": "nobody"}, "/address"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "/occurred_at"),
        ({"notice": {"slug": "none", "version": 1, "language": "en"}}, "/notice"),
        ({"action": "perhaps"}, "/action"),
    ],
)
def test_a_wrong_event_is_refused_whole(running: Instance, change: dict[str, Any], pointer: str) -> None:
    told = {"channel": "email", "address": new_address(), "action": "opt_out", "topic": "offers", **change}
    before = running.query("SELECT count(*) FROM consent_inbound")
    answer = running.api.post("/v1/events", json=told)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert running.query("SELECT count(*) FROM consent_inbound") == before


def test_links_for_many_with_one_that_is_none(running: Instance) -> None:
    asked = {"channel": "email", "addresses": [new_address(), "nobody"], "topic": "offers", "campaign": "spring"}
    rows = running.api.post("/v1/links", json=asked).json()["results"]
    assert rows[0]["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert rows[0]["headers"]["List-Unsubscribe"].count("<http") == 1
    assert rows[0]["unsubscribe_url"] in rows[0]["headers"]["List-Unsubscribe"]
    assert (rows[1]["unsubscribe_url"], rows[1]["error"]) == (None, "no_at_sign")


def test_the_document_describes_every_path_of_the_api(running: Instance) -> None:
    document = running.outside.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    paths = {"/v1/check", "/v1/check/bulk", "/v1/events", "/v1/events/{event_id}", "/v1/links", "/v1/suppressions"}
    paths |= {"/v1/mail-runs", *(f"/v1/mail-runs/{{id}}{what}" for what in ("", "/rescrub", "/result", "/recalls"))}
    assert paths <= document["paths"].keys()
    assert running.outside.get("/docs").status_code == 200


def test_every_reason_of_the_status_page(running: Instance) -> None:
    address = new_address()
    for reason in ("complaint", "deceased", "minor", "listed", "paused"):
        told = {"channel": "email", "address": address, "reason": reason}
        running.settled(running.api.post("/v1/suppressions", json=told).json()["id"])
    answer = running.check("email", address, "offers")
    assert {answer["reason"], *answer["also"]} == {"complaint", "deceased", "minor", "listed", "paused"}
    shown = running.api.get("/v1/contacts/status", params={"channel": "email", "address": address}).json()
    assert {row["topic"] for row in shown["topics"]} >= {"newsletter", "offers", "service"}
    assert len(shown["history"]) == 5


def test_checks_go_over_one_connection(running: Instance) -> None:
    headers = {"Authorization": f"Bearer {running.values['SAYSO_API_KEY']}", "Content-Type": "application/json"}
    sockets = set()
    with closing(HTTPConnection(urlsplit(running.url).netloc, timeout=10)) as connection:
        for address in ("a@b.example", "nobody", "c@d.example"):
            body = json.dumps({"channel": "email", "address": address, "topic": "offers"})
            connection.request("POST", "/v1/check", body, headers)
            sockets.add(connection.sock)
            answer = connection.getresponse()
            assert json.loads(answer.read())["address"] == address
            assert (answer.status, answer.will_close, answer.getheader("ETag")) == (200, False, None)
    assert len(sockets) == 1
