"""A yes that has to end a wider no, pauses, fewer instead of none, and two windows at once on the owner's page."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consent import pipeline, vault
from consent.configuration import SECRETS_PURPOSE, Scope
from consent.inbox import Arrival, Envelope, accept
from consent.models import ProviderAccount, Sender
from tests.subscriptions.person import (
    NUMBER,
    Ann,
    Form,
    assert_ledger_agrees,
    html_of,
    last_save,
    options,
    places,
    press,
    save,
    stop_by_text,
    text_of,
)

pytestmark = pytest.mark.django_db


# --- a yes that ends a wider no ---


@pytest.mark.parametrize("worked_off", [True, False])
def test_nothing_at_all_then_one_topic_on(owner: Client, ann: Ann, worked_off: bool) -> None:
    ann.tell("email", "opt_in", "newsletter")
    press(owner, ann.path(), "nothing")
    if worked_off:
        pipeline.drain()
    html = html_of(owner, ann.path())
    assert [one[0] for one in _warnings(html)] == ["You asked for nothing at all on"]
    save(owner, ann.path(), email_offers="on")
    pipeline.drain()
    assert ann.reason("offers") == "opt_out_basis"
    assert {ann.reason(slug) for slug in ("newsletter", "digest", "events", "sharing")} == {"opted_out"}
    assert ann.reason("offers", "post") == "opted_out"
    assert_ledger_agrees()


def _warnings(html: str) -> list[tuple[str, str]]:
    """How each begins, and its id."""
    found = re.findall(r'<p class="notice" id="(\w+)">(.*?) [^ ]+ \d+, \d+\. Turning one thing', html)
    return [(text_of(text), place) for place, text in found]


def test_addresses_of_which_the_same_is_true_are_warned_of_once(owner: Client, ann: Ann) -> None:
    press(owner, ann.path(), "nothing")
    save(owner, ann.path(), sms_offers="on")
    pipeline.drain()
    html = html_of(owner, ann.path())
    both = "Email to a•••e@e•••e.com, Letters to A••• L•••, 62•••: You asked for nothing at all on"
    assert _warnings(html) == [(both, "wide0")]
    assert len(re.findall(r'<fieldset class="place" aria-describedby="wide0"', html)) == 8
    stop_by_text(ann)
    assert [one[1] for one in _warnings(html_of(owner, ann.path()))] == ["wide0", "wide1"]


def test_what_is_turned_on_later_leaves_what_was_turned_on_before(owner: Client, ann: Ann) -> None:
    """Neither save is worked off when the next one comes, and the second page does not know of the first."""
    ann.tell("email", "opt_out")
    html = html_of(owner, ann.path())
    for topic in ("offers", "events"):
        owner.post(ann.path(), Form(html, "save").sent(**{f"w.0.{topic}": "on"}))
    pipeline.drain()
    assert (ann.reason("offers"), ann.reason("events")) == ("opt_out_basis", "opt_out_basis")
    assert ann.reason("newsletter") == "opted_out"


def test_a_no_to_everything_between_two_yeses_is_not_undone(owner: Client, ann: Ann) -> None:
    ann.tell("email", "opt_out")
    html = html_of(owner, ann.path())
    owner.post(ann.path(), Form(html, "save").sent(**{"w.0.offers": "on"}))
    press(owner, ann.path(), "nothing")
    owner.post(ann.path(), Form(html, "save").sent(**{"w.0.events": "on"}))
    pipeline.drain()
    assert (ann.reason("offers"), ann.reason("events")) == ("opted_out", "opt_out_basis")


def test_one_topic_on_after_a_stop_by_text(owner: Client, ann: Ann) -> None:
    ann.tell("sms", "opt_in", "offers")
    stop_by_text(ann)
    assert ann.reason("offers", "sms") == "opted_out"
    html = html_of(owner, ann.path())
    assert "until you text START to +15550100001" in text_of(html)
    assert "by your text to +15550100001" in places(html)["Offers | Text"]
    save(owner, ann.path(), sms_offers="on")
    pipeline.drain()
    assert ann.reason("offers", "sms") == "granted"
    assert [ann.reason(slug, "sms") for slug in ("events", "service", "sharing")] == ["opted_out"] * 3
    stop_by_text(ann, "START")
    assert [ann.reason(slug, "sms") for slug in ("offers", "events", "service")] == ["granted", "no_consent", "service"]
    assert_ledger_agrees()


def test_a_text_that_nobody_has_read_yet_must_be_waited_for(owner: Client, ann: Ann) -> None:
    [key] = ann.contacts["sms"].said
    own = Scope(ann.controller.pk, None)
    accept(Arrival(ann.controller.pk, "sms:generic", "sms", Envelope(), [(key, own)], "acme"))
    html = html_of(owner, ann.path())
    assert "while we work on what you told us" in places(html)["Offers | Text"]
    assert options(html, "w.1.offers") == []


def test_a_stop_that_is_confined_to_one_number_stays_so_for_the_others(owner: Client, ann: Ann) -> None:
    Sender.objects.create(controller=ann.controller, channel="sms", kind="sender", address="55501")
    sealed = vault.seal(SECRETS_PURPOSE, b'["x"]')
    account = {"provider": "generic", "endpoint": "acme", "sealed_secrets": sealed, "options": {"stop_scope": "sender"}}
    ProviderAccount.objects.create(controller=ann.controller, **account)
    for topic in ("offers", "events"):
        ann.tell("sms", "opt_in", topic)
    stop_by_text(ann)
    save(owner, ann.path(), sms_offers="on")
    pipeline.drain()
    assert ann.reason("offers", "sms", sender=NUMBER) == "granted"
    assert ann.reason("events", "sms", sender=NUMBER) == "opted_out"
    assert ann.reason("events", "sms", sender="55501") == "granted"


# --- pauses, fewer ---


def test_a_pause_of_one_topic_and_its_end(owner: Client, ann: Ann) -> None:
    save(owner, ann.path(), email_offers="pause", months="6")
    assert places(html_of(owner, ann.path()))["Offers | Email"].startswith("Paused until")
    pipeline.drain()
    assert (ann.reason("offers"), ann.reason("events")) == ("paused", "opt_out_basis")
    html = html_of(owner, ann.path())
    assert places(html)["Offers | Email"].startswith("Paused until")
    save(owner, ann.path(), email_offers="on")
    pipeline.drain()
    assert ann.reason("offers") == "opt_out_basis"


def test_one_topic_starts_again_out_of_a_pause_of_everything(owner: Client, ann: Ann) -> None:
    press(owner, ann.path(), "pause_all", months="3")
    pipeline.drain()
    until = last_save().words[0].until
    assert "everything else stays paused" in text_of(html_of(owner, ann.path()))
    save(owner, ann.path(), email_offers="on")
    pipeline.drain()
    assert (ann.reason("offers"), ann.reason("events")) == ("opt_out_basis", "paused")
    assert ann.reason("events", at=until) == "opt_out_basis"
    assert ann.reason("offers", "post") == "paused"


def test_the_end_of_all_pauses(owner: Client, ann: Ann) -> None:
    press(owner, ann.path(), "pause_all", months="3")
    pipeline.drain()
    save(owner, ann.path(), email_offers="off")
    pipeline.drain()
    press(owner, ann.path(), "resume_all")
    pipeline.drain()
    assert [ann.reason("events", channel) for channel in ("email", "post")] == ["opt_out_basis"] * 2
    assert ann.reason("offers") == "opted_out"


def test_the_owners_later_pause_is_the_one_that_counts(owner: Client, ann: Ann) -> None:
    for months in ("6", "1"):
        press(owner, ann.path(), "pause_all", months=months)
        pipeline.drain()
    later = timezone.now() + timedelta(days=40)
    assert (ann.reason("offers"), ann.reason("offers", at=later)) == ("paused", "opt_out_basis")


def test_a_link_cannot_shorten_the_owners_pause(owner: Client, ann: Ann) -> None:
    press(owner, ann.path(), "pause_all", months="6")
    press(Client(), ann.path(), "pause_all", months="1")
    pipeline.drain()
    assert ann.reason("offers", at=timezone.now() + timedelta(days=40)) == "paused"


def test_fewer_instead_of_none(owner: Client, ann: Ann) -> None:
    ann.tell("email", "opt_in", "newsletter")
    assert options(html_of(owner, ann.path()), "w.0.newsletter") == ["on", "pause", "fewer", "off"]
    page = save(owner, ann.path(), email_newsletter="fewer")
    waiting = "Stopped: Newsletter by email. Being turned on instead: Newsletter, once a month"
    assert waiting in text_of(page.content.decode())
    pipeline.drain()
    done = text_of(html_of(owner, page.redirect_chain[-1][0]))
    assert "Less often from now on: Newsletter, once a month instead of Newsletter by email" in done
    assert (ann.reason("newsletter"), ann.reason("digest")) == ("opted_out", "granted")


def test_fewer_is_not_offered_and_not_taken_where_it_would_not_work(owner: Client, ann: Ann) -> None:
    ann.tell("email", "opt_in", "newsletter")
    before = html_of(owner, ann.path())
    ann.tell("email", "suppress", "digest", cause="complaint")
    assert options(html_of(owner, ann.path()), "w.0.newsletter") == ["on", "pause", "off"]
    refused = owner.post(ann.path(), Form(before, "save").sent(**{"w.0.newsletter": "fewer"}))
    assert "cannot be turned on here" in text_of(refused.content.decode())
    pipeline.drain()
    assert ann.reason("newsletter") == "granted"


# --- two windows ---


def test_two_windows_never_undo_each_other(owner: Client, ann: Ann) -> None:
    html = html_of(owner, ann.path())
    owner.post(ann.path(), Form(html, "save").sent(**{"w.0.events": "off"}))
    second = owner.post(ann.path(), Form(html, "save").sent(**{"w.0.offers": "off"}), follow=True)
    told = text_of(second.content.decode())
    assert re.search(r"In another window or message, Events by email was stopped at [\d:apm. ]+\(UTC\)", told)
    pipeline.drain()
    assert (ann.reason("events"), ann.reason("offers")) == ("opted_out", "opted_out")


@pytest.mark.parametrize("first", ["on", "off"])
def test_of_two_windows_the_later_choice_wins(owner: Client, ann: Ann, first: str) -> None:
    ann.tell("email", "opt_in", "newsletter")
    shown_on = html_of(owner, ann.path())
    ann.tell("email", "opt_out", "newsletter")
    shown_off = html_of(owner, ann.path())
    saves = {"on": (shown_off, "on"), "off": (shown_on, "off")}
    for name in (first, "off" if first == "on" else "on"):
        html, wanted = saves[name]
        owner.post(ann.path(), Form(html, "save").sent(**{"w.0.newsletter": wanted}))
    pipeline.drain()
    assert ann.reason("newsletter") == ("opted_out" if first == "on" else "granted")


def test_a_window_that_saves_nothing_new_is_told_what_changed(owner: Client, ann: Ann) -> None:
    html = html_of(owner, ann.path())
    save(owner, ann.path(), email_events="off")
    page = owner.post(ann.path(), Form(html, "save").sent())
    assert "Events by email was stopped" in text_of(page.content.decode())


def test_a_stop_meanwhile_does_not_stay_hidden(owner: Client, ann: Ann) -> None:
    ann.tell("sms", "opt_in", "offers")
    html = html_of(owner, ann.path())
    stop_by_text(ann)
    page = owner.post(ann.path(), Form(html, "save").sent(**{"w.0.events": "off"}), follow=True)
    assert "Offers by text message was stopped" in text_of(page.content.decode())
    assert ann.reason("offers", "sms") == "opted_out"
