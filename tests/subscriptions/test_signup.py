"""The sign-up form: what it shows, whom it takes for a person, and that it tells nobody anything."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from consent.confirming import read_ticket
from consent.inbox import open_envelope
from consent.models import ConsentEvent, Inbound, Notice, Sender, Topic
from consent.signing_up import decode
from subscriptions.models import SignupForm, TopicText
from tests.consent.core.example import entry, key_of, record
from tests.subscriptions.signing_up import ANN, PATH, SHOP, Site, fields_of, text_of

pytestmark = pytest.mark.django_db
SENT = "We sent you a message Press the button in it."


@pytest.fixture
def site(time_machine: TimeMachineFixture) -> Site:
    return Site(time_machine)


def test_the_form_shows_what_comes_how_often_and_the_wording_with_its_version(site: Site) -> None:
    Topic.objects.filter(slug="offers").update(description="Discounts.", frequency="Twice a month")
    shown = text_of(site.client.get(PATH))
    for words in (
        "Acme",
        "Offers",
        "Discounts. Twice a month",
        "I want to get it.",
        "Version 1",
        "privacy@acme.example",
    ):
        assert words in shown
    assert "Service" not in shown
    assert "Data-Sharing" not in shown


def test_nothing_is_ticked_before_a_person_ticks_it(site: Site) -> None:
    assert " checked" not in site.client.get(PATH).content.decode()


def test_a_form_about_one_topic_has_a_button_that_names_it_and_no_box(site: Site) -> None:
    page = site.client.get(f"{PATH}?topic=newsletter").content.decode()
    assert "checkbox" not in page
    assert "Send me Newsletter" in page
    assert fields_of(site.client.get(f"{PATH}?topic=newsletter"))["topic"] == "newsletter"
    assert "checkbox" in site.client.get(f"{PATH}?topic=unknown").content.decode()


def test_staff_choose_what_is_offered(site: Site) -> None:
    site.form.topics.set([site.organisation.topics["newsletter"], site.organisation.topics["data-sharing"]])
    shown = text_of(site.client.get(PATH))
    assert "Newsletter" in shown
    assert "Data-Sharing" in shown
    assert "Offers" not in shown


def test_a_browser_that_says_do_not_share_is_offered_no_sharing(site: Site) -> None:
    site.form.topics.set([site.organisation.topics["newsletter"], site.organisation.topics["data-sharing"]])
    page = site.client.get(PATH, headers={"Sec-GPC": "1"})
    assert "Data-Sharing" not in text_of(page)
    assert "asks not to sell or share" in text_of(page)
    fields = fields_of(page)
    signal: dict[str, Any] = {"Sec-GPC": "1"}
    refused = site.send({**fields, "email": ANN, "topic": ["data-sharing"]}, **signal)
    assert refused.status_code == 400
    site.send({**fields, "email": ANN, "topic": ["newsletter"]}, **signal)
    assert decode(open_envelope(Inbound.objects.get().sealed_raw or b"").body).gpc


def test_words_are_in_the_visitors_language_and_else_in_the_controllers(site: Site) -> None:
    newest = site.notice_version(2, "Das will ich haben.", "de")
    site.notice_version(2, "I want to get all that.")
    TopicText.objects.create(topic=site.organisation.topics["newsletter"], language="de", name="Rundbrief")
    german = site.client.get(PATH, headers={"Accept-Language": "de"})
    assert "Das will ich haben." in text_of(german)
    assert "Rundbrief" in text_of(german)
    assert 'lang="de"' in german.content.decode()
    assert "I want to get all that." in text_of(site.client.get(PATH, headers={"Accept-Language": "fr"}))
    newest.delete()
    assert "I want to get all that." in text_of(site.client.get(PATH, headers={"Accept-Language": "de"}))


@pytest.mark.parametrize("missing", ["controller", "form", "notice", "draft", "later", "sender"])
def test_without_what_it_needs_there_is_no_form(site: Site, missing: str) -> None:
    match missing:
        case "form":
            site.form.delete()
        case "notice":
            site.notice.delete()
        case "draft":
            Notice.objects.update(draft=True)
        case "later":
            Notice.objects.update(published_at=timezone.now() + timedelta(days=1))
        case "sender":
            Sender.objects.all().delete()
    path = "/subscribe/nobody" if missing == "controller" else PATH
    for answer in (site.client.get(path), site.client.post(path, {"email": ANN, "topic": "offers"})):
        assert answer.status_code == 404
        assert "No sign-up here" in text_of(answer)


def test_a_clients_form_works_as_our_own(site: Site) -> None:
    globex = site.organisation.globex
    Notice.objects.create(
        controller=globex, slug="g", version=1, language="en", text="Yes.", published_at=timezone.now()
    )
    Sender.objects.create(controller=globex, channel="email", kind="sender", address="news@globex.example")
    SignupForm.objects.create(controller=globex, notice_slug="g")
    assert SENT in text_of(site.sign_up("offers", path="/subscribe/globex"))
    [message] = site.mails()
    assert message.from_email == "Globex <news@globex.example>"


def test_a_sign_up_is_kept_with_the_evidence_and_asks_for_a_confirmation(site: Site) -> None:
    answer = site.sign_up("newsletter", "offers", path=f"{PATH}?lang=en")
    assert SENT in text_of(answer)
    kept = Inbound.objects.get()
    told = decode(open_envelope(kept.sealed_raw or b"").body)
    assert (kept.source, kept.verified, kept.endpoint) == ("signup:form", False, "acme")
    assert (told.address, set(told.topics), told.language) == (ANN, {"newsletter", "offers"}, "en")
    assert told.notice is not None
    assert (told.notice.slug, told.notice.version, told.notice.language) == ("form", 1, "en")
    assert re.fullmatch(r"[0-9a-f]{64}", told.shown)
    assert told.page.endswith("/subscribe/acme?lang=en")
    ticket = read_ticket(site.link().removeprefix("/confirm/"))
    assert ticket.inbound_id == kept.pk
    assert {event.notice_id for event in ConsentEvent.objects.all()} == {site.notice.pk}
    assert site.verdict("newsletter").reason == "unconfirmed"


@pytest.mark.parametrize("state", ["unknown", "subscribed", "said no", "complained", "asked today", "asked often"])
def test_nothing_tells_whether_an_address_is_known(site: Site, state: str) -> None:
    expected = site.sign_up("newsletter", address="nobody@elsewhere.example").content
    key, scope = key_of("email", ANN), site.organisation.scope("newsletter")
    match state:
        case "subscribed":
            record(entry(key, scope, "grant", basis="opt_in"))
        case "said no":
            record(entry(key, scope, "withdraw", "choice"))
        case "complained":
            record(entry(key, scope, "object", "complaint"))
        case "asked today" | "asked often":
            for _ in range(8 if state == "asked often" else 1):
                site.sign_up("newsletter")
                site.mails()
    answer = site.sign_up("newsletter")
    assert (answer.status_code, answer.content) == (200, expected)


def test_one_address_is_kept_five_times_a_day(site: Site) -> None:
    for _ in range(7):
        site.sign_up("newsletter")
        site.mails()
    assert Inbound.objects.count() == 5


def test_a_form_that_was_filled_in_too_quickly_is_asked_again_and_not_lost(site: Site) -> None:
    quick = site.sign_up("newsletter", after=1)
    assert "One more press, please." in text_of(quick)
    assert f'value="{ANN}"' in quick.content.decode()
    assert 'value="newsletter" checked' in quick.content.decode()
    assert not Inbound.objects.exists()
    assert SENT in text_of(site.send({**fields_of(quick), "email": ANN, "topic": ["newsletter"]}, after=3))


def test_a_form_that_lay_open_for_too_long_is_asked_again(site: Site) -> None:
    old = site.sign_up("newsletter", after=90_000)
    assert "One more press, please." in text_of(old)
    assert not Inbound.objects.exists()


def test_a_filled_trap_is_asked_again_and_never_answered_as_if_it_were_sent(site: Site) -> None:
    answer = site.sign_up("newsletter", website="https://spam.example")
    assert "One more press, please." in text_of(answer)
    assert "spam.example" not in answer.content.decode()
    assert not Inbound.objects.exists()


def test_the_trap_is_neither_seen_nor_read_out_nor_reached(site: Site) -> None:
    [trap] = re.findall(r"<div hidden>(.*?)</div>", site.client.get(PATH).content.decode())
    assert 'name="website" tabindex="-1" autocomplete="off"' in trap


def test_a_stamp_works_once(site: Site) -> None:
    fields = {**site.shown(), "topic": ["newsletter"]}
    assert SENT in text_of(site.send({**fields, "email": ANN}))
    assert SENT in text_of(site.send({**fields, "email": ANN}))
    another = site.send({**fields, "email": "bob@home.example"})
    assert "One more press, please." in text_of(another)
    assert Inbound.objects.count() == 1
    again = {**fields_of(another), "email": "bob@home.example", "topic": ["newsletter"]}
    assert SENT in text_of(site.send(again))


@pytest.mark.parametrize("stamp", ["", "x", "1|1|x|:1abc:sig", "ä" * 9_000])
def test_a_forged_stamp_is_asked_again(site: Site, stamp: str) -> None:
    answer = site.send({"stamp": stamp, "email": ANN, "topic": ["newsletter"]})
    assert "One more press, please." in text_of(answer)
    assert " checked" not in answer.content.decode()
    assert not Inbound.objects.exists()


def test_the_stamp_of_another_controllers_form_is_asked_again(site: Site) -> None:
    globex = site.organisation.globex
    Notice.objects.create(
        controller=globex, slug="g", version=1, language="en", text="Yes.", published_at=timezone.now()
    )
    Sender.objects.create(controller=globex, channel="email", kind="sender", address="news@globex.example")
    SignupForm.objects.create(controller=globex, notice_slug="g")
    foreign = site.shown("/subscribe/globex")["stamp"]
    assert "One more press" in text_of(site.send({"stamp": foreign, "email": ANN, "topic": ["newsletter"]}))


def test_a_wording_that_changed_while_the_form_lay_open_is_shown_before_anybody_agrees_to_it(site: Site) -> None:
    fields = site.shown()
    site.notice_version(2, "Something else altogether.")
    answer = site.send({**fields, "email": ANN, "topic": ["newsletter"]})
    assert "Something else altogether." in text_of(answer)
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(
    "address", ["", "ann", "ann@", "a b@c.example", "x" * 400 + "@home.example", "ann@home.example\nBcc: b@c"]
)
def test_what_is_no_address_is_named(site: Site, address: str) -> None:
    answer = site.sign_up("newsletter", address=address)
    assert answer.status_code == 400
    assert "no email address that we could write to" in text_of(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert 'value="newsletter" checked' in answer.content.decode()


@pytest.mark.parametrize("topics", [[], ["service"], ["newsletter", "gone"]])
def test_a_form_without_a_topic_that_is_offered_is_named(site: Site, topics: list[str]) -> None:
    answer = site.sign_up(*topics)
    assert answer.status_code == 400
    assert "Please tick what you want to get." in text_of(answer)
    assert not Inbound.objects.exists()


def test_what_somebody_typed_comes_back_inert(site: Site) -> None:
    answer = site.sign_up("newsletter", address='"><script>alert(1)</script>@x')
    assert "<script>" not in answer.content.decode()


def test_a_form_on_another_site_shows_ours_with_the_address_for_a_person_to_send(site: Site) -> None:
    answer = site.send({"email": ANN, "topic": "newsletter"}, Origin="https://elsewhere.example")
    page = answer.content.decode()
    assert f'value="{ANN}"' in page
    assert "Send me Newsletter" in page
    assert not Inbound.objects.exists()
    assert SENT in text_of(site.send({**fields_of(answer), "email": ANN}))


def test_another_sites_form_ticks_no_boxes(site: Site) -> None:
    answer = site.send({"email": ANN, "topic": ["newsletter", "offers"]}, Origin="https://elsewhere.example")
    assert " checked" not in answer.content.decode()


def test_a_site_that_may_do_so_posts_its_own_form(site: Site) -> None:
    assert SENT in text_of(site.send({"email": ANN, "topic": "newsletter"}, Origin=SHOP))
    told = decode(open_envelope(Inbound.objects.get().sealed_raw or b"").body)
    assert (told.embedded_in, told.notice) == (SHOP, None)
    page = text_of(site.client.get(site.link()))
    assert "Newsletter" in page


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(site: Site, method: str) -> None:
    answer = getattr(Client(), method)(PATH)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST"


def test_a_body_that_cannot_be_read_is_a_form_without_an_address(site: Site) -> None:
    answer = site.client.generic("POST", PATH, b"--x\r\nnonsense", content_type="multipart/form-data; boundary=y")
    assert answer.status_code == 400


def policy_of(answer: object) -> str:
    return str(answer["Content-Security-Policy"])  # type: ignore[index]  # a response


def test_only_an_embedded_form_may_be_framed_and_only_by_the_sites_named(site: Site) -> None:
    plain, embedded = site.client.get(PATH), site.client.get(f"{PATH}?embed=1")
    assert "frame-ancestors 'none'" in policy_of(plain)
    assert plain["X-Frame-Options"] == "DENY"
    assert f"frame-ancestors {SHOP} http://127.0.0.1:4000;" in policy_of(embedded) + ";"
    assert "X-Frame-Options" not in embedded
    assert "default-src" in policy_of(embedded)


def test_the_answer_within_a_frame_may_be_framed_too(site: Site) -> None:
    sent = site.sign_up("newsletter", path=f"{PATH}?embed=1", headers_of_get={"Referer": f"{SHOP}/page?a=b"})
    assert SENT in text_of(sent)
    assert SHOP in policy_of(sent)
    assert decode(open_envelope(Inbound.objects.get().sealed_raw or b"").body).embedded_in == SHOP


def test_without_sites_nobody_may_frame_the_form(site: Site) -> None:
    site.form.embed_origins = ""
    site.form.save()
    embedded = site.client.get(f"{PATH}?embed=1")
    assert "frame-ancestors 'none'" in policy_of(embedded)
    assert embedded["X-Frame-Options"] == "DENY"


def test_a_form_of_yesterday_is_not_the_requests_of_today(site: Site) -> None:
    for _ in range(5):
        site.sign_up("newsletter")
        site.mails()
    site.clock.shift(timedelta(days=1, minutes=1))
    site.sign_up("newsletter")
    assert len(site.mails()) == 1
