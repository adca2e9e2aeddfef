"""Staff see who pressed an unsubscribe link, and take back what nobody said."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consent import pipeline
from consent.addresses import contact
from consent.classify.pressed import GMAIL
from consent.configuration import Scope
from consent.models import Inbound, Topic
from consent.tokens import Token, make_token
from tests.consent.admin.office import acme, page, post, staff
from tests.consent.admin.test_told import FORM, allowed, said

ADDRESS = "jane.roe@example.com"


def press(user_agent: str, *, work: bool = True) -> Inbound:
    """A press on the link of Jane's offers."""
    topic = Topic.objects.get(controller=acme(), slug="offers")
    [key] = contact("email", ADDRESS).said
    token = make_token(Token("email", Scope(acme().pk, topic.pk), key))
    fields = {"List-Unsubscribe": "One-Click"}
    assert Client().post(f"/u/{token}", fields, headers={"user-agent": user_agent}).status_code == 200
    if work:
        pipeline.drain()
    return Inbound.objects.latest("id")


def story() -> str:
    return f"consent/contactpoint/{contact('email', ADDRESS).said[0].hex()}/"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (GMAIL, "a mail provider&#x27;s one-click (Gmail)"),
        ("Mimecast", "perhaps a scanner (Mimecast)"),
        ("", "a mail provider&#x27;s one-click (unnamed)"),
    ],
)
def test_the_story_says_who_pressed(boss: Client, user_agent: str, words: str) -> None:
    press(user_agent)
    assert f"pressed by: {words}" in page(boss, story())
    assert words in page(boss, f"consent/inbound/{Inbound.objects.get().pk}/change/")


def test_whoever_may_not_read_messages_sees_it_too() -> None:
    press("Mimecast")
    found = page(staff("consent.view_contactpoint"), story())
    assert "pressed by: perhaps a scanner (Mimecast)" in found


def test_before_it_is_worked_off_the_contents_say_it(boss: Client) -> None:
    assert "perhaps a scanner (Mimecast)" in page(boss, f"consent/inbound/{press('Mimecast', work=False).pk}/change/")


def test_a_name_in_a_request_is_shown_and_does_nothing(boss: Client) -> None:
    press("<script>alert(1)</script> Mimecast")
    found = page(boss, f"consent/inbound/{Inbound.objects.get().pk}/change/")
    assert "&lt;script&gt;alert(1)" in found
    assert "<script>alert(1)" not in found


def test_what_a_scanner_pressed_counts_and_staff_take_it_back_when_the_person_says_so(boss: Client) -> None:
    press("Mimecast")
    assert not allowed("email", ADDRESS, "offers")
    assert "If the person says otherwise" in page(boss, story())
    now = f"{timezone.now() + timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    post(boss, FORM, 302, **said(word="opt_in", email=ADDRESS, about=f"{acme().pk}:offers", said_at=now))
    pipeline.drain()
    assert allowed("email", ADDRESS, "offers")


def test_the_list_names_the_row(boss: Client) -> None:
    press("Mimecast")
    assert "link.no.scanner.mimecast" in page(boss, "consent/inbound/", source="link")
