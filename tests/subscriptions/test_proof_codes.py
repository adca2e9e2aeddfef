"""A code sent to an address proves its owner; and nothing on the way tells whether the address is known."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from consent import pipeline
from consent.addresses import contact
from consent.configuration import Scope
from consent.models import AccessCode, AccessProof, ContactPoint, Errand, Inbound
from subscriptions.preferences.forms import form_token
from subscriptions.preferences.proof import is_proved
from tests.consent.core.example import Organisation, key_of
from tests.subscriptions.proving import (
    JANE,
    STRANGER,
    ask,
    bare,
    code_in,
    enter,
    link_of,
    make_known,
    make_site,
    sent_code,
    sign_in,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Organisation:
    return make_site()


# --- the way in ---


def test_a_code_leads_to_the_preferences(client: Client, site: Organisation) -> None:
    assert ask(client).status_code == 303
    [message] = work()
    text = str(message.get_content())
    assert (message["To"], message["Auto-Submitted"]) == (JANE, "auto-replied")
    assert "privacy@acme.example" in message["From"]
    assert f"/preferences/{link_of(site)}" in text
    answer = enter(client, code_in(text))
    assert (answer.status_code, answer["Location"]) == (303, f"/preferences/{link_of(site)}")
    cookie = answer.cookies["sayso_proof"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 1800)
    assert AccessProof.objects.get().key == key_of("email", JANE)


def test_a_pasted_code_with_blanks_is_the_same(client: Client, site: Organisation) -> None:
    ask(client)
    code = sent_code()
    assert enter(client, f" {code[:3]} {code[3:]}\n").status_code == 303


def test_a_device_is_remembered_only_where_that_was_ticked(client: Client, site: Organisation) -> None:
    assert "checked" not in (ask(client), client.get("/preferences/code").content.decode())[1]
    answer = enter(client, sent_code(), remember="yes")
    assert answer.cookies["sayso_proof"]["max-age"] == 90 * 86_400


def test_of_one_own_controller_no_choice_is_asked(client: Client, site: Organisation) -> None:
    assert "Acme Hosting" in client.get("/preferences/").content.decode()
    assert "Globex" in client.get("/preferences/?controller=globex").content.decode()
    unknown = client.get("/preferences/?controller=nobody").content.decode()
    assert "Acme Hosting" in unknown
    assert "Globex" not in unknown  # whose processor we are is nobody's business


def test_a_link_asks_for_a_code_to_its_own_address(client: Client, site: Organisation) -> None:
    make_known(site)
    answer = client.post(f"/preferences/{link_of(site, topic='offers')}/code", {"for": "address"})
    assert (answer.status_code, answer["Location"]) == (303, "/preferences/code")
    answer = enter(client, sent_code())
    assert answer["Location"] == f"/preferences/{link_of(site, topic='offers')}/address"
    assert client.get(answer["Location"]).status_code == 200


def test_a_link_whose_address_we_do_not_have_is_answered_alike_and_sends_nothing(
    client: Client, site: Organisation
) -> None:
    answers = []
    make_known(site)
    for address in (JANE, STRANGER):
        browser = Client()
        browser.post(f"/preferences/{link_of(site, address)}/code")
        answers.append(bare(browser.get("/preferences/code").content.decode()))
        assert len(work()) == (1 if address == JANE else 0)
    assert answers[0].replace(link_of(site), "") == answers[1].replace(link_of(site, STRANGER), "")


def test_the_owner_of_a_mailbox_whom_we_did_not_know_is_known_from_then_on(client: Client, site: Organisation) -> None:
    ask(client, STRANGER)
    work()
    assert not ContactPoint.objects.exists()
    sign_in(Client(), STRANGER)
    work()
    assert ContactPoint.objects.get().key == key_of("email", STRANGER)
    client.post(f"/preferences/{link_of(site, STRANGER)}/code")
    assert len(work()) == 1


@pytest.mark.parametrize("written", ["", "jane", "jane@", "+1", "x" * 400, "jane@home.example\r\nBcc: a@b.example"])
def test_what_is_no_address_is_named_and_costs_nothing(client: Client, site: Organisation, written: str) -> None:
    answer = ask(client, written)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Inbound.objects.exists()


def test_the_language_is_the_persons_own_else_that_of_the_page(client: Client, site: Organisation) -> None:
    client.get("/preferences/")
    client.post("/preferences/", {"address": JANE}, headers={"accept-language": "es"})
    assert work()[0]["Content-Language"] == "es"
    make_known(site)
    ContactPoint.objects.update(language="fr")
    ask(client)
    assert work()[0]["Content-Language"] == "fr"


# --- codes ---


def test_after_five_tries_the_right_code_fails_too(client: Client, site: Organisation) -> None:
    ask(client)
    code = sent_code()
    wrong = "000000" if code != "000000" else "111111"
    pages = {bare(enter(client, wrong).content.decode()) for _ in range(5)}
    last = enter(client, code)
    assert (last.status_code, pages) == (400, {bare(last.content.decode())})
    assert AccessCode.objects.get().tries == 5


def test_tries_of_a_request_that_sent_nothing_count_just_the_same(client: Client, site: Organisation) -> None:
    ask(client, "privacy@acme.example")
    work()
    for _ in range(7):
        enter(client, "123456")
    assert AccessCode.objects.get().tries == 5


def test_a_code_is_good_for_ten_minutes(client: Client, site: Organisation) -> None:
    ask(client)
    code = sent_code()
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert enter(client, code).status_code == 400
    assert enter(client, code).status_code == 303


def test_a_code_is_used_once(client: Client, site: Organisation) -> None:
    ask(client)
    code, page = sent_code(), client.get("/preferences/code").content.decode()
    cookies = client.cookies.output(header="", sep=";")
    assert enter(client, code).status_code == 303
    [signed] = re.findall(r'name="request" value="([^"]+)"', page)
    other = Client()
    other.cookies.load(cookies)
    assert other.post("/preferences/code", {"request": signed, "code": code}).status_code == 400


def test_a_newer_code_takes_the_place_of_an_older_one(client: Client, site: Organisation) -> None:
    ask(client)
    first, old = sent_code(), client.cookies["sayso_code"].value
    ask(client)
    second, new = sent_code(), client.cookies["sayso_code"].value
    client.cookies["sayso_code"] = old
    assert enter(client, first).status_code == 400
    client.cookies["sayso_code"] = new
    assert enter(client, second).status_code == 303


def test_a_code_that_is_asked_for_elsewhere_does_not_let_in_here(client: Client, site: Organisation) -> None:
    ask(client)
    code, other = sent_code(), Client()
    ask(other, STRANGER)
    work()
    assert enter(other, code).status_code == 400


def test_nobody_finishes_the_request_of_another_browser(client: Client, site: Organisation) -> None:
    """An attacker lures somebody into entering a code for the attacker's own request."""
    ask(client, STRANGER)
    code, page = sent_code(), client.get("/preferences/code").content.decode()
    [signed] = re.findall(r'name="request" value="([^"]+)"', page)
    victim = Client()
    assert victim.post("/preferences/code", {"request": signed, "code": code})["Location"] == "/preferences/"
    ask(victim, JANE)
    work()
    assert victim.post("/preferences/code", {"request": signed, "code": code}).status_code == 400
    assert "sayso_proof" not in victim.cookies
    assert enter(client, code).status_code == 303


