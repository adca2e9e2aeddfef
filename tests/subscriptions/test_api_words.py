"""Telling over the API: events, denials that are nobody's own word, and what is never lifted."""

from typing import Any

import pytest

from consent import pipeline
from consent.models import ConsentEvent, Hold, Inbound, Notice
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, ago, ask, entry, key_of, make_organisation, record
from tests.each import each
from tests.subscriptions.test_api_access import (
    ADDRESS,
    CHECK,
    EVENT,
    LIFT,
    SUPPRESSION,
    Caller,
    caller,
    is_problem,
)

pytestmark = pytest.mark.django_db

KEY = key_of("email", ADDRESS)
HOME = {
    "name": "Ann Lee",
    "line1": "12 Oak Street",
    "city": "Springfield",
    "region": "IL",
    "postal_code": "62701",
    "country": "US",
}


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def reason(acme: Caller, **more: Any) -> str:
    found: str = acme.call("POST", "/v1/check", CHECK | more).json()["reason"]
    return found


@pytest.mark.parametrize(
    ("told", "asked", "held", "after"),
    [
        ({}, {}, "held", "opted_out"),
        ({"topic": "offers"}, {}, "held", "opted_out"),
        ({"topic": "offers"}, {"topic": "events"}, "opt_out_basis", "opt_out_basis"),
        ({}, {"topic": "service"}, "service", "service"),
        ({"address": " Ann.Lee@EXAMPLE.com "}, {}, "held", "opted_out"),
        (
            {"channel": "sms", "address": "+1 (415) 555-0123"},
            {"channel": "sms", "address": "+14155550123"},
            "held",
            "opted_out",
        ),
        ({"channel": "post", "address": HOME}, {"channel": "post", "address": HOME}, "held", "opted_out"),
        ({"action": "opt_in", "topic": "newsletter"}, {"topic": "newsletter"}, "no_consent", "granted"),
        ({"action": "opt_in", "topic": "double"}, {"topic": "double"}, "no_consent", "unconfirmed"),
        (
            {"action": "opt_in", "topic": "double", "basis": "confirmed_opt_in"},
            {"topic": "double"},
            "no_consent",
            "granted",
        ),
        ({"action": "opt_in", "topic": "*"}, {"topic": "data-sharing"}, "no_consent", "no_consent"),
    ],
)
def test_an_opt_out_denies_from_its_answer_on_and_a_yes_waits(
    acme: Caller, told: dict[str, Any], asked: dict[str, Any], held: str, after: str
) -> None:
    answer = acme.call("POST", "/v1/events", EVENT | told)
    assert answer.status_code == 202, answer.content
    path = answer.json()["status_url"]
    assert (answer["Location"], path) == (path, f"/v1/events/{answer.json()['id']}")
    assert reason(acme, **asked) == held
    assert acme.call("GET", path).json()["status"] == "pending"
    pipeline.drain()
    assert reason(acme, **asked) == after
    assert acme.call("GET", path).json()["status"] == "done"


def test_what_became_of_an_event(acme: Caller) -> None:
    told = acme.call(
        "POST", "/v1/events", EVENT | {"occurred_at": "2026-03-01T08:00:00+01:00", "source": "form"}
    ).json()
    pipeline.drain()
    body = acme.call("GET", told["status_url"]).json()
    [line] = body["events"]
    assert (body["outcome"], line["scope"], line["source"]) == ("opt_out", "controller:acme", "api:form")
    assert line["occurred_at"] == "2026-03-01T07:00:00Z"


def test_the_wording_a_person_saw_is_kept_and_must_exist(organisation: Organisation, acme: Caller) -> None:
    seen = {"slug": "form", "version": 2, "language": "en"}
    yes = EVENT | {"action": "opt_in", "topic": "newsletter", "notice": seen}
    assert is_problem(acme.call("POST", "/v1/events", yes), 400)
    Notice.objects.create(controller=organisation.globex, text="…", published_at=ago(), **seen)
    assert is_problem(acme.call("POST", "/v1/events", yes), 400)
    notice = Notice.objects.create(controller=organisation.acme, text="…", published_at=ago(), **seen)
    assert acme.call("POST", "/v1/events", yes).status_code == 202
    pipeline.drain()
    assert ConsentEvent.objects.get().notice_id == notice.pk


