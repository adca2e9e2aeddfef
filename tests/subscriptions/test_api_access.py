"""Who may ask what: keys, scopes, controllers, methods; and what an answer says when the database cannot."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from consent import db, pipeline
from consent.configuration import EVERYTHING
from consent.models import ConsentEvent, Controller, Hold, Inbound, Person
from subscriptions.models.api_key import SCOPES, ApiKey, digest_of, new_token
from tests.consent.core.example import Organisation, entry, make_organisation, record
from tests.each import each

pytestmark = pytest.mark.django_db

ADDRESS = "ann.lee@example.com"
CHECK = {"channel": "email", "address": ADDRESS, "topic": "offers"}
BULK = {"channel": "email", "addresses": [ADDRESS], "topic": "offers"}
EVENT = {"channel": "email", "address": ADDRESS, "action": "opt_out", "topic": "*"}
SUPPRESSION = {"channel": "email", "address": ADDRESS, "reason": "hard_bounce"}
LIFT = SUPPRESSION | {"why": "it was delivered since"}
GONE = {"numbers": [{"number": "+14155550123", "disconnected_on": "2026-03-05"}]}
MOVE = {"channel": "email", "from": ADDRESS, "to": "ann@example.net"}
IMPORT = {"file": ("list.csv", "email\nann.lee@example.com\n"), "list": "no-mail", "kind": "other"}
IDS = {"channel": "email", "addresses": [ADDRESS]}
LINKS = {"channel": "email", "address": ADDRESS, "topic": "offers"}

# method, path, body, scope, status of a good request
ROUTES: list[tuple[str, str, Any, str, int]] = [
    ("POST", "/v1/check", CHECK, "check", 200),
    ("POST", "/v1/check", CHECK | {"at": "2026-03-01T00:00:00Z"}, "check", 200),
    ("POST", "/v1/check/bulk", BULK, "check", 200),
    ("POST", "/v1/events", EVENT, "consent:write", 202),
    ("GET", "/v1/events/{event}", None, "consent:write", 200),
    ("POST", "/v1/suppressions", SUPPRESSION, "suppressions:write", 202),
    ("DELETE", "/v1/suppressions", LIFT, "suppressions:write", 202),
    ("GET", "/v1/suppressions", None, "suppressions:read", 200),
    ("GET", "/v1/suppressions/changes", None, "suppressions:read", 200),
    ("POST", "/v1/suppressions/ids", IDS, "suppressions:read", 200),
    ("POST", "/v1/imports", IMPORT, "suppressions:write", 202),
    ("POST", "/v1/numbers/disconnected", GONE, "suppressions:write", 202),
    ("POST", "/v1/moves", {"moves": [MOVE]}, "people:write", 202),
    ("GET", "/v1/people/p-1", None, "people:read", 200),
    ("PATCH", "/v1/people/p-1", {"moves": [MOVE]}, "people:write", 202),
    ("POST", "/v1/people/p-1/merge", {"into": "p-2"}, "people:write", 202),
    ("POST", "/v1/links", LINKS, "links", 200),
    ("GET", f"/v1/contacts/status?channel=email&address={ADDRESS}", None, "people:read", 200),
    ("GET", "/v1/mail-runs", None, "check", 200),
    ("GET", "/v1/scrubs", None, "check", 200),
]
by_route = each(("method", "path", "body", "scope", "status"), ROUTES)


class Caller(NamedTuple):
    """A client with a key."""

    key: ApiKey
    token: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if isinstance(body, dict) and "file" in body:
            return self.upload(method, path, body, headers)
        data = body if isinstance(body, bytes) else json.dumps(body) if body is not None else ""
        given = {
            "Authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        return Client().generic(method, path, data, content_type="application/json", headers=given)

    def upload(self, method: str, path: str, form: dict[str, Any], headers: dict[str, str]) -> Any:
        """A form with a file: its name and bytes."""
        name, content = form["file"]
        data = encode_multipart(BOUNDARY, form | {"file": SimpleUploadedFile(name, content.encode())})
        given = {"Authorization": f"Bearer {self.token}"} | {
            key.replace("_", "-"): text for key, text in headers.items()
        }
        return Client().generic(method, path, data, content_type=MULTIPART_CONTENT, headers=given)


def caller(controller: Controller, *scopes: str) -> Caller:
    token = new_token()
    key = ApiKey.objects.create(
        controller=controller, name="tests", prefix=token[:12], digest=digest_of(token), scopes=list(scopes)
    )
    return Caller(key, token)


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


@pytest.fixture
def event(acme: Caller) -> str:
    """An event of acme's, worked off; two people are known."""
    for name in ("p-1", "p-2"):
        Person.objects.create(controller=Controller.objects.get(slug="acme"), external_id=name)
    told = acme.call("POST", "/v1/events", EVENT)
    pipeline.drain()
    found: str = told.json()["id"]
    return found


