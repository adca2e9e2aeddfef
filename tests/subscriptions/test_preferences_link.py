"""The preference page by link alone: what it may do, and that it shows nothing of the owner."""

import re
from typing import Any

import pytest
from django.test import Client

from consent import configuration, pipeline
from consent.addresses import contact
from consent.inbox import open_envelope
from consent.models import Hold, Inbound, Topic
from consent.statement import PersonKnown
from tests.subscriptions.person import (
    EMAIL,
    Ann,
    Form,
    assert_ledger_agrees,
    html_of,
    last_save,
    make_ann,
    press,
    text_of,
)

pytestmark = pytest.mark.django_db

GPC = {"sec-gpc": "1"}
BUTTONS = ["nothing", "everywhere", "stop", "pause", "pause_all", "sharing"]


@pytest.fixture
def ann() -> Ann:
    return make_ann()


# --- what it shows ---


def test_the_page_names_the_topics_what_they_bring_and_how_often(client: Client, ann: Ann) -> None:
    text = text_of(html_of(client, ann.path()))
    assert "Newsletter What Newsletter brings. Twice a month" in text
    assert "Less often instead: Newsletter, once a month" in text
    assert "Nothing at all" in text
    assert "Pause everything" in text
    assert "Do not share my data" in text
    assert len(html_of(client, ann.path())) < 40_000


def test_the_address_is_masked(client: Client, ann: Ann) -> None:
    html = html_of(client, ann.meet().path())
    assert "a•••e@e•••e.com" in html
    assert EMAIL not in html


def test_a_known_address_and_an_unknown_one_differ_in_the_masked_address_alone(client: Client, ann: Ann) -> None:
    ann.meet()
    ann.tell("email", "opt_in", "newsletter")
    ann.tell("sms", "opt_out")
    unknown = contact("email", "nobody@example.net")
    pages = []
    for of in (ann.contacts["email"], unknown):
        html = html_of(client, ann.path(of=of)).replace(ann.link(of=of), "LINK")
        html = re.sub(r'name="shown" value="[^"]*"', "", html)
        pages.append(re.sub(r'\s*<p class="address">.*?</p>', "", html))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("button", BUTTONS)
def test_after_a_save_too_a_known_address_and_an_unknown_one_look_the_same(
    client: Client, ann: Ann, button: str
) -> None:
    ann.meet()
    ann.tell("email", "opt_in", "newsletter")
    unknown = contact("email", "nobody@example.net")
    pages = []
    for of in (ann.contacts["email"], unknown):
        answer = press(client, ann.path(of=of), button, topic=["newsletter"], fewer=["newsletter"])
        html = re.sub(r'saved="[^"]*"|saved=[^&" >]*|name="(shown|undo)" value="[^"]*"', "", answer.content.decode())
        pages.append(re.sub(r'\s*<p class="address">.*?</p>', "", html.replace(ann.link(of=of), "LINK")))
        pipeline.drain()
    assert pages[0] == pages[1]


def test_a_page_looks_the_same_whatever_the_owner_chose(client: Client, ann: Ann) -> None:
    ann.meet()
    before = re.sub(r'name="shown" value="[^"]*"', "", html_of(client, ann.path()))
    ann.tell("email", "opt_out")
    assert re.sub(r'name="shown" value="[^"]*"', "", html_of(client, ann.path())) == before


def test_the_language_that_was_asked_for_stays(client: Client, ann: Ann) -> None:
    answer = client.get(f"{ann.path()}?lang=es")
    assert answer["Content-Language"] == "es"
    form = Form(answer.content.decode(), "nothing")
    assert f'action="{ann.path()}?lang=es"' in form.html
    assert "lang=es&saved=" in client.post(f"{ann.path()}?lang=es", form.sent())["Location"]


# --- what it does ---


@pytest.mark.parametrize("button", BUTTONS)
def test_a_save_is_one_inbound_that_denies_before_the_page_says_so(client: Client, ann: Ann, button: str) -> None:
    form = Form(html_of(client, ann.path()), button)
    answer = client.post(ann.path(), form.sent(topic=["offers"]))
    assert answer.status_code == 303
    assert Inbound.objects.count() == 1
    assert Hold.objects.exists()
    followed = client.get(answer["Location"])
    assert 'role="status"' in followed.content.decode()
    assert Inbound.objects.count() == 1