@each(
    ("change", "pointer", "code"),
    [
        ({"channel": "fax"}, "/channel", "unknown_value"),
        ({"address": "not an address"}, "/address", None),
        ({"address": 7}, "/address", "bad_value"),
        ({"address": {"line1": 7}}, "/address", "bad_value"),
        ({"action": "suppress"}, "/action", "unknown_value"),
        ({"action": "lift"}, "/action", "unknown_value"),
        ({"topic": "nothing"}, "/topic", "unknown_topic"),
        ({"topic": None}, "/topic", "bad_value"),
        ({"cause": "stop"}, "/cause", "unknown_member"),
        ({"occurred_at": "2026-03-01T08:00:00"}, "/occurred_at", "no_time_zone"),
        ({"occurred_at": "2999-03-01T08:00:00Z"}, "/occurred_at", "in_future"),
        ({"occurred_at": "yesterday"}, "/occurred_at", "bad_value"),
        ({"basis": "hearsay"}, "/basis", "unknown_value"),
        ({"source": "x" * 37}, "/source", "too_long"),
        ({"person": {"external_id": ""}}, "/person/external_id", "bad_length"),
        ({"person": {"external_id": "x" * 201}}, "/person/external_id", "bad_length"),
        ({"person": {}}, "/person/external_id", "missing"),
        ({"notice": {"slug": "form"}}, "/notice/version", "missing"),
        ({"notice": {"slug": "form", "version": 1, "language": "en"}}, "/notice", "unknown_notice"),
        ({"evidence": [1]}, "/evidence", "bad_value"),
    ],
)
def test_a_member_at_fault_is_named_and_nothing_is_stored(
    acme: Caller, change: dict[str, Any], pointer: str, code: str | None
) -> None:
    answer = acme.call("POST", "/v1/events", EVENT | change)
    assert is_problem(answer, 400)
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code or error["code"])
    assert not Inbound.objects.exists()


MANY = 40_000
RAW = [
    (b"", 400),
    (b"[]", 400),
    (b"null", 400),
    (b"{", 400),
    (b'{"topic": "a", "topic": "b"}', 400),
    (b'{"topic": NaN}', 400),
    (b'{"topic": 1' + b"0" * 5_000 + b"}", 400),
    (b'{"topic": "\\ud800"}', 400),
    (b'{"topic": "\\u0000"}', 400),
    (b'{"topic": "\xff"}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, 400),
    *[
        (b'{"evidence": {"x": "\\u0041", "d": ' + b"[" * depth + b"]" * depth + b"}}", 400)
        for depth in (60, *range(940, 1000, 3))
    ],
    (b"{" + b",".join(b'"%d": 1' % (number % (MANY - 1)) for number in range(MANY)) + b"}", 400),
    (b'{"topic": "' + b"x" * 2_000_000 + b'"}', 413),
]


@pytest.mark.parametrize("path", ["/v1/check", "/v1/events", "/v1/links"])
def test_no_body_is_so_odd_that_it_ends_in_a_500(acme: Caller, path: str) -> None:
    for body, status in RAW:
        answer = acme.call("POST", path, body)
        assert is_problem(answer, status), body[:40]
    assert not Inbound.objects.exists()


def test_a_backslash_in_a_text_is_no_escape(acme: Caller) -> None:
    assert acme.call("POST", "/v1/events", EVENT | {"evidence": {"path": "C:\\u0000 \\ud800"}}).status_code == 202
    pipeline.drain()
    assert Inbound.objects.get().state == "done"


def test_the_same_idempotency_key_is_one_event(organisation: Organisation, acme: Caller) -> None:
    answers = [acme.call("POST", "/v1/events", EVENT, Idempotency_Key="k-1") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == Inbound.objects.count() == Hold.objects.count() == 1
    pipeline.drain()
    assert acme.call("POST", "/v1/events", EVENT, Idempotency_Key="k-1").json() == answers[0].json()
    assert acme.call("POST", "/v1/events", EVENT, Idempotency_Key="k-2").json() != answers[0].json()
    other = caller(organisation.acme, "consent:write")
    assert other.call("POST", "/v1/events", EVENT, Idempotency_Key="k-1").json() != answers[0].json()
    foreign = caller(organisation.globex, "consent:write")
    assert foreign.call("POST", "/v1/events", EVENT, Idempotency_Key="k-1").json() != answers[0].json()
    assert Inbound.objects.count() == 4


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/events", EVENT | {"topic": "offers"}),
        ("POST", "/v1/events", EVENT | {"action": "opt_in"}),
        ("POST", "/v1/suppressions", SUPPRESSION),
        ("DELETE", "/v1/suppressions", LIFT),
    ],
)
def test_an_idempotency_key_with_other_content_is_refused(acme: Caller, method: str, path: str, body: Any) -> None:
    acme.call("POST", "/v1/events", EVENT, Idempotency_Key="k-1")
    assert is_problem(acme.call(method, path, body, Idempotency_Key="k-1"), 422)
    assert Inbound.objects.count() == 1


def test_an_idempotency_key_has_a_bound(acme: Caller) -> None:
    assert is_problem(acme.call("POST", "/v1/events", EVENT, Idempotency_Key="k" * 256), 400)
    assert acme.call("POST", "/v1/events", EVENT, Idempotency_Key="k" * 255).status_code == 202


