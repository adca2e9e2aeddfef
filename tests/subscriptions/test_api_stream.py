"""The stream's lines: each has its answer or says what is wrong with it, in order, as the check would say it."""

import hashlib
import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from consent.models import Topic
from subscriptions.api import stream
from subscriptions.api.stream_lines import MAX_LINE_BYTES
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, entry, key_of, make_organisation, record
from tests.each import each
from tests.subscriptions.test_api_access import ADDRESS, Caller, caller, is_problem

pytestmark = pytest.mark.django_db

STREAM = "/v1/check/stream"
OFFERS = f"{STREAM}?channel=email&topic=offers"
POSTAL = {"name": "Ann Lee", "line1": "12 Oak St", "city": "Springfield", "region": "IL", "postal_code": "62701"}


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    record(entry(key_of("email", ADDRESS), made.scope("acme"), "withdraw", "choice"))
    return made


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def answers(asker: Caller, body: bytes | str, path: str = OFFERS) -> list[dict[str, Any]]:
    sent = body.encode() if isinstance(body, str) else body
    answer = asker.call("POST", path, sent)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.getvalue().splitlines()]


def test_a_line_is_answered_as_the_check_answers_it(acme: Caller) -> None:
    [line] = answers(acme, f'"{ADDRESS}"\n')
    body = {"channel": "email", "address": ADDRESS, "topic": "offers"}
    checked = acme.call("POST", "/v1/check", body).json()
    assert line.pop("line") == 1
    assert line.pop("checked_at")
    del checked["checked_at"]
    assert line == checked
    assert (line["allowed"], line["reason"]) == (False, "opted_out")


def test_lines_of_every_form_are_answered_in_their_order(acme: Caller) -> None:
    digest = hashlib.sha256(ADDRESS.encode()).hexdigest()
    sent = [
        "bo.chen@example.com",
        {"address": ADDRESS, "id": "a-1"},
        {"hash": digest, "id": 7},
        {"address": "+14155550100", "channel": "sms"},
        {"address": POSTAL, "channel": "post"},
        {"address": ADDRESS, "topic": "service"},
        {"address": 10**30},
        "ann.l\u00e9e@example.com",
    ]
    got = answers(acme, "\n".join(json.dumps(one) for one in sent))
    assert [(line["line"], line["allowed"], line["reason"]) for line in got] == [
        (1, True, "opt_out_basis"),
        (2, False, "opted_out"),
        (3, False, "opted_out"),
        (4, True, "opt_out_basis"),
        (5, True, "opt_out_basis"),
        (6, True, "service"),
        (7, False, "invalid_address"),
        (8, True, "opt_out_basis"),
    ]
    assert [line.get("id") for line in got] == [None, "a-1", 7, None, None, None, None, None]
    assert (got[2]["hash"], got[4]["address"], got[7]["address"]) == (digest, POSTAL, sent[7])


@each(
    ("line", "code"),
    [
        (b"x", "not_json"),
        (b'"ann@example.com', "not_json"),
        (b'"a@example.com" "b@example.com"', "not_json"),
        (b'"a@example.com","b@example.com"', "not_json"),
        (b'"\xff@example.com"', "not_json"),
        (b'"a\x00@example.com"', "not_json"),
        (b'"a\\u0000@example.com"', "unstorable_text"),
        (b'"\\ud800@example.com"', "unstorable_text"),
        (b"7", "bad_value"),
        (b"null", "bad_value"),
        (b'["a@example.com"]', "bad_value"),
        (b"{}", "missing"),
        (b'{"address": "a@example.com", "hash": "00"}', "missing"),
        (b'{"adress": "a@example.com"}', "unknown_member"),
        (b'{"address": "a@example.com", "address": "b@example.com"}', "duplicate_key"),
        (b'{"address": "a@example.com", "id": {}}', "bad_value"),
        (b'{"address": "a@example.com", "topic": "nothing"}', "unknown_topic"),
        (b'{"address": "a@example.com", "channel": "fax"}', "unknown_value"),
        (b'{"hash": "00", "channel": "post"}', "not_for_post"),
        (b'{"address": "+14155550100", "channel": "sms", "sender": "+19995550000"}', "unknown_sender"),
        (b"[" * 5_000, "too_deep"),
        (b'"' + b"a" * MAX_LINE_BYTES + b'"', "too_long"),
        (b'"' + b"a" * 5 * MAX_LINE_BYTES + b'"', "too_long"),
    ],
)
def test_a_broken_line_is_an_answer_with_its_number_and_spoils_no_other(acme: Caller, line: bytes, code: str) -> None:
    good = f'"{ADDRESS}"'.encode()
    before, broken, after = answers(acme, b"\n".join([good, line, good]))
    assert (before["line"], broken["line"], after["line"]) == (1, 2, 3)
    assert broken["error"]["code"] == code
    assert "allowed" not in broken
    assert (before["reason"], after["reason"]) == ("opted_out", "opted_out")