FOREIGN = [
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"sec-fetch-site": "same-site", "origin": "null"},
    {"origin": "https://evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_of_another_site_does_nothing(client: Client, site: Organisation, headers: dict[str, str]) -> None:
    link = sign_in(client)
    ask(client)
    before = Inbound.objects.count()
    for path in ("", "code", f"{link}/address", f"{link}/rights", f"{link}/data"):
        fields = {"address": JANE, "code": "123456", "kind": "objection", "form": _form_token(client)}
        answer = client.post(f"/preferences/{path}", fields, headers=headers)
        assert (answer.status_code, "Nothing was changed" in answer.content.decode()) == (403, True)
    assert Inbound.objects.count() == before


def test_a_form_of_ours_comes_with_what_a_browser_tells_of_it(client: Client, site: Organisation) -> None:
    """`Referrer-Policy: no-referrer` makes the origin of every form `null`."""
    told = {"sec-fetch-site": "same-origin", "origin": "null"}
    assert client.post("/preferences/", {"address": JANE}, headers=told).status_code == 303


def test_a_form_without_what_the_owners_page_holds_does_nothing(client: Client, site: Organisation) -> None:
    link = sign_in(client)
    for form in ("", "x", "0" * 64):
        assert client.post(f"/preferences/{link}/rights", {"kind": "objection", "form": form}).status_code == 403
    assert not Inbound.objects.filter(source="page:rights").exists()


def _form_token(client: Client) -> str:
    return form_token(_request(client))


def test_the_code_stands_nowhere_in_clear(client: Client, site: Organisation) -> None:
    ask(client)
    pipeline.drain()
    row = AccessCode.objects.get()
    errand = Errand.objects.get()
    code = sent_code()
    assert code.encode() not in bytes(row.code_mac or b"") + bytes(errand.sealed_payload or b"")
    assert (errand.kind, errand.give_up_at - row.made_at <= timedelta(minutes=10)) == ("code", True)
    assert Errand.objects.get().sealed_payload is None


# --- proof ---


def _request(client: Client) -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return request


def _token(site: Organisation, address: str = JANE) -> Any:
    from consent.tokens import read_token

    return read_token(link_of(site, address))


def test_a_proof_is_of_one_address_at_one_controller_for_half_an_hour(client: Client, site: Organisation) -> None:
    sign_in(client)
    request, mine = _request(client), _token(site)
    assert is_proved(request, mine)
    assert not is_proved(request, _token(site, STRANGER))
    from msgspec.structs import replace

    assert not is_proved(request, replace(mine, scope=Scope(site.globex.pk, None)))
    assert not is_proved(request, replace(mine, channel="sms"))
    assert is_proved(request, replace(mine, scope=site.scope("offers")))
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert not is_proved(request, mine)


def test_a_made_up_proof_is_none(client: Client, site: Organisation) -> None:
    for value in ("", "x", "x" * 500, "\0", "sayso"):
        client.cookies["sayso_proof"] = value
        assert not is_proved(_request(client), _token(site))


def test_who_leaves_is_proved_nowhere(client: Client, site: Organisation) -> None:
    from django.http import HttpResponse

    from subscriptions.preferences.proof import forget

    sign_in(client)
    copied, answer = _request(client), HttpResponse()
    forget(answer, copied)
    assert answer.cookies["sayso_proof"]["max-age"] == 0
    assert not is_proved(copied, _token(site))


def test_the_database_holds_no_proof_that_could_be_used(client: Client, site: Organisation) -> None:
    sign_in(client)
    client.cookies["sayso_proof"] = bytes(AccessProof.objects.get().digest).hex()
    assert not is_proved(_request(client), _token(site))


def test_over_tls_the_cookies_are_of_this_host_alone(client: Client, site: Organisation, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    answer = ask(client)
    cookie = answer.cookies["__Host-sayso_code"]
    assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["samesite"]) == (True, "/", "", "Strict")


@pytest.mark.parametrize("page", ["address"])
def test_a_forwarded_link_opens_no_page_of_the_owner(client: Client, site: Organisation, page: str) -> None:
    make_known(site)
    link = link_of(site)
    answers = [client.get(f"/preferences/{link}/{page}"), client.post(f"/preferences/{link}/{page}", {"kind": "post"})]
    assert [(one.status_code, one["Location"], one.content) for one in answers] == [
        (303, f"/preferences/{link}/code?for={page}", b"")
    ] * 2
    stranger = client.get(f"/preferences/{link_of(site, STRANGER)}/{page}")
    assert (stranger.status_code, stranger.content) == (303, b"")
    shown = client.get(f"/preferences/{link}/code?for={page}")
    assert shown.status_code == 200
    assert JANE not in shown.content.decode()
    sign_in(client, STRANGER)
    assert client.get(f"/preferences/{link}/{page}").status_code == 303


def test_a_link_that_is_none_of_ours_is_404_everywhere(client: Client, site: Organisation) -> None:
    for page in ("code", "address"):
        assert client.get(f"/preferences/x{link_of(site)[1:]}/{page}").status_code == 404
        assert client.post(f"/preferences/nothing/{page}").status_code == 404


def test_pages_are_in_no_cache_and_need_no_script(client: Client, site: Organisation) -> None:
    sign_in(client)
    ask(client)
    for path in ("", "code", f"{link_of(site)}/code", f"{link_of(site)}/address"):
        page = client.get(f"/preferences/{path}")
        assert (page.status_code, page["Cache-Control"], page["X-Robots-Tag"]) == (200, "no-store", "noindex, nofollow")
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", page.content.decode())


def test_contacts_are_found_by_the_key_alone() -> None:
    assert contact("email", JANE.upper()).said == contact("email", JANE).said
