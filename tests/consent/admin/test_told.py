"""Entering what somebody told us."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from consent import pipeline, status
from consent.addresses import contact
from consent.models import ConsentEvent, Inbound, Topic
from tests.consent.admin.office import NUMBER, acme, page, post, staff
from tests.each import each

FORM = "consent/inbound/add/"
HOME = "Jane Roe\n102 Main St Apt 101\nSpringfield, IL 62701"


def said(**more: Any) -> dict[str, Any]:
    plain = {
        "how": "phone",
        "word": "opt_out",
        "about": f"{acme().pk}:*",
        "region": "US",
        "said_at": f"{timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "note": "She said: take me off your list.",
        "form_id": str(uuid4()),
    }
    return plain | more


def allowed(channel: str, address: str, topic: str) -> bool:
    _, [verdict] = status.check_many(acme().pk, topic, channel, [contact(channel, address).asked], timezone.now())
    return verdict.allowed


def test_a_no_by_telephone_denies_before_it_is_worked_off(boss: Client) -> None:
    response = boss.post(f"/admin/{FORM}", said(phone="(555) 555-0142", email="Jane.Roe@Example.com"), follow=True)
    found = response.content.decode()
    assert NUMBER in found
    assert "The no is kept and counts from now on." in found
    assert "held" in found
    assert "may still arrive" not in found
    assert not allowed("sms", NUMBER, "offers")
    assert not allowed("email", "Jane.Roe@example.com", "offers")


def test_it_becomes_lines_of_the_ledger_with_their_author(boss: Client) -> None:
    post(boss, FORM, 302, **said(phone=NUMBER, about=f"{acme().pk}:offers"))
    pipeline.drain()
    [line] = ConsentEvent.objects.all()
    assert (line.action, line.cause, line.source) == ("withdraw", "choice", "staff:phone")
    assert line.topic == Topic.objects.get(controller=acme(), slug="offers")
    assert line.actor.startswith("staff:")
    assert line.occurred_at < timezone.now() - timedelta(minutes=30)


def test_post_says_that_a_piece_may_still_arrive(boss: Client) -> None:
    response = boss.post(f"/admin/{FORM}", said(how="letter", post=HOME), follow=True)
    assert "a piece that is already in production may still arrive" in response.content.decode()
    assert not allowed("post", HOME, "offers")
    assert not allowed("post", "102 Main St Apt 101, Springfield IL 62701", "offers")


def test_a_yes_counts_once_it_is_worked_off(boss: Client) -> None:
    response = boss.post(
        f"/admin/{FORM}", said(word="opt_in", email="j@example.com", about=f"{acme().pk}:newsletter"), follow=True
    )
    assert "The yes is kept." in response.content.decode()
    assert not allowed("email", "j@example.com", "newsletter")
    pipeline.drain()
    assert allowed("email", "j@example.com", "newsletter")


@each(
    ("more", "message"),
    [
        ({}, "Enter a number, an e-mail address or a postal address."),
        ({"phone": "nonsense"}, "This is no address that could be used"),
        ({"email": "no at sign"}, "This is no address that could be used"),
        ({"phone": NUMBER, "note": ""}, "This field is required"),
        ({"phone": NUMBER, "said_at": "2999-01-01T00:00"}, "This has not happened yet."),
        ({"phone": NUMBER, "about": "1:nothing"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(boss: Client, more: dict[str, str], message: str) -> None:
    assert message in post(boss, FORM, **said(**more))
    assert not Inbound.objects.exists()


def test_all_of_it_is_kept_or_nothing(boss: Client) -> None:
    """The newsletter is carried by e-mail alone: the number's statement is refused, and the e-mail's with it."""
    found = post(boss, FORM, **said(phone=NUMBER, email="j@example.com", about=f"{acme().pk}:newsletter"))
    assert "this topic is not carried by sms" in found
    assert not Inbound.objects.exists()


def test_a_form_sent_twice_is_one_request_and_changed_it_is_another(boss: Client) -> None:
    once = said(phone=NUMBER)
    for fields in (once, once, once | {"phone": "+15555550143"}):
        post(boss, FORM, 302, **fields)
    assert Inbound.objects.count() == 2


def test_the_result_shows_only_ones_own() -> None:
    first, second = staff("consent.add_inbound"), staff("consent.add_inbound")
    target = first.post(f"/admin/{FORM}", said(phone=NUMBER))["Location"]
    assert NUMBER[1:] not in target
    parts = urlsplit(target)
    assert NUMBER in first.get(target).content.decode()
    assert NUMBER not in second.get(f"{parts.path}?{parts.query}").content.decode()


def test_without_the_permission_nothing_is_entered() -> None:
    reader = staff("consent.view_inbound", "consent.change_inbound")
    page(reader, FORM, 403)
    post(reader, FORM, 403, **said(phone=NUMBER))
    page(reader, "consent/inbound/told/", 403)
    assert not Inbound.objects.exists()
