"""What is refused, all at once, over a real server: whole or known to be cut, of one position, harmless in a table."""

import csv
import hashlib
import io
import json
from typing import Any

import httpx
import pytest

from subscriptions.models.api_key import digest_of, new_token
from tests.instance import Instance, new_address, new_number, until
from tests.journeys.wire import Wire

EXPORT = "/v1/suppressions/export"
_READING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%%export%%'"
_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' "
    "AND query LIKE '%%export%%'"
)


def refused(running: Instance, address: str = "", topic: str = "*", channel: str = "email") -> str:
    """The address of somebody whose no is recorded."""
    address = address or new_address()
    running.settled(running.tell(channel, address, "opt_out", topic))
    return address


def sha256(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()


def table(running: Instance, **query: str) -> tuple[httpx.Response, list[dict[str, str]]]:
    answer = running.api.get(EXPORT, params={"format": "csv", **query})
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(rows) == int(answer.headers["X-Sayso-Rows"])
    return answer, rows


def test_the_feed_goes_on_from_where_the_export_was_taken(running: Instance) -> None:
    before = refused(running)
    answer = running.api.get(EXPORT, params={"format": "ndjson", "with": "sha256"})
    head, *rows, last = map(json.loads, answer.text.splitlines())
    assert last == {"end": True, "rows": len(rows)}
    assert head["position"] == answer.headers["X-Sayso-Position"]
    assert sha256(before) in {row["sha256"] for row in rows}
    after = refused(running)
    changes = running.api.get("/v1/suppressions/changes", params={"cursor": head["position"], "with": "sha256"}).json()
    assert sha256(after) in {row["sha256"] for row in changes["results"]}
    assert sha256(before) not in {row["sha256"] for row in changes["results"]}


def test_a_table_has_who_refused_and_no_formula(running: Instance) -> None:
    number, formula = refused(running, new_number(), channel="sms"), refused(running, f"=cmd{new_address()}")
    _, rows = table(running)
    by_hash = {row["sha256"]: row for row in rows}
    assert by_hash[sha256(number)]["address"] == number
    assert by_hash[sha256(formula)]["address"] == f"'{formula}"
    assert (by_hash[sha256(formula)]["scope"], by_hash[sha256(formula)]["reason"]) == ("controller:acme", "opted_out")
    assert {row["channel"] for row in table(running, channel="sms")[1]} == {"sms"}


def test_a_topic_keeps_only_what_silences_it(running: Instance) -> None:
    of_events, of_all = refused(running, topic="events"), refused(running)
    hashes = {row["sha256"] for row in table(running, topic="offers")[1]}
    assert sha256(of_all) in hashes
    assert sha256(of_events) not in hashes
    assert sha256(of_all) not in {row["sha256"] for row in table(running, topic="service")[1]}


def test_a_list_of_hashes_has_each_once_and_says_how_many_are_not_named(running: Instance) -> None:
    twice = refused(running)
    refused(running, twice, topic="events")
    clicked = new_address()
    assert running.outside.post(running.link(clicked, "offers"), data={"List-Unsubscribe": "One-Click"}).is_success
    running.eventually("email", clicked, "offers", reason="opted_out")
    answer = running.api.get(EXPORT, params={"format": "sha256", "channel": "email"})
    lines = answer.text.splitlines()
    assert lines.count(sha256(twice)) == 1
    assert len(set(lines)) == len(lines)
    assert int(answer.headers["Content-Length"]) == 65 * len(lines)
    assert sha256(clicked) not in lines, "a link names its address by its key alone"
    assert int(answer.headers["X-Sayso-Unnamed"]) >= 1
    [name] = running.api.post("/v1/suppressions/ids", json={"channel": "email", "addresses": [clicked]}).json()["ids"]
    assert name in {row["id"] for row in table(running)[1]}, "its id is there all the same"


def test_the_denials_are_listed_in_pages(running: Instance) -> None:
    mine = {refused(running) for _ in range(3)}
    seen: list[str] = []
    cursor: str | None = "0"
    while cursor is not None:
        query = {"limit": "2", "cursor": cursor, "channel": "email", "scope": "controller:acme", "with": "sha256"}
        body = running.api.get("/v1/suppressions", params=query).json()
        seen += [row["sha256"] for row in body["results"]]
        assert {row["scope"] for row in body["results"]} <= {"controller:acme"}
        cursor = body["next"]
    assert {sha256(one) for one in mine} <= set(seen)
    events = running.api.get("/v1/suppressions", params={"scope": "topic:events", "limit": "10000"}).json()["results"]
    assert {row["scope"] for row in events} <= {"topic:events"}


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (f"{EXPORT}?format=xml", "/format"),
        (f"{EXPORT}?format=sha256", "/channel"),
        (f"{EXPORT}?format=sha256&channel=post", "/channel"),
        (f"{EXPORT}?topic=nothing", "/topic"),
        (f"{EXPORT}?format=ndjson&topic=offers", "/topic"),
        ("/v1/suppressions?scope=topic:nothing", "/scope"),
        ("/v1/suppressions?scope=controller:globex", "/scope"),
        ("/v1/suppressions?cursor=x", "/cursor"),
    ],
)
def test_what_is_not_known_is_refused(running: Instance, path: str, pointer: str) -> None:
    answer = running.api.get(path)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_an_address_is_only_for_who_may_read_peoples(running: Instance) -> None:
    address = refused(running)
    key = new_token()
    running.query(
        "INSERT INTO subscriptions_apikey (controller_id, name, prefix, digest, scopes, created_at) "
        "SELECT id, 'copies', %s, %s, '{suppressions:read}', now() FROM consent_controller WHERE slug = 'acme' "
        "RETURNING id",
        key[:12],
        digest_of(key),
    )
    answer = running.outside.get(EXPORT, headers={"Authorization": f"Bearer {key}"})
    assert address not in answer.text
    assert sha256(address) in answer.text


def many(running: Instance, count: int) -> Any:
    """Denials that fill more than the buffers between server and client."""
    return running.query(
        "INSERT INTO consent_suppression (key, controller_id, since, event_id, cause, sender, channel) "
        "SELECT gen_random_uuid(), (SELECT id FROM consent_controller WHERE slug = 'acme'), now(), gen_random_uuid(), "
        "'choice', '', 'email' FROM generate_series(1, %s) RETURNING id",
        count,
    )


def test_who_hangs_up_frees_the_place_and_the_connection_and_who_is_cut_off_notices(running: Instance) -> None:
    rows = many(running, 60_000)
    try:
        wire = Wire(running, f"{EXPORT}?format=ndjson", method="GET")
        wire.end()
        assert wire.status() == 200
        until(lambda: running.query(_READING) == [(1,)])
        wire.hang_up()
        until(lambda: running.query(_READING) == [(0,)])
        cut = Wire(running, f"{EXPORT}?format=ndjson", method="GET")
        cut.end()
        until(lambda: running.query(_READING) == [(1,)])
        until(lambda: running.query(_CUT) == [(True,)])  # it waits for us to read on, or is about to
        *_, last = cut.lines()
        assert last["error"]["status"] == 503
        cut.hang_up()
    finally:
        running.query("DELETE FROM consent_suppression WHERE id = ANY(%s) RETURNING 1", [one for [one] in rows])