def test_looking_again_saves_nothing(client: Client, ann: Ann) -> None:
    answer = client.post(ann.path(), Form(html_of(client, ann.path()), "nothing").sent())
    for _ in range(3):
        assert "From now on, Acme sends you no marketing emails." in text_of(html_of(client, answer["Location"]))
    assert Inbound.objects.count() == 1


def test_some_topics_are_stopped_and_the_others_stay(client: Client, ann: Ann) -> None:
    page = press(client, ann.path(), "stop", topic=["events"])
    assert re.findall(r"<li><bdi>([^<]+)", page.content.decode()) == ["Events"]
    assert (ann.reason("events"), ann.reason("offers")) == ("held", "opt_out_basis")
    pipeline.drain()
    assert (ann.reason("events"), ann.reason("offers")) == ("opted_out", "opt_out_basis")
    assert_ledger_agrees()


def test_nothing_at_all_in_one_tap(client: Client, ann: Ann) -> None:
    ann.meet()
    press(client, ann.path(), "nothing")
    pipeline.drain()
    assert set(ann.reasons().values()) == {"opted_out", "service"}
    assert ann.reason("offers", "post") == "opt_out_basis"


@pytest.mark.parametrize("by", ["email", "sms", "post"])
def test_nothing_at_all_on_every_channel(client: Client, ann: Ann, by: str) -> None:
    ann.meet()
    press(client, ann.path(by), "everywhere")
    assert [ann.reason("offers", channel) for channel in ("email", "sms", "post")] == ["held"] * 3
    pipeline.drain()
    assert [ann.reason("offers", channel) for channel in ("email", "sms", "post")] == ["opted_out"] * 3
    assert_ledger_agrees()


def test_who_shares_an_address_does_not_speak_for_the_others(client: Client, ann: Ann) -> None:
    ann.meet()
    ann.tell("email", "opt_in", "service", person=PersonKnown("bob", "Bob Lee"))
    press(client, ann.path(), "everywhere")
    pipeline.drain()
    assert ann.reason("offers") == "opted_out"
    assert ann.reason("offers", "post") == "opt_out_basis"


def test_a_letter_home_is_denied_in_another_spelling_too(client: Client, ann: Ann) -> None:
    ann.meet()
    press(client, ann.path("post"), "stop", topic=["offers"])
    other = contact("post", {**{"name": "Ann Lee", "line1": "12 Oak Street"}, **{"postal_code": "62701-1234"}})
    elsewhere = ann._replace(contacts={**ann.contacts, "post": other})
    assert elsewhere.reason("offers", "post") in ("held", "opted_out")
    pipeline.drain()
    assert ann.reason("offers", "post") == "opted_out"
    assert ann.reason("events", "post") == "opt_out_basis"


def test_a_pause_denies_and_ends_by_itself(client: Client, ann: Ann) -> None:
    ann.meet()
    ann.tell("email", "opt_in", "newsletter")
    page = press(client, ann.path(), "pause_all", months="3")
    assert "sends you no marketing here until" in text_of(page.content.decode())
    assert ann.reason("newsletter") == "held"
    pipeline.drain()
    assert (ann.reason("newsletter"), ann.reason("offers"), ann.reason("service")) == ("paused", "paused", "service")
    later = last_save().words[0].until
    assert (ann.reason("newsletter", at=later), ann.reason("offers", at=later)) == ("granted", "opt_out_basis")


def test_some_topics_are_paused(client: Client, ann: Ann) -> None:
    page = press(client, ann.path(), "pause", topic=["events"], months="1")
    pipeline.drain()
    assert (ann.reason("events"), ann.reason("offers")) == ("paused", "opt_out_basis")
    assert "Paused until" in text_of(page.content.decode())


