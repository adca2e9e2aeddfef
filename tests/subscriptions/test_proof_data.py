"""A copy of one's data: complete, nobody else's, on record, and never left in a cache."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from consent import mailbox, pipeline
from consent.configuration import Scope
from consent.models import ContactPeriod, Inbound, Notice, RightsRequest
from consent.models.vocabulary import Action, Cause
from consent.stated import accept_statement
from consent.statement import NoticeSeen, PersonKnown, Statement
from tests.consent.acknowledging.writing import letter
from tests.consent.answers.texting import NUMBER
from tests.consent.core.example import MAILBOX, Organisation, entry, key_of, record
from tests.subscriptions.proving import JANE, link_of, make_site, post, sign_in, work

pytestmark = pytest.mark.django_db
SECTIONS = [
    "person",
    "addresses",
    "may_be_sent",
    "refused",
    "allowed",
    "record",
    "received",
    "sent",
    "moves",
    "requests",
]


@pytest.fixture
def site() -> Organisation:
    site = make_site()
    Notice.objects.create(
        controller=site.acme, slug="form", version=2, language="en", text="Yes, send it.", published_at=timezone.now()
    )
    tell(site, "email", JANE, notice=NoticeSeen("form", 2, "en"), person=PersonKnown("crm-17", "Jane Roe"))
    tell(site, "sms", NUMBER, person=PersonKnown("crm-17"))
    return site


def tell(site: Organisation, channel: str, address: str, **more: Any) -> None:
    plain: dict[str, Any] = {"action": "opt_in", "topic": "newsletter"}
    told = Statement(channel=channel, address=address, **(plain | more))  # type: ignore[arg-type]
    accept_statement(told, site.acme.pk, source="api", actor="crm")
    pipeline.drain()


def mail(raw: bytes, sender: str) -> None:
    mailbox.accept_mail(raw, sender, [MAILBOX])
    pipeline.drain()


def download(client: Client, link: str, form: str = "json") -> Any:
    return post(client, link, "data", format=form)


def copy_of(client: Client, address: str = JANE) -> dict[str, Any]:
    answer = download(client, sign_in(client, address))
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(b"".join(answer.streaming_content))
    return found


def test_the_copy_is_whole(client: Client, site: Organisation) -> None:
    mail(letter("Please unsubscribe me.", sender=f"Jane <{JANE}>", subject="Enough"), JANE)
    work()
    copy = copy_of(client)
    assert list(copy) == ["version", "controller", "made_at", *SECTIONS]
    assert copy["person"] == [
        {"external_ids": ["crm-17"], "name": "Jane Roe", "known_since": copy["person"][0]["known_since"]}
    ]
    assert {row["address"] for row in copy["addresses"]} == {JANE, NUMBER}
    [said] = [row for row in copy["record"] if row["notice"]]
    assert said["notice"] == {"slug": "form", "version": 2, "language": "en", "text": "Yes, send it."}
    assert (said["action"], said["scope"], said["address"]) == ("grant", "topic:newsletter", JANE)
    [refused] = copy["refused"]
    assert (refused["address"], refused["scope"], refused["cause"]) == (JANE, "controller:acme", "choice")
    [wrote] = [row for row in copy["received"] if row["source"] == "mail"]
    assert "Please unsubscribe me." in wrote["content"]["body"]
    assert wrote["sha256"] == next(row["evidence_sha256"] for row in copy["record"] if row["received"] == wrote["id"])
    assert {row["purpose"] for row in copy["sent"]} >= {"acknowledged", "code"}
    verdicts = {(row["address"], row["topic"]): row["reason"] for row in copy["may_be_sent"]}
    assert verdicts[JANE, "Newsletter"] == "opted_out"
    assert verdicts[NUMBER, "Newsletter"] == "granted"


def test_that_it_was_handed_out_is_on_record_before_it_is(client: Client, site: Organisation) -> None:
    link = sign_in(client)
    assert client.get(f"/preferences/{link}/data").status_code == 200
    assert not Inbound.objects.filter(source="page:rights").exists()
    answer = download(client, link)
    assert Inbound.objects.filter(source="page:rights").exists()
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-')
    assert (answer["Cache-Control"], answer.streaming) == ("no-store", True)
    [message] = work()
    assert "a copy of your data" in message.get_content()
    row = RightsRequest.objects.get()
    assert (row.kind, row.state, row.proof) == ("access", "done", "code")


def test_it_can_be_read_as_a_page(client: Client, site: Organisation) -> None:
    tell(site, "email", JANE, action="opt_out", evidence={"note": "<script>alert(1)</script>"})
    page = download(client, sign_in(client), "html")
    text = page.content.decode()
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "<script>" not in text
    assert "Yes, send it." in text
    assert "crm-17" in text


def test_another_controllers_business_is_not_in_it(client: Client, site: Organisation) -> None:
    globex = Statement(channel="email", address=JANE, action="opt_out", evidence={"note": "globex alone"})
    accept_statement(globex, site.globex.pk, source="api", actor="crm")
    record(entry(key_of("email", JANE), Scope(site.globex.pk, None), Action.OBJECT, Cause.COMPLAINT))
    text = json.dumps(copy_of(client))
    assert "globex" not in text
    assert "complaint" not in text


def test_the_words_of_a_numbers_former_holder_are_not_in_it(client: Client, site: Organisation) -> None:
    """Who has a number now inherits neither consent nor history."""
    former = entry(key_of("sms", NUMBER), site.scope("acme"), Action.WITHDRAW, Cause.CHOICE, channel="sms")
    gone = entry(key_of("sms", NUMBER), site.scope("acme"), Action.INVALIDATE, channel="sms")
    record(
        former._replace(occurred_at=timezone.now() - timedelta(days=9)),
        gone._replace(occurred_at=timezone.now() - timedelta(days=8)),
    )
    copy = copy_of(client)
    assert [row["action"] for row in copy["record"] if row["address"] == NUMBER] == ["grant"]
    assert not [row for row in copy["refused"] if row["address"] == NUMBER]


def test_of_a_mailbox_that_several_have_nothing_else_of_either_is_in_it(client: Client, site: Organisation) -> None:
    tell(site, "email", JANE, person=PersonKnown("crm-18", "John Roe"))
    copy = copy_of(client)
    assert copy["person"] == []
    assert [row["address"] for row in copy["addresses"]] == [JANE]


def test_an_address_that_was_left_tells_nothing_of_what_came_after(client: Client, site: Organisation) -> None:
    left = timezone.now() - timedelta(days=1)
    period = ContactPeriod.objects.get(contact_point__channel="sms")
    period.since, period.until = left - timedelta(days=1), left
    period.save()
    copy = copy_of(client)
    assert not [row for row in copy["record"] if row["channel"] == "sms"]
    assert [row["until"] is None for row in copy["addresses"] if row["channel"] == "sms"] == [False]


def test_a_letter_that_somebody_else_wrote_is_told_of_and_not_shown(client: Client, site: Organisation) -> None:
    subject = f"unsubscribe {link_of(site)}"
    mail(letter("The diary of Bob", sender="Bob <bob@else.example>", subject=subject), "bob@else.example")
    work()
    copy = copy_of(client)
    [wrote] = [row for row in copy["received"] if row["source"] == "mail"]
    assert wrote["content"] is None
    assert "Bob" not in json.dumps(copy)


def test_a_stranger_to_us_gets_what_little_there_is(client: Client, site: Organisation) -> None:
    copy = copy_of(client, "new@else.example")
    assert copy["person"] == []
    assert copy["record"] == []
    assert [row["address"] for row in copy["addresses"]] == ["new@else.example"]
    assert [row["source"] for row in copy["received"]] == ["page:code"]
