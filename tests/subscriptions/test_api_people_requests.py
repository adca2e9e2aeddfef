"""`/v1/people/{external_id}/requests`: a system tells what a person asks about their data, under the rules of pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from consent import pipeline
from consent.inbox import open_envelope
from consent.models import ConsentEvent, ContactPoint, Controller, Inbound, RightsRequest, Sender
from consent.rights import deciding
from consent.rights.deadlines import due_at
from consent.story import read_story
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, key_of, make_organisation
from tests.each import each
from tests.subscriptions.proving import work
from tests.subscriptions.test_api_access import Caller, caller, is_problem

pytestmark = pytest.mark.django_db

MAIL, NUMBER = "jane@example.com", "+14155550123"
PATH = "/v1/people/crm%2017/requests"
KNOWN = {"verified": True, "evidence": "Signed in to her account with a passkey."}


@pytest.fixture
def organisation(db: None) -> Organisation:
    mail.outbox.clear()
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return met(caller(organisation.acme, *SCOPES))


def met(system: Caller) -> Caller:
    """Jane has a mailbox and a number, and said yes at both."""
    for channel, address in (("email", MAIL), ("sms", NUMBER)):
        person = {"external_id": "crm 17", "name": "Jane Roe"}
        said = {"channel": channel, "address": address, "action": "opt_in", "topic": "offers", "person": person}
        assert system.call("POST", "/v1/events", said).status_code == 202
    pipeline.drain()
    return system


def asked(system: Caller, kind: str, headers: Any = None, **more: Any) -> str:
    answer = system.call("POST", PATH, {"kind": kind, **more}, **(headers or {}))
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert body["status_url"] == answer["Location"] == f"{PATH}/{body['id']}"
    return str(body["status_url"])


def state(system: Caller, path: str) -> dict[str, Any]:
    answer = system.call("GET", path)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def reasons(system: Caller) -> list[str]:
    places = (("email", MAIL), ("sms", NUMBER))
    answers = [
        system.call("POST", "/v1/check", {"channel": channel, "address": address, "topic": "offers"})
        for channel, address in places
    ]
    return [answer.json()["reason"] for answer in answers]


def test_an_erasure_of_a_known_person_is_held_told_carried_out_and_read(acme: Caller) -> None:
    received = timezone.now() - timedelta(days=3)
    path = asked(acme, "erasure", **KNOWN, received_at=received.isoformat(), language="de")
    assert reasons(acme) == ["held", "held"]
    waiting = state(acme, path)
    assert (waiting["state"], waiting["verified"]) == ("received", True)
    [letter] = work()
    assert (letter["To"], letter["Subject"]) == (MAIL, "Ihre Anfrage ist angekommen")
    assert reasons(acme) == ["opted_out", "opted_out"]
    opened = state(acme, path)
    assert (opened["state"], opened["source"]) == ("open", "api")
    assert opened["due_at"] == waiting["due_at"] == due_at(received).isoformat().replace("+00:00", "Z")
    row = RightsRequest.objects.get()
    assert row.identity == "Checked by the controller's system"
    story = read_story([key_of("email", MAIL)], None, with_contents=True)
    [contents] = [one.contents for one in story.chapters if one.rights]
    assert contents is not None
    assert dict(contents.fields)["Note"] == KNOWN["evidence"]
    deciding.carry_out(row.pk, "staff:1")
    [done] = work()
    assert done["To"] == MAIL
    assert not ContactPoint.objects.exclude(sealed_value=None).exists()
    assert Inbound.objects.get(pk=row.inbound_id).sealed_raw is None
    after = state(acme, path)
    assert (after["state"], after["decided_at"] is None, after["reason"]) == ("done", False, None)
    assert state(acme, PATH) == {"results": [after], "next": None}


def test_without_the_systems_word_one_address_is_silenced_and_staff_check_first(acme: Caller) -> None:
    path = asked(acme, "objection")
    assert sorted(reasons(acme)) == ["held", "opt_out_basis"]
    assert work() == []
    assert state(acme, path)["verified"] is False
    row = RightsRequest.objects.get()
    with pytest.raises(deciding.NotProved):
        deciding.carry_out(row.pk, "staff:1")
    deciding.check_identity(row.pk, "staff:1")
    row.refresh_from_db()
    assert (reasons(acme), row.identity) == (["opted_out", "opted_out"], "Checked by staff")
    assert state(acme, path)["verified"] is True


def test_no_more_sharing_is_done_at_once_and_a_copy_waits_for_staff(acme: Caller) -> None:
    path, copy = asked(acme, "sharing", **KNOWN), asked(acme, "access", **KNOWN)
    letters = work()
    assert len(letters) == 1  # the copy is not handed out yet
    assert [state(acme, one)["state"] for one in (path, copy)] == ["done", "open"]
    assert [one["kind"] for one in state(acme, PATH)["results"]] == ["access", "sharing"]
    assert ConsentEvent.objects.filter(source="api:rights", topic__slug="data-sharing").count() == 2
    assert reasons(acme) == ["opt_out_basis", "opt_out_basis"]


def test_of_a_client_it_is_forwarded_and_waits_for_their_word(organisation: Organisation) -> None:
    Controller.objects.filter(pk=organisation.globex.pk).update(contact="dpo@globex.example")
    Sender.objects.create(controller=organisation.globex, channel="email", kind="privacy", address="p@globex.example")
    globex = met(caller(organisation.globex, *SCOPES))
    path = asked(globex, "erasure", **KNOWN)
    letters = work()
    assert {letter["To"] for letter in letters} == {MAIL, "dpo@globex.example"}
    assert state(globex, path)["state"] == "forwarded"
    assert reasons(globex) == ["opted_out", "opted_out"]


def test_told_twice_it_is_one_request(acme: Caller) -> None:
    once = {"Idempotency-Key": "k-1"}
    assert asked(acme, "objection", once, **KNOWN) == asked(acme, "objection", once, **KNOWN)
    assert is_problem(acme.call("POST", PATH, {"kind": "erasure", **KNOWN}, **once), 422)
    pipeline.drain()
    assert RightsRequest.objects.count() == 1


def test_the_evidence_is_sealed_and_the_digest_cannot_be_tried(acme: Caller) -> None:
    asked(acme, "access", **KNOWN)
    kept = Inbound.objects.get(source="api:rights")
    assert (kept.verified, kept.actor.startswith("key:")) == (True, True)
    assert str(KNOWN["evidence"]).encode() not in bytes(kept.sealed_raw or b"")
    assert b'"nonce":"' in open_envelope(kept.sealed_raw or b"").body


@each(
    ("body", "pointer", "code"),
    [
        ({}, "/kind", "missing"),
        ({"kind": "portability"}, "/kind", "unknown_value"),
        ({"kind": "access", "verified": True}, "/evidence", "missing"),
        ({"kind": "access", "evidence": "x" * 2_001}, "/evidence", "too_long"),
        ({"kind": "access", "language": "xx"}, "/language", "unknown_value"),
        ({"kind": "access", "received_at": "2999-01-01T00:00:00Z"}, "/received_at", "bad_value"),
        ({"kind": "access", "received_at": "2026-01-01T00:00:00"}, "/received_at", "bad_value"),
        ({"kind": "access", "address": MAIL}, "/address", "unknown_member"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(acme: Caller, body: Any, pointer: str, code: str) -> None:
    answer = acme.call("POST", PATH, body)
    assert is_problem(answer, 400)
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert not Inbound.objects.filter(source="api:rights").exists()


def test_whom_nobody_knows_and_what_was_never_asked_is_not_there(organisation: Organisation, acme: Caller) -> None:
    globex = met(caller(organisation.globex, *SCOPES))
    path = asked(acme, "access", **KNOWN)
    assert is_problem(acme.call("POST", "/v1/people/nobody/requests", {"kind": "access"}), 404)
    assert is_problem(acme.call("GET", "/v1/people/nobody/requests"), 404)
    assert is_problem(acme.call("GET", f"{PATH}/01a1ffa2-52b8-732b-9398-a6f0a8c9869e"), 404)
    acme.call("PATCH", "/v1/people/new", {"name": "Nobody Yet"})
    assert is_problem(acme.call("POST", "/v1/people/new/requests", {"kind": "access"}), 409)
    assert state(acme, "/v1/people/new/requests") == {"results": [], "next": None}
    for stage in ("received", "open"):
        assert state(acme, path)["state"] == stage
        assert is_problem(globex.call("GET", path), 404)
        assert state(globex, PATH)["results"] == []
        pipeline.drain()