def is_problem(answer: Any, status: int) -> bool:
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), body
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    assert "allowed" not in body
    return True


@by_route
def test_a_key_with_the_scope_alone_is_let_in(
    organisation: Organisation, event: str, method: str, path: str, body: Any, scope: str, status: int
) -> None:
    answer = caller(organisation.acme, scope).call(method, path.format(event=event), body)
    assert answer.status_code == status, answer.content


@by_route
def test_a_key_with_every_other_scope_is_refused(
    organisation: Organisation, event: str, method: str, path: str, body: Any, scope: str, status: int
) -> None:
    before = Inbound.objects.count()
    others = caller(organisation.acme, *(set(SCOPES) - {scope}))
    assert is_problem(others.call(method, path.format(event=event), body), 403)
    assert Inbound.objects.count() == before


@by_route
def test_a_revoked_key_is_refused_by_its_next_request(
    organisation: Organisation, event: str, method: str, path: str, body: Any, scope: str, status: int
) -> None:
    revoked, place = caller(organisation.acme, *SCOPES), path.format(event=event)
    assert revoked.call(method, place, body).status_code == status
    before = Inbound.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subscriptions_apikey SET revoked_at = now() WHERE id = %s", [revoked.key.pk])
    answer = revoked.call(method, place, body)
    assert is_problem(answer, 401)
    assert "Bearer" in answer["WWW-Authenticate"]
    assert Inbound.objects.count() == before


@by_route
def test_a_new_key_is_known_and_a_taken_scope_missed_at_once(
    organisation: Organisation, acme: Caller, event: str, method: str, path: str, body: Any, scope: str, status: int
) -> None:
    acme.call("POST", "/v1/check", CHECK)  # what this process knows is as fresh as can be
    new, place = caller(organisation.acme, scope), path.format(event=event)
    assert new.call(method, place, body).status_code == status
    ApiKey.objects.filter(pk=new.key.pk).update(scopes=["destinations"])
    assert is_problem(new.call(method, place, body), 403)


NO_KEYS = (
    "",
    "Bearer",
    "Bearer ",
    "Basic dXNlcjpw",
    "Token {0}",
    "{0}",
    "Bearer {0}x",
    "Bearer x{0}",
    "Bearer {0} {0}",
    "Bearer é",
)