def test_empty_lines_count_and_are_not_answered(acme: Caller) -> None:
    got = answers(acme, b'\xef\xbb\xbf"a@example.com"\r\n\r\n  \n"b@example.com"\n\n')
    assert [line["line"] for line in got] == [1, 4]


def test_more_lines_than_are_asked_about_at_once_keep_their_order(
    acme: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "AT_ONCE", 7)
    sent = [f"p{number}@example.com" if number % 5 else ADDRESS for number in range(100)]
    got = answers(acme, "\n".join(f'"{one}"' for one in sent))
    assert [line["address"] for line in got] == sent
    assert [line["allowed"] for line in got] == [number % 5 > 0 for number in range(100)]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (f"{STREAM}?channel=email&topic=nothing", "/topic"),
        (f"{STREAM}?topic=nothing", "/topic"),
        (f"{STREAM}?channel=fax&topic=offers", "/channel"),
        (f"{STREAM}?channel=sms&topic=offers&sender=%2B19995550000", "/sender"),
        (f"{STREAM}?channel=email&topics=offers", "/topics"),
    ],
)
def test_what_every_line_would_be_refused_for_is_refused_at_once(acme: Caller, path: str, pointer: str) -> None:
    answer = acme.call("POST", path, b'"a@example.com"\n')
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_line_may_say_all_by_itself(acme: Caller) -> None:
    lines = [{"channel": "email", "topic": "offers", "address": ADDRESS}, {"address": ADDRESS}, ADDRESS]
    got = answers(acme, "\n".join(json.dumps(one) for one in lines), STREAM)
    assert [line.get("reason") or line["error"]["code"] for line in got] == ["opted_out", "missing", "missing"]


def test_when_the_database_fails_the_last_line_says_so_and_nothing_is_allowed(
    acme: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("consent.prepared.Statement.fetch", fails)
    [last] = answers(acme, b'"a@example.com"\n"b@example.com"\n')
    assert last["error"]["status"] == 503


def test_a_key_that_is_revoked_meanwhile_ends_the_stream(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "AT_ONCE", 1)
    parts = iter(acme.call("POST", OFFERS, b'"a@example.com"\n"b@example.com"\n').streaming_content)
    assert json.loads(next(parts))["allowed"] is True
    acme.key.revoked_at = timezone.now()
    acme.key.save()
    Topic.objects.update(name="raises the version of the configuration")
    assert json.loads(next(parts))["error"]["status"] == 401
    assert list(parts) == []


def test_a_stream_that_is_too_much_is_refused_and_one_that_ends_gives_its_place_back(acme: Caller) -> None:
    open_ones = [acme.call("POST", OFFERS, b'"a@example.com"\n') for _ in range(2)]
    refused = acme.call("POST", OFFERS, b'"a@example.com"\n')
    assert is_problem(refused, 429)
    assert refused["Retry-After"]
    assert [len(one.getvalue().splitlines()) for one in open_ones] == [1, 1]
    assert answers(acme, b'"a@example.com"\n')[0]["allowed"] is True


def test_without_the_scope_nothing_is_answered(organisation: Organisation) -> None:
    assert is_problem(caller(organisation.acme, "links").call("POST", OFFERS, b'"a@example.com"\n'), 403)
    assert Client().post(OFFERS, b"", content_type="application/x-ndjson").status_code == 401