@pytest.mark.parametrize(("agreed", "became"), [(True, ("opted_out", "granted")), (False, ("opted_out", "no_consent"))])
def test_fewer_only_narrows(client: Client, ann: Ann, agreed: bool, became: tuple[str, str]) -> None:
    ann.meet()
    if agreed:
        ann.tell("email", "opt_in", "newsletter")
    page = press(client, ann.path(), "stop", fewer=["newsletter"])
    sentence = "Newsletter is stopped. If you were getting it, you now get Newsletter, once a month instead."
    assert sentence in text_of(page.content.decode())
    pipeline.drain()
    assert (ann.reason("newsletter"), ann.reason("digest")) == became
    assert_ledger_agrees()


def test_fewer_never_turns_on_what_a_wider_no_stops(client: Client, ann: Ann) -> None:
    """The no is not worked off yet when the link's word comes, and both are worked off together."""
    ann.meet()
    ann.tell("email", "opt_in", "newsletter")
    press(client, ann.path(), "stop", topic=["newsletter"])
    press(client, ann.path(), "stop", fewer=["newsletter"])
    pipeline.drain()
    assert (ann.reason("newsletter"), ann.reason("digest")) == ("opted_out", "no_consent")


def test_fewer_and_a_no_to_both_is_a_no_to_both(client: Client, ann: Ann) -> None:
    ann.meet()
    ann.tell("email", "opt_in", "newsletter")
    press(client, ann.path(), "stop", topic=["digest"], fewer=["newsletter"])
    pipeline.drain()
    assert (ann.reason("newsletter"), ann.reason("digest")) == ("opted_out", "opted_out")


def test_no_sharing_reaches_every_address_of_the_person(client: Client, ann: Ann) -> None:
    ann.meet()
    press(client, ann.path(), "sharing")
    pipeline.drain()
    assert [ann.reason("sharing", channel) for channel in ("email", "sms", "post")] == ["opted_out"] * 3
    assert ann.reason("offers") == "opt_out_basis"


# --- what it refuses ---


@pytest.mark.parametrize("button", ["stop", "pause"])
def test_nothing_ticked_is_said_and_changes_nothing(client: Client, ann: Ann, button: str) -> None:
    page = press(client, ann.path(), button)
    assert page.status_code == 400
    assert "Nothing was changed. Tick at least one" in text_of(page.content.decode())
    assert Inbound.objects.count() == 0


def test_a_topic_that_is_gone_is_said_and_the_other_ticks_stay(client: Client, ann: Ann) -> None:
    form = Form(html_of(client, ann.path()), "stop")
    Topic.objects.filter(slug="events").delete()
    configuration.at_version(configuration.current_version())
    page = client.post(ann.path(), form.sent(topic=["offers", "events"]))
    assert page.status_code == 400
    assert 'value="offers" checked' in page.content.decode()
    assert Inbound.objects.count() == 0


@pytest.mark.parametrize("months", ["", "2", "-1", "1200", "x"])
def test_only_the_times_offered_can_be_paused_for(client: Client, ann: Ann, months: str) -> None:
    assert press(client, ann.path(), "pause_all", months=months).status_code == 400
    assert Inbound.objects.count() == 0


@pytest.mark.parametrize("act", ["on", "save", "resume", "x", "ended"])
def test_a_link_asks_for_nothing_but_noes(client: Client, ann: Ann, act: str) -> None:
    assert client.post(ann.path(), {"page": "preferences", "act": act, "topic": "offers"}).status_code == 400
    assert Inbound.objects.count() == 0


@pytest.mark.parametrize("page", ["unsubscribe", "owner", "x"])
def test_no_form_is_a_yes_without_proof(client: Client, ann: Ann, page: str) -> None:
    ann.meet()
    client.post(ann.path(), {"page": page, "act": "save", "w.0.newsletter": "on"})
    pipeline.drain()
    assert ann.reason("newsletter") != "granted"


@pytest.mark.parametrize("shown", ["", "x", "x:y"])
def test_a_no_counts_whatever_its_page_had_shown(client: Client, ann: Ann, shown: str) -> None:
    press(client, ann.path(), "stop", topic=["offers"], shown=shown)
    assert ann.reason("offers") == "held"
    assert last_save().shown is None


# --- undo ---


