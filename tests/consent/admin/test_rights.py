"""Staff and requests about data: the list by what is left of the time, the identity first, and what is told."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from consent import configuration, outbox, pipeline
from consent.access.asking import Asked, accept_code, new_request
from consent.addresses import contact
from consent.models import ConsentEvent, ContactPoint, Controller, RightsRequest
from consent.models.rights import Identity, Right
from consent.rights.claim import PAGE, Claim, accept_claim
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from tests.consent.admin.office import acme, page, post, staff

LIST = "consent/rightsrequest/"
JANE, NUMBER = "jane@home.example", "+15555550142"


@pytest.fixture(autouse=True)
def _jane() -> None:
    for channel, address in (("email", JANE), ("sms", NUMBER)):
        told = Statement(channel=channel, address=address, action="opt_in", person=PersonKnown("crm-17", "Jane Roe"))  # type: ignore[arg-type]
        accept_statement(told, acme().pk, source="api", actor="crm")
    work()


def work() -> list[str]:
    mail.outbox.clear()
    pipeline.drain()
    outbox.drain()
    return [str(message.body) for message in mail.outbox]


def by_page(kind: Right = Right.ERASURE, controller: str = "acme") -> RightsRequest:
    """A request that a code proved."""
    [key] = contact("email", JANE).said
    claim = Claim(kind=kind, channel="email", key=key.hex(), proof=Identity.CODE)
    owner = Controller.objects.get(slug=controller)
    accepted = accept_claim(claim, owner.pk, configuration.current(), source=PAGE)
    work()
    return RightsRequest.objects.get(inbound_id=accepted.id)


def entered(boss: Client, **fields: str) -> RightsRequest:
    """A request that staff enter."""
    plain = {
        "about": str(acme().pk),
        "kind": "erasure",
        "channel": "email",
        "address": JANE,
        "how": "phone",
        "received_at": f"{timezone.now() - timedelta(days=3):%Y-%m-%dT%H:%M}",
        "note": "She called from her number.",
        "form_id": "01a1ffa2-52b8-732b-9398-a6f0a8c9869e",
    }
    post(boss, f"{LIST}enter/", 302, **(plain | fields))
    work()
    return RightsRequest.objects.get(inbound__source="staff:rights")


def path_of(row: RightsRequest) -> str:
    return f"{LIST}{row.pk}/change/"


def denied(channel: str, address: str) -> bool:
    lines = ConsentEvent.objects.filter(key=contact(channel, address).said[0], action__in=("withdraw", "object"))
    return lines.exists()


def test_the_list_shows_what_is_left_of_the_time(boss: Client) -> None:
    row = by_page()
    assert row.due_at > timezone.now() + timedelta(days=27)
    left = (row.due_at.date() - timezone.now().date()).days
    assert f">{left}<" in page(boss, LIST).replace("\n", "").replace(" ", "")
    with time_machine.travel(row.due_at + timedelta(days=2)):
        boss.force_login(User.objects.get(username="boss"))
        assert "overdue by 2" in page(boss, LIST)
    assert "1" in page(boss, "")


def test_an_erasure_is_carried_out_by_a_button(boss: Client) -> None:
    row = by_page()
    assert JANE in page(boss, path_of(row))
    post(boss, path_of(row), 302, what="do", reason="")
    [letter] = work()
    assert "erased" in letter
    row.refresh_from_db()
    assert (row.state, row.decided_by.startswith("staff:")) == ("done", True)
    assert not ContactPoint.objects.exclude(sealed_value=None).exists()
    assert "It was erased" in page(boss, path_of(row))
    assert str(row.pk) not in page(boss, LIST)
    assert str(row.pk) in page(boss, LIST, decided="yes")


def test_a_refusal_needs_its_reason(boss: Client) -> None:
    row = by_page()
    assert "The person is told why" in post(boss, path_of(row), what="refuse", reason=" ")
    post(boss, path_of(row), 302, what="refuse", reason="A law demands it.")
    assert "A law demands it." in work()[0]


def test_whoever_calls_silences_one_address_until_staff_know_who_it_is(boss: Client) -> None:
    row = entered(boss)
    assert (row.proof, row.state) == ("none", "open")
    assert timezone.now() - row.received_at > timedelta(days=2)
    assert (denied("email", JANE), denied("sms", NUMBER)) == (True, False)
    post(boss, path_of(row), 302, what="do", reason="")
    row.refresh_from_db()
    assert row.state == "open"
    assert ContactPoint.objects.exclude(sealed_value=None).count() == 2
    post(boss, f"{LIST}{row.pk}/copy/", 404)
    post(boss, path_of(row), 302, what="check", reason="")
    assert denied("sms", NUMBER)
    post(boss, path_of(row), 302, what="do", reason="")
    row.refresh_from_db()
    assert row.state == "done"


def test_a_form_sent_twice_is_one_request(boss: Client) -> None:
    entered(boss)
    entered(boss)
    assert RightsRequest.objects.count() == 1


def test_who_was_checked_may_be_handed_the_copy(boss: Client) -> None:
    row = entered(boss, kind="access", checked="on")
    assert (row.proof, row.state) == ("staff", "open")
    answer: Any = boss.post(f"/admin/{LIST}{row.pk}/copy/")
    assert json.loads(b"".join(answer.streaming_content))["person"][0]["external_ids"] == ["crm-17"]


def test_a_clients_request_goes_on_once_it_is_known_who_asks(boss: Client) -> None:
    globex = Controller.objects.get(slug="globex")
    row = entered(boss, about=str(globex.pk))
    assert row.state == "open"
    post(boss, path_of(row), 302, what="check", reason="")
    row.refresh_from_db()
    assert row.state == "forwarded"
    assert [message.to for message in _sent()] == [["privacy@globex.example"]]
    assert "Do what the client says" in page(boss, path_of(row))


def _sent() -> list[mail.EmailMessage]:
    work()
    return list(mail.outbox)


def test_who_may_not_decide_may_only_read() -> None:
    row = by_page()
    reader = staff("consent.view_rightsrequest")
    assert "not decide it" in page(reader, path_of(row))
    post(reader, path_of(row), 403, what="do", reason="")
    post(reader, f"{LIST}{row.pk}/copy/", 403)
    page(reader, f"{LIST}enter/", 403)
    page(staff(), LIST, 403)
    row.refresh_from_db()
    assert row.state == "open"


def test_codes_are_counted_and_nobody_is_named(boss: Client) -> None:
    accept_code(Asked(new_request(), "email", JANE), acme().pk)
    work()
    found = page(boss, "consent/accesscode/")
    assert "<td>Acme Hosting</td><td>email</td><td>1</td><td>1</td><td>0</td><td>0</td>" in found
    assert JANE not in found


def test_the_story_of_the_address_tells_of_it(boss: Client) -> None:
    by_page()
    [key] = contact("email", JANE).said
    found = page(boss, f"consent/contactpoint/{key.hex()}/")
    assert "What was asked about data" in found
    assert "proved by a code" in found
