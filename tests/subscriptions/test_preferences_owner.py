"""The preference page of whoever proved to own the address: it shows what holds, and changes what differs from it."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from consent import configuration, pipeline
from consent.addresses import contact
from consent.configuration import Scope
from consent.inbox import open_envelope
from consent.models import ConsentEvent, ContactPoint, Controller, Inbound, Notice, Permission, TopicChannel
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from consent.tokens import Token
from subscriptions.preferences.proof import prove
from tests.subscriptions.person import (
    EMAIL,
    Ann,
    Form,
    assert_ledger_agrees,
    html_of,
    last_save,
    options,
    places,
    press,
    proved,
    save,
    statements_of,
    stop_by_text,
    text_of,
)

pytestmark = pytest.mark.django_db

GPC = {"sec-gpc": "1"}


# --- what it shows ---


def test_the_owner_sees_all_topics_on_all_channels_as_they_are_now(owner: Client, ann: Ann) -> None:
    ann.tell("email", "opt_in", "newsletter")
    ann.tell("email", "opt_out", "events")
    ann.tell("post", "opt_out")
    today = date_format(timezone.now(), "DATE_FORMAT")
    said = places(html_of(owner, ann.path()))
    assert said["Newsletter | Email"].startswith("You get this. You agreed on")
    assert said["Offers | Email"] == "You get this"
    assert said["Events | Email"] == f"Stopped on {today}"
    assert said["Offers | Text"] == "Off: you have not agreed to this"
    assert said["Offers | Letters"].endswith("when you asked for nothing at all")
    assert said["Service messages | Email"] == "You get these. They need no consent."


def test_the_owner_sees_their_other_addresses_masked(owner: Client, ann: Ann) -> None:
    html = html_of(owner, ann.path())
    assert "Text messages to ••• 21" in html
    assert "Letters to A••• L•••, 62•••" in html
    assert not re.search(r"7654321|Oak St|OAK|ann\.lee", html)


def test_a_link_alone_shows_none_of_it(client: Client, ann: Ann) -> None:
    html = html_of(client, ann.path())
    assert places(html) == {}
    assert not re.search(r"••• 21|62•••|record|You get this", html)


def test_an_address_of_several_people_shows_nobody_elses(owner: Client, ann: Ann) -> None:
    ann.tell("email", "opt_in", "service", person=PersonKnown("bob", "Bob Lee"))
    html = html_of(owner, ann.path())
    assert "Email to a•••e@e•••e.com" in html
    assert not re.search(r"••• 21|62•••", html)


def test_the_proof_of_one_address_counts_for_no_other_person(ann: Ann) -> None:
    strange = Client()
    response = HttpResponse()
    prove(response, Token("email", Scope(ann.controller.pk, None), contact("email", "eve@example.net").said[0]))
    strange.cookies.update(response.cookies)
    assert places(html_of(strange, ann.path())) == {}


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        ("complaint", "Off: a message was reported as unwanted"),
        ("hard_bounce", "Off: messages to this address came back"),
        ("deceased", "Off: we were told"),
        ("minor", "of a child"),
        ("listed", "Off: this address is on a list"),
    ],
)
def test_what_a_yes_cannot_lift_has_a_reason_an_address_to_write_to_and_no_switch(
    owner: Client, ann: Ann, cause: str, says: str
) -> None:
    before = html_of(owner, ann.path())
    ann.tell("email", "suppress", cause=cause)
    html = html_of(owner, ann.path())
    assert says in places(html)["Newsletter | Email"]
    assert "This page cannot change that. Please write to privacy@acme.example." in text_of(html)
    assert options(html, "w.0.newsletter") == []
    forged = owner.post(ann.path(), Form(before, "save").sent(**{"w.0.newsletter": "on"}))
    assert "cannot be turned on here" in text_of(forged.content.decode())
    pipeline.drain()
    assert not Permission.objects.filter(topic=ann.topics["newsletter"]).exists()


def test_a_household_that_refused_is_not_overruled_by_one_of_it(owner: Client, ann: Ann) -> None:
    unnamed = {"line1": "12 Oak St", "city": "Springfield", "region": "IL", "postal_code": "62701"}
    said = Statement("post", unnamed, "opt_out")
    accept_statement(said, ann.controller.pk, source="api", actor="key:test")
    pipeline.drain()
    html = html_of(owner, ann.path())
    assert "for this home" in places(html)["Offers | Letters"]
    assert options(html, "w.2.offers") == []


# --- saving ---


def test_only_what_differs_is_said(owner: Client, ann: Ann) -> None:
    page = save(owner, ann.path(), email_events="off")
    assert [(one.topic, one.shown, one.wanted) for one in last_save().words] == [("events", "on", "off")]
    assert "Stopped: Events by email" in text_of(page.content.decode())
    assert places(page.content.decode())["Events | Email"].startswith("Stopped on")
    assert (ann.reason("events"), ann.reason("offers")) == ("held", "opt_out_basis")
    pipeline.drain()
    assert (ann.reason("events"), ann.reason("events", "post")) == ("opted_out", "opt_out_basis")
    assert_ledger_agrees()


def test_saving_what_was_there_keeps_nothing(owner: Client, ann: Ann) -> None:
    count = Inbound.objects.count()
    page = save(owner, ann.path())
    assert "You saved what was there already." in text_of(page.content.decode())
    assert Inbound.objects.count() == count


def test_a_yes_is_a_confirmed_grant_and_the_page_says_when_it_is_on(owner: Client, ann: Ann) -> None:
    TopicChannel.objects.filter(topic=ann.topics["newsletter"]).update(basis="confirmed_opt_in", grant_days=100)
    text = {"text": "Send me the newsletter.", "published_at": timezone.now()}
    for language in ("en", "de"):
        Notice.objects.create(
            controller=ann.controller, topic=ann.topics["newsletter"], slug="n", version=3, language=language, **text
        )
    page = save(owner, ann.path(), email_newsletter="on", sms_offers="on")
    assert "Being turned on: Newsletter by email" in text_of(page.content.decode())
    assert ann.reason("newsletter") == "no_consent"
    pipeline.drain()
    assert (ann.reason("newsletter"), ann.reason("offers", "sms")) == ("granted", "granted")
    line = ConsentEvent.objects.get(topic=ann.topics["newsletter"], action="grant")
    assert line.notice is not None
    assert (line.basis, line.notice.version, line.notice.language) == ("confirmed_opt_in", 3, "en")
    assert line.expires_at == line.occurred_at + timedelta(days=100)
    again = html_of(owner, page.redirect_chain[-1][0])
    assert "Turned on: Newsletter by email" in text_of(again)
    assert places(again)["Newsletter | Email"].startswith("You get this. You agreed on")


def test_nothing_at_all_reaches_every_address(owner: Client, ann: Ann) -> None:
    page = press(owner, ann.path(), "nothing")
    assert "Stopped: Letters to A••• L•••, 62•••" in text_of(page.content.decode())
    pipeline.drain()
    assert [ann.reason("offers", channel) for channel in ("email", "sms", "post")] == ["opted_out"] * 3


# --- what it refuses ---


def test_a_form_of_an_old_page_shows_anew_with_what_it_wanted_marked(
    owner: Client, ann: Ann, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Form(html_of(owner, ann.path()), "save").sent(**{"w.0.events": "off"})
    count = Inbound.objects.count()
    monkeypatch.setattr("subscriptions.preferences.shown.LASTS", timedelta(0) - timedelta(seconds=1))
    page = owner.post(ann.path(), form)
    assert page.status_code == 400
    html = page.content.decode()
    assert "what you wanted is marked" in text_of(html)
    assert re.search(r'name="w\.0\.events" value="off" checked', html)
    assert Inbound.objects.count() == count


def test_a_form_of_another_link_is_refused(owner: Client, ann: Ann) -> None:
    other = proved(ann, Client(), "sms")
    form = Form(html_of(other, ann.path("sms")), "save").sent(**{"w.0.offers": "on"})
    assert owner.post(ann.path(), form).status_code == 400
    pipeline.drain()
    assert ann.reason("offers") == "opt_out_basis"


def test_a_form_about_an_address_that_is_no_longer_theirs_is_refused(owner: Client, ann: Ann) -> None:
    html = html_of(owner, ann.path())
    ann.tell("email", "opt_in", "service", person=PersonKnown("bob", "Bob Lee"))
    assert owner.post(ann.path(), Form(html, "save").sent(**{"w.1.offers": "on"})).status_code == 400
    pipeline.drain()
    assert ann.reason("offers", "sms") == "no_consent"


def test_when_the_visit_is_over_a_yes_is_not_taken_and_a_no_is_marked(ann: Ann, owner: Client) -> None:
    html = html_of(owner, ann.path())
    count = Inbound.objects.count()
    page = Client().post(ann.path(), Form(html, "save").sent(**{"w.0.events": "off", "w.0.newsletter": "on"}))
    assert page.status_code == 403
    shown = page.content.decode()
    assert "Your visit is over." in text_of(shown)
    assert 'value="events" checked' in shown
    assert places(shown) == {}
    assert Inbound.objects.count() == count


def test_nothing_at_all_counts_when_the_visit_is_over_too(ann: Ann, owner: Client) -> None:
    form = Form(html_of(owner, ann.path()), "nothing").sent()
    Client().post(ann.path(), form)
    pipeline.drain()
    assert [ann.reason("offers", channel) for channel in ("email", "sms", "post")] == ["opted_out"] * 3


def test_the_visit_can_be_ended(owner: Client, ann: Ann) -> None:
    page = press(owner, ann.path(), "leave")
    assert places(page.content.decode()) == {}
    assert places(html_of(owner, ann.path())) == {}


# --- the browser's signal, language, undo ---


def test_the_signal_is_saved_with_each_save_and_contradicts_a_yes_to_sharing(owner: Client, ann: Ann) -> None:
    before = html_of(owner, ann.path())
    ann.tell("email", "opt_in", "sharing")
    page = owner.post(ann.path(), Form(before, "save").sent(**{"w.0.sharing": "on"}), headers=GPC, follow=True)
    assert "Your browser's signal says no" in text_of(page.content.decode())
    pipeline.drain()
    assert ann.reason("sharing") == "opted_out"
    assert options(owner.get(ann.path(), headers=GPC).content.decode(), "w.0.sharing") == []


def test_the_signal_alone_can_be_saved(owner: Client, ann: Ann) -> None:
    press(owner, ann.path(), "gpc", headers=GPC)
    pipeline.drain()
    assert [ann.reason("sharing", channel) for channel in ("email", "sms", "post")] == ["opted_out"] * 3
    assert ann.reason("offers") == "opt_out_basis"


def test_sharing_can_be_agreed_to(owner: Client, ann: Ann) -> None:
    save(owner, ann.path(), email_sharing="on")
    pipeline.drain()
    assert (ann.reason("sharing"), ann.reason("sharing", "sms")) == ("granted", "no_consent")


def test_the_language_is_kept(owner: Client, ann: Ann) -> None:
    page = save(owner, ann.path(), language="es")
    assert "From now on we write to you in: Español" in text_of(page.content.decode())
    pipeline.drain()
    assert set(ContactPoint.objects.values_list("language", flat=True)) == {"es"}
    assert ConsentEvent.objects.filter(source="page:owner").count() == 0
    save(owner, ann.path(), email_events="off")
    assert last_save().prefers == ""


def test_undo_of_a_yes_gives_back_the_no(owner: Client, ann: Ann) -> None:
    ann.tell("email", "opt_out")
    page = save(owner, ann.path(), email_offers="on")
    pipeline.drain()
    assert ann.reason("offers") == "opt_out_basis"
    owner.post(ann.path(), Form(page.content.decode(), "undo").sent())
    pipeline.drain()
    assert set(ann.reasons().values()) == {"opted_out", "service"}
    assert_ledger_agrees()


# --- the record ---


def test_the_record_says_what_when_how_and_to_which_wording(owner: Client, ann: Ann) -> None:
    text = {"text": "Send me the newsletter.", "published_at": timezone.now()}
    named = {"topic": ann.topics["newsletter"], "slug": "newsletter-form", "version": 2, "language": "en"}
    Notice.objects.create(controller=ann.controller, **named, **text)
    save(owner, ann.path(), email_newsletter="on")
    pipeline.drain()
    stop_by_text(ann)
    press(Client(), ann.path(), "stop", topic=["offers"])
    ann.tell("post", "opt_out")
    pipeline.drain()
    html = html_of(owner, ann.path())
    record = text_of(html[html.index('<section class="record">') :])
    yes = "You said yes to Newsletter Email to a•••e@e•••e.com , on this page"
    assert f"{yes} , to the wording newsletter-form, version 2 (English)" in record
    assert "You asked for nothing at all Text messages to ••• 21 , by your text to +15550100001" in record
    assert "You said no to Offers Email to a•••e@e•••e.com , on this page, with the link of a message" in record
    assert record.count("You asked for nothing at all Letters to") == 1
    assert "as one of our systems told" in record


def test_another_controllers_business_is_not_in_the_record(owner: Client, ann: Ann) -> None:

    other = Controller.objects.create(slug="globex", name="Globex", kind="client")
    accept_statement(Statement("email", EMAIL, "opt_out"), other.pk, source="staff", actor="staff:1")
    pipeline.drain()
    assert "as our staff noted" not in html_of(owner, ann.path())


def test_the_evidence_of_the_owner_says_what_the_page_showed(owner: Client, ann: Ann) -> None:
    save(owner, ann.path(), email_events="off")
    kept = Inbound.objects.order_by("-id")[0]
    assert (kept.source, kept.channel, kept.endpoint) == ("page:owner", "email", ann.link())
    saved = last_save()
    assert saved.shown is not None
    key = ann.contacts["email"].said[0].hex()
    assert saved.shown.states[key]["events"] == "on"
    assert saved.shown.states[ann.contacts["sms"].said[0].hex()]["offers"] == "off"
    body = open_envelope(kept.sealed_raw or b"").body
    assert b"ann.lee" not in body


# --- what it costs ---


def test_few_queries_and_a_small_page(owner: Client, client: Client, ann: Ann, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "_LOOK_AGAIN_SECONDS", 600)  # however slow this is
    ann.tell("email", "opt_out", "events")
    html_of(owner, ann.path())  # the configuration and the topics' texts are known from here on
    assert statements_of(lambda: owner.get(ann.path())) <= 7
    html_of(client, ann.path())
    assert statements_of(lambda: Client().get(ann.path())) == 1
    assert len(html_of(owner, ann.path()).encode()) < 40_000
    assert len(Form(html_of(owner, ann.path()), "save").fields["shown"][0]) < 4_096