@by_route
def test_without_a_valid_key_nobody_is_let_in(
    acme: Caller, method: str, path: str, body: Any, scope: str, status: int
) -> None:
    place = path.format(event="01a1ffa2-52b8-732b-9398-a6f0a8c9869e")
    for header in NO_KEYS:
        given = {"Authorization": header.format(acme.token)} if header else {}
        answer = Client().generic(method, place, json.dumps(body), content_type="application/json", headers=given)
        assert is_problem(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Bearer ")
    assert not Inbound.objects.exists()


@each(
    ("path", "allowed"),
    [
        ("/v1/check", {"POST"}),
        ("/v1/check/bulk", {"POST"}),
        ("/v1/events", {"POST"}),
        ("/v1/suppressions", {"GET", "POST", "DELETE"}),
        ("/v1/suppressions/changes", {"GET"}),
        ("/v1/suppressions/export", {"GET"}),
        ("/v1/suppressions/ids", {"POST"}),
        ("/v1/check/stream", {"POST"}),
        ("/v1/imports", {"POST", "OPTIONS"}),
        ("/v1/numbers/disconnected", {"POST"}),
        ("/v1/moves", {"POST"}),
        ("/v1/people/p-1", {"GET", "PATCH"}),
        ("/v1/people/p-1/merge", {"POST"}),
        ("/v1/links", {"POST"}),
        ("/v1/contacts/status", {"GET", "HEAD", "OPTIONS"}),
        ("/v1/mail-runs", {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
def test_a_method_that_a_path_has_not_is_named_so(acme: Caller, path: str, allowed: set[str]) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        answer = acme.call(method, path)
        assert is_problem(answer, 405)
        assert set(answer["Allow"].split(", ")) == allowed


def test_another_controllers_event_is_not_there(organisation: Organisation, acme: Caller, event: str) -> None:
    globex = caller(organisation.globex, *SCOPES)
    foreign = globex.call("GET", f"/v1/events/{event}")
    unknown = globex.call("GET", "/v1/events/01a1ffa2-52b8-732b-9398-a6f0a8c9869e")
    assert is_problem(foreign, 404)
    assert foreign.content == unknown.content


def test_another_controllers_person_is_not_there(organisation: Organisation, event: str) -> None:
    globex = caller(organisation.globex, *SCOPES)
    for method, path, body in (("GET", "", None), ("POST", "/merge", {"into": "p-2"})):
        foreign = globex.call(method, f"/v1/people/p-1{path}", body)
        assert is_problem(foreign, 404)
        assert foreign.content == globex.call(method, f"/v1/people/nobody{path}", body).content


def test_another_controllers_words_and_topics_are_not_seen(
    organisation: Organisation, acme: Caller, event: str
) -> None:
    globex = caller(organisation.globex, *SCOPES)
    path = f"/v1/contacts/status?channel=email&address={ADDRESS}"
    own, foreign = acme.call("GET", path).json(), globex.call("GET", path).json()
    assert [line["action"] for line in own["history"]] == ["withdraw"]
    assert {row["topic"] for row in own["topics"]} == set(organisation.topics)
    assert foreign["history"] == []
    assert {(row["topic"], row["reason"]) for row in foreign["topics"]} == {
        ("offers", "opt_out_basis"),
        ("service", "service"),
    }
    never_seen = globex.call("GET", path.replace("ann.lee", "nobody.at.all")).json()
    assert never_seen | {"address": ADDRESS} == foreign


def test_what_reaches_everyone_is_seen_by_all(organisation: Organisation, event: str) -> None:
    """A STOPALL is one word for all controllers: each sees that it was said, and it denies for each."""
    line = ConsentEvent.objects.get()
    record(entry(line.key, EVERYTHING, "withdraw", "stop"))
    globex = caller(organisation.globex, *SCOPES)
    answer = globex.call("GET", f"/v1/contacts/status?channel=email&address={ADDRESS}").json()
    assert [(row["scope"], row["action"]) for row in answer["history"]] == [("everything", "withdraw")]
    [offers] = [row for row in answer["topics"] if row["topic"] == "offers"]
    assert (offers["allowed"], offers["scope"]) == (False, "everything")


def test_another_controllers_topics_are_unknown(organisation: Organisation) -> None:
    globex = caller(organisation.globex, *SCOPES)
    for path, body in (("/v1/check", CHECK), ("/v1/check/bulk", BULK), ("/v1/events", EVENT), ("/v1/links", LINKS)):
        answer = globex.call("POST", path, body | {"topic": "newsletter"})
        assert is_problem(answer, 400)
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/topic", "unknown_topic")]
    assert not Inbound.objects.exists()


@pytest.fixture
def broken_database(acme: Caller, event: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The driver fails as it does when the server is gone; caches are as warm as they were."""

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("connection to server at 10.0.0.9 failed for user sayso")

    acme.call("POST", "/v1/check", CHECK)
    monkeypatch.setattr(db, "fetch", fail)
    monkeypatch.setattr(connection, "cursor", fail)
    yield
    monkeypatch.undo()


@by_route
def test_without_a_database_nothing_is_allowed_and_nothing_acknowledged(
    broken_database: None, acme: Caller, event: str, method: str, path: str, body: Any, scope: str, status: int
) -> None:
    answer = acme.call(method, path.format(event=event), body)
    assert is_problem(answer, 503)
    assert int(answer["Retry-After"]) > 0
    assert "10.0.0.9" not in answer.content.decode()


def test_what_nobody_foresaw_is_a_problem_without_its_text(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError("about ann.lee@example.com")

    monkeypatch.setattr(db, "fetch", fail)
    answer = acme.call("POST", "/v1/check", CHECK)
    assert is_problem(answer, 500)
    assert "ann.lee" not in answer.content.decode()


def test_holds_of_one_controller_leave_the_other_alone(organisation: Organisation, acme: Caller) -> None:
    acme.call("POST", "/v1/events", EVENT)
    assert Hold.objects.count() == 1
    globex = caller(organisation.globex, "check")
    assert acme.call("POST", "/v1/check", CHECK).json()["reason"] == "held"
    answer = globex.call("POST", "/v1/check", CHECK).json()
    assert (answer["allowed"], answer["reason"]) == (True, "opt_out_basis")
    assert answer["checked_at"] <= timezone.now().isoformat().replace("+00:00", "Z")
