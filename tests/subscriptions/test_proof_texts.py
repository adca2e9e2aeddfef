"""Codes by text: only to numbers that we know, never after a STOP, and the page says the same every time."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from consent import configuration
from consent.addresses import contact
from consent.models import AccessCode, Errand
from consent.models.vocabulary import Action
from consent.tokens import Token, make_token
from tests.consent.answers.stand_in import StandIn, standing_in
from tests.consent.answers.texting import NUMBER, Desk
from tests.consent.core.example import ACME_NUMBER, entry, key_of, make_organisation, record
from tests.subscriptions.proving import ask, enter, link_of, make_known, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in() as server:
        yield server


@pytest.fixture
def desk(stand_in: StandIn) -> Desk:
    """Acme, whose account sends texts, from the number that the account names."""
    desk = Desk(make_organisation(), stand_in)
    desk.organisation.acme.senders.create(channel="sms", kind="sender", address=ACME_NUMBER)
    desk.answer_by("api")
    return desk


def test_a_text_brings_a_code_that_a_telephone_fills_in_on_our_site_alone(client: Client, desk: Desk) -> None:
    make_known(desk.organisation, NUMBER, "sms")
    assert ask(client, "(415) 555-0123").status_code == 303
    assert work() == []
    [text] = desk.stand_in.texts
    assert (text.to, text.sender) == (NUMBER, ACME_NUMBER)
    last = text.body.splitlines()[-1]
    found = re.fullmatch(r"@127\.0\.0\.1 #(\d{6})", last)
    assert found
    assert f"/preferences/{link_of(desk.organisation, NUMBER, channel='sms')}" in text.body
    assert enter(client, found[1])["Location"].endswith(link_of(desk.organisation, NUMBER, channel="sms"))


def test_a_number_that_we_do_not_know_costs_nothing(client: Client, desk: Desk) -> None:
    assert ask(client, NUMBER).status_code == 303
    work()
    assert desk.stand_in.calls == []
    assert AccessCode.objects.get().code_mac is None


def test_a_number_that_another_controller_knows_costs_nothing(client: Client, desk: Desk) -> None:
    make_known(desk.organisation._replace(acme=desk.organisation.globex), NUMBER, "sms", "offers")
    ask(client, NUMBER)
    work()
    assert desk.stand_in.calls == []


def test_after_a_stop_no_text_goes_out_and_the_answer_is_the_same(client: Client, desk: Desk) -> None:
    make_known(desk.organisation, NUMBER, "sms")
    desk.text("STOP")
    desk.stand_in.texts.clear()
    assert ask(client, NUMBER).status_code == 303
    work()
    assert desk.said == []


def test_a_stop_that_nobody_has_read_yet_counts_too(client: Client, desk: Desk) -> None:
    make_known(desk.organisation, NUMBER, "sms")
    ask(client, NUMBER)
    desk.take("STOP")
    work()
    assert [body for body in desk.said if "#" in body] == []


def test_without_an_account_that_sends_the_page_offers_email_alone(client: Client, desk: Desk) -> None:
    assert "mobile number" in client.get("/preferences/").content.decode()
    desk.answer_by("gateway")
    configuration.current()
    assert "mobile number" not in client.get("/preferences/").content.decode()
    assert ask(client, NUMBER).status_code == 400
    answer = client.post(f"/preferences/{link_of(desk.organisation, NUMBER, channel='sms')}/code")
    assert answer["Location"] == "/preferences/?controller=acme"


def test_a_gateway_that_is_away_gets_it_again_within_the_time_of_the_code(client: Client, desk: Desk) -> None:
    make_known(desk.organisation, NUMBER, "sms")
    desk.stand_in.mood = "busy"
    ask(client, NUMBER)
    work()
    row = Errand.objects.get(kind="code")
    assert (row.state, row.provider, row.endpoint) == ("waiting", "generic", "acme")
    assert (row.give_up_at - row.inbound.received_at).total_seconds() == 600


def test_a_link_of_post_leads_to_where_an_address_is_typed(client: Client, desk: Desk) -> None:
    [key, *_] = contact("post", "Ann Lee, 12 Oak St, Springfield, IL 62701").said
    link = make_token(Token("post", desk.organisation.scope("acme"), key))
    assert client.post(f"/preferences/{link}/code")["Location"] == "/preferences/?controller=acme"


def test_a_number_is_remembered_for_less_long_than_it_takes_to_be_another_ones(client: Client, desk: Desk) -> None:
    make_known(desk.organisation, NUMBER, "sms")
    ask(client, NUMBER)
    work()
    code = desk.said[0].rpartition("#")[2]
    assert enter(client, code, remember="yes").cookies["sayso_proof"]["max-age"] == 30 * 86_400


def test_who_had_a_number_before_is_proved_no_more(client: Client, desk: Desk) -> None:
    make_known(desk.organisation, NUMBER, "sms")
    ask(client, NUMBER)
    work()
    link = enter(client, desk.said[0].rpartition("#")[2])["Location"]
    assert client.get(f"{link}/data").status_code == 200
    record(entry(key_of("sms", NUMBER), desk.organisation.scope("everything"), Action.INVALIDATE, channel="sms"))
    assert client.get(f"{link}/data").status_code == 303