@pytest.mark.parametrize(
    ("cause", "offers", "service"),
    [
        ("hard_bounce", "hard_bounce", "hard_bounce"),
        ("complaint", "complaint", "service"),
        ("deceased", "deceased", "deceased"),
        ("minor", "minor", "service"),
        ("listed", "listed", "service"),
        ("paused", "paused", "service"),
    ],
)
def test_a_suppression_denies_what_its_reason_reaches(acme: Caller, cause: str, offers: str, service: str) -> None:
    assert acme.call("POST", "/v1/suppressions", SUPPRESSION | {"reason": cause}).status_code == 202
    assert reason(acme) == "held"
    pipeline.drain()
    assert (reason(acme), reason(acme, topic="service")) == (offers, service)


@pytest.mark.parametrize("cause", ["hard_bounce", "paused"])
def test_a_bounce_and_a_pause_can_be_lifted_with_a_reason(acme: Caller, cause: str) -> None:
    acme.call("POST", "/v1/suppressions", SUPPRESSION | {"reason": cause, "occurred_at": ago(hours=1).isoformat()})
    pipeline.drain()
    assert acme.call("DELETE", "/v1/suppressions", LIFT | {"reason": cause}).status_code == 202
    assert reason(acme) == cause
    pipeline.drain()
    assert reason(acme) == "opt_out_basis"


@each("cause", ["opted_out", "stop", "choice", "complaint", "deceased", "minor", "listed", "held", "", None])
def test_nothing_else_can_be_lifted_over_the_api(acme: Caller, cause: Any) -> None:
    answer = acme.call("DELETE", "/v1/suppressions", LIFT | {"reason": cause})
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0]["pointer"] == "/reason"
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(
    ("cause", "action"),
    [
        ("choice", "withdraw"),
        ("stop", "withdraw"),
        ("complaint", "object"),
        ("deceased", "invalidate"),
        ("minor", "invalidate"),
        ("listed", "object"),
    ],
)
@pytest.mark.parametrize("lifted", ["hard_bounce", "paused"])
def test_lifting_a_bounce_or_a_pause_leaves_every_other_denial(
    organisation: Organisation, acme: Caller, cause: str, action: str, lifted: str
) -> None:
    record(entry(KEY, organisation.scope("acme"), action, cause))
    for topic in ("*", "offers"):
        assert acme.call("DELETE", "/v1/suppressions", LIFT | {"reason": lifted, "topic": topic}).status_code == 202
    pipeline.drain()
    assert not ask(organisation, "offers", [KEY]).allowed


@pytest.mark.parametrize("why", ["", "  \n"])
def test_a_lift_needs_a_reason(acme: Caller, why: str) -> None:
    answer = acme.call("DELETE", "/v1/suppressions", LIFT | {"why": why})
    assert is_problem(answer, 400)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/why"]


@pytest.mark.parametrize("cause", ["stop", "choice", "opted_out", None])
def test_a_persons_own_word_is_no_suppression(acme: Caller, cause: Any) -> None:
    assert is_problem(acme.call("POST", "/v1/suppressions", SUPPRESSION | {"reason": cause}), 400)


def test_a_pause_ends_by_itself_and_nothing_else_does(acme: Caller) -> None:
    for cause in ("hard_bounce", "complaint", "deceased", "minor", "listed"):
        answer = acme.call("POST", "/v1/suppressions", SUPPRESSION | {"reason": cause, "until": "2027-01-01T00:00:00Z"})
        assert is_problem(answer, 400)
        assert answer.json()["errors"][0]["pointer"] == "/until"
    for until, after in ((ago(minutes=5), "opt_out_basis"), (ago(days=-1), "paused")):
        pause = SUPPRESSION | {"reason": "paused", "occurred_at": ago(hours=1).isoformat(), "until": until.isoformat()}
        assert acme.call("POST", "/v1/suppressions", pause).status_code == 202
        pipeline.drain()
        assert reason(acme) == after


def test_a_yes_lifts_a_no_of_the_person_and_no_bounce(acme: Caller) -> None:
    early = {"occurred_at": ago(hours=2).isoformat()}
    acme.call("POST", "/v1/events", EVENT | early)
    acme.call("POST", "/v1/suppressions", SUPPRESSION | early)
    acme.call("POST", "/v1/events", EVENT | {"action": "opt_in"})
    pipeline.drain()
    body = acme.call("POST", "/v1/check", CHECK).json()
    assert (body["reason"], body["also"]) == ("hard_bounce", [])


def test_an_import_lifts_nothing(acme: Caller) -> None:
    acme.call("POST", "/v1/events", EVENT | {"occurred_at": ago(hours=2).isoformat()})
    acme.call("POST", "/v1/events", EVENT | {"action": "opt_in", "source": "import"})
    pipeline.drain()
    assert reason(acme) == "opted_out"