@pytest.mark.parametrize("button", BUTTONS)
def test_undo_takes_back_just_this(client: Client, ann: Ann, button: str) -> None:
    ann.meet()
    ann.tell("email", "opt_in", "newsletter")
    ann.tell("email", "opt_in", "sharing")
    ann.tell("email", "opt_out", "events")
    before = [ann.reasons(channel) for channel in ("email", "sms", "post")]
    page = press(client, ann.path(), button, topic=["newsletter", "offers"], fewer=["newsletter"])
    pipeline.drain()
    assert ann.reasons() != before[0]
    undone = client.post(ann.path(), Form(page.content.decode(), "undo").sent(), follow=True)
    assert "Undo received" in text_of(undone.content.decode())
    pipeline.drain()
    assert [ann.reasons(channel) for channel in ("email", "sms", "post")] == before
    assert_ledger_agrees()


def test_an_undo_needs_the_ticket_of_a_save_by_this_link(client: Client, ann: Ann) -> None:
    ticket = Form(press(client, ann.path(), "nothing").content.decode(), "undo").fields["undo"]
    for path, undo in ((ann.path(), "x"), (ann.path("sms"), ticket)):
        page = client.post(path, {"page": "preferences", "act": "undo", "undo": undo})
        assert "The time to undo is over." in text_of(page.content.decode())
    pipeline.drain()
    assert ann.reason("offers") == "opted_out"


def test_a_stranger_with_the_link_undoes_nothing_of_the_owner(client: Client, ann: Ann) -> None:
    press(client, ann.path(), "stop", topic=["offers"])
    pipeline.drain()
    strangers = press(Client(), ann.path(), "nothing")
    client.post(ann.path(), Form(strangers.content.decode(), "undo").sent())
    pipeline.drain()
    assert (ann.reason("offers"), ann.reason("events")) == ("opted_out", "opt_out_basis")


# --- the browser's signal ---


def test_looking_with_the_signal_writes_nothing_and_says_that_it_is_honoured(client: Client, ann: Ann) -> None:
    text = text_of(client.get(ann.path(), headers=GPC).content.decode())
    assert "Your browser asks not to share or sell your data (Global Privacy Control). We honour that" in text
    assert Inbound.objects.count() == 0
    for other in ("0", "true", "2", " 1x"):
        assert "Global Privacy Control" not in client.get(ann.path(), headers={"sec-gpc": other}).content.decode()


@pytest.mark.parametrize("button", BUTTONS)
def test_each_save_with_the_signal_says_no_to_sharing(client: Client, ann: Ann, button: str) -> None:
    ann.meet()
    page = press(client, ann.path(), button, headers=GPC, topic=["offers"])
    pipeline.drain()
    assert [ann.reason("sharing", channel) for channel in ("email", "sms", "post")] == ["opted_out"] * 3
    assert last_save().signal
    assert "The signal of your browser was saved" in text_of(page.content.decode())
    undo = Form(page.content.decode(), "undo").sent()
    client.post(ann.path(), undo, headers=GPC)
    pipeline.drain()
    assert ann.reason("sharing") == "opted_out"


# --- evidence ---


def test_the_evidence_says_what_was_said_and_what_was_shown(client: Client, ann: Ann) -> None:
    headers: dict[str, Any] = {"user-agent": "Browser 1", "cookie": "private=1", "accept-language": "de"}
    html = client.get(ann.path(), headers=headers).content.decode()
    client.post(ann.path(), Form(html, "stop").sent(topic=["events"]), headers=headers)
    kept = Inbound.objects.get()
    assert (kept.source, kept.channel, kept.endpoint) == ("page:link", "email", ann.link())
    envelope = open_envelope(kept.sealed_raw or b"")
    assert envelope.headers == {"user-agent": "Browser 1", "accept-language": "de"}
    saved = last_save()
    assert [(one.topic, one.wanted, one.shown) for one in saved.words] == [("events", "off", "offered")]
    assert saved.shown is not None
    assert saved.shown.language == "de"
    assert set(saved.shown.states[""]) == {"newsletter", "digest", "offers", "events", "sharing"}
    assert saved.nonce
