"""The confirmation page: looking changes nothing, a press confirms, and no page claims what is not so."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from consent import pipeline
from consent.models import ConsentEvent, Inbound
from tests.consent.core.example import entry, key_of, record
from tests.subscriptions.signing_up import ANN, Site, main_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(time_machine: TimeMachineFixture) -> Site:
    return Site(time_machine)


@pytest.fixture
def link(site: Site) -> str:
    site.sign_up("newsletter", "events")
    return site.link()


def test_looking_at_the_page_changes_nothing_however_often(site: Site, link: str) -> None:
    lines, inbounds = ConsentEvent.objects.count(), Inbound.objects.count()
    for _ in range(3):
        assert site.client.get(link, headers={"Sec-Purpose": "prefetch"}).status_code == 200
        assert site.client.head(link).status_code == 200
    assert (ConsentEvent.objects.count(), Inbound.objects.count()) == (lines, inbounds)
    assert site.verdict("newsletter").reason == "unconfirmed"


def test_the_page_has_one_button_and_shows_what_is_asked_and_the_wording(site: Site, link: str) -> None:
    page = site.client.get(link)
    assert page.content.decode().count("<button") == 1
    for words in ("Newsletter", "Events", "I want to get it.", "Version 1", "a•••@h•••e.example"):
        assert words in text_of(page)
    assert ANN not in text_of(page)


def test_a_press_confirms_and_says_what_is_on(site: Site, link: str) -> None:
    answer = site.client.post(link)
    assert "Confirmed" in text_of(answer)
    assert "now sends to a•••@h•••e.example: Newsletter" in text_of(answer).replace("Events Newsletter", "Newsletter")
    pipeline.drain()
    assert (site.verdict("newsletter").reason, site.verdict("events").reason) == ("granted", "opt_out_basis")


def test_a_second_press_and_a_later_look_say_the_same(site: Site, link: str) -> None:
    first = main_of(site.client.post(link))
    assert "Confirmed" in first
    assert main_of(site.client.post(link)) == first
    pipeline.drain()
    assert main_of(site.client.post(link)) == first
    assert main_of(site.client.get(link)) == first
    assert ConsentEvent.objects.filter(action="grant").count() == 2


def test_a_link_that_lapsed_says_so_and_offers_to_sign_up_again(site: Site, link: str) -> None:
    site.clock.shift(timedelta(days=8))
    for answer in (site.client.get(link), site.client.post(link)):
        assert "not confirmed in time" in text_of(answer)
        assert 'href="/subscribe/acme"' in answer.content.decode()
    pipeline.drain()
    assert not ConsentEvent.objects.filter(action="grant").exists()


def test_a_no_since_then_counts_and_the_page_says_so(site: Site, link: str) -> None:
    said = entry(
        key_of("email", ANN), site.organisation.scope("acme"), "withdraw", "choice", occurred_at=timezone.now()
    )
    record(said)
    for answer in (site.client.get(link), site.client.post(link)):
        assert "the no counts" in text_of(answer)
    assert site.verdict("newsletter").reason == "opted_out"


@pytest.mark.parametrize("drained", [False, True])
def test_where_we_still_may_not_send_the_page_says_so_and_where_to_write(site: Site, link: str, drained: bool) -> None:
    key, scope = key_of("email", ANN), site.organisation.scope("newsletter")
    record(entry(key, scope, "object", "complaint", occurred_at=timezone.now()))
    answer = site.client.post(link)
    if drained:
        pipeline.drain()
        answer = site.client.get(link)
    assert "we still may not send: Newsletter" in text_of(answer)
    assert "Please write to privacy@acme.example" in text_of(answer)
    assert "now sends" in text_of(answer)  # the events, which nothing stands in the way of


def test_somebody_who_stopped_everything_and_confirms_reads_that_it_is_on_and_it_is(site: Site) -> None:
    record(entry(key_of("email", ANN), site.organisation.scope("acme"), "withdraw", "choice"))
    site.sign_up("newsletter")
    assert "now sends" in text_of(site.client.post(site.link()))
    pipeline.drain()
    assert site.verdict("newsletter").allowed
    assert not site.verdict("offers").allowed


def test_a_later_no_is_not_undone_by_the_old_link_and_the_page_says_so(site: Site, link: str) -> None:
    site.client.post(link)
    pipeline.drain()
    said = entry(
        key_of("email", ANN), site.organisation.scope("acme"), "withdraw", "choice", occurred_at=timezone.now()
    )
    record(said)
    answer = site.client.post(link)
    pipeline.drain()
    assert "stays stopped" in text_of(answer)
    assert not site.verdict("newsletter").allowed


@pytest.mark.parametrize("change", ["cut", "longer", "other"])
def test_a_forged_link_says_nothing_and_does_nothing(site: Site, link: str, change: str) -> None:
    forged = {"cut": link[:-3], "longer": f"{link}x", "other": "/confirm/" + "x" * 2_000}[change]
    for answer in (site.client.get(forged), site.client.post(forged)):
        assert answer.status_code == 404
        assert "This link does not work" in text_of(answer)
    assert not ConsentEvent.objects.filter(action="grant").exists()


def test_the_link_needs_no_cookie_and_no_token_of_a_form(site: Site, link: str) -> None:
    assert "Confirmed" in text_of(Client(enforce_csrf_checks=True).post(link))


def test_a_browser_that_says_do_not_share_agrees_to_no_sharing(site: Site) -> None:
    site.form.topics.set([site.organisation.topics["newsletter"], site.organisation.topics["data-sharing"]])
    site.sign_up("newsletter", "data-sharing")
    answer = site.client.post(site.link(), headers={"Sec-GPC": "1"})
    assert "now sends to a•••@h•••e.example: Newsletter" in text_of(answer)
    pipeline.drain()
    assert (site.verdict("newsletter").allowed, site.verdict("data-sharing").allowed) == (True, False)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(site: Site, link: str, method: str) -> None:
    assert getattr(site.client, method)(link).status_code == 405


def test_a_stranger_who_signs_up_somebody_else_changes_nothing(site: Site) -> None:
    record(entry(key_of("email", ANN), site.organisation.scope("newsletter"), "grant", basis="opt_in"))
    before = [(topic, site.verdict(topic)) for topic in site.organisation.topics]
    site.sign_up("newsletter", "offers", "events")
    site.mails()
    assert [(topic, site.verdict(topic)) for topic in site.organisation.topics] == before
