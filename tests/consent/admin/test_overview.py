"""The first page, the navigation, and the policies that pages state to the browser."""

from datetime import timedelta

from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from consent import pipeline
from consent.admin.policy import AdminPolicy
from consent.inbox import Arrival, Envelope, accept
from consent.intake.contract import Message
from consent.models import Inbound
from tests.consent.admin.office import SCRIPT, acme, page, review, set_aside, staff, text

ROWS = ["Overview", "Find a contact", "To decide", "Set aside", "Enter a request", "What came in", "Ledger", "API keys"]


def test_the_numbers_of_the_queues(boss: Client) -> None:
    review()
    set_aside()
    late = text("hello", "+15555550180", work=False)
    Inbound.objects.filter(pk=late.pk).update(received_at=timezone.now() - timedelta(minutes=5))
    found = page(boss, "")
    numbers = [part.split("<")[0] for part in found.split('class="sayso-card-count">')[1:]]
    assert numbers == ["1", "1", "1"]
    assert "the oldest for 5 minutes" in found
    assert found.count("sayso-card is-alarm") == 2
    assert "sms:generic" in found


def test_nothing_to_do_is_calm(boss: Client) -> None:
    found = page(boss, "")
    assert "is-alarm" not in found
    assert "everything is worked off" in found
    assert "Nothing came in." in found


def test_numbers_and_navigation_are_for_those_who_may_see_the_lists() -> None:
    found = page(staff("consent.view_review"), "")
    assert found.count('class="sayso-card-count"') == 1
    assert "To decide" in found
    assert "What came in" not in found
    assert "Ledger" not in found
    assert "You have no permissions yet" in page(staff(), "")


def test_the_navigation_is_in_the_order_of_the_work(boss: Client) -> None:
    found = page(boss, "")
    places = [found.index(f"<span>{row}</span>") for row in ROWS]
    assert places == sorted(places)


def test_nobody_gets_in_without_signing_in() -> None:
    response = Client().get("/admin/consent/inbound/")
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


def test_no_page_has_a_script_or_style_of_its_own(boss: Client) -> None:
    text("STOP")
    for path in ("", "consent/contactpoint/", "consent/inbound/", "consent/inbound/add/", "consent/review/"):
        found = page(boss, path)
        assert "<style" not in found
        assert " style=" not in found
        assert all("src=" in part.split(">")[0] for part in found.split("<script")[1:])


def test_only_the_admin_s_policies_differ() -> None:
    policy = AdminPolicy(lambda request: HttpResponse())
    own = policy(RequestFactory().get("/admin/consent/inbound/"))
    assert own["Referrer-Policy"] == "same-origin"
    assert own._csp_replace == {"script-src": ["'self'", "'unsafe-eval'"]}  # type: ignore[attr-defined]
    other = policy(RequestFactory().get("/u/token"))
    assert "Referrer-Policy" not in other
    assert not hasattr(other, "_csp_replace")


def test_unknown_events_are_listed_by_account_and_name(boss: Client) -> None:
    for number, event in enumerate(["delivered", "delivered", SCRIPT]):
        message = Message("unknown", "", "", "", f"unknown{number}", event=event)
        accept(Arrival(acme().pk, "sms:twilio", "sms", Envelope(message=message), [], "acme"))
    pipeline.drain()
    found = page(boss, "consent/inbound/unknown/")
    assert "sms:twilio/acme" in found
    assert "<td>delivered</td><td>2</td>" in found
    assert "<script>alert" not in found
    page(staff("consent.view_review"), "consent/inbound/unknown/", 403)
