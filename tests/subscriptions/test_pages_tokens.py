"""Links are forged, cut and outlived: only what one of our keys signed does anything, and that for good."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from consent import pipeline
from consent.configuration import Scope
from consent.models import Hold, Inbound, TopicChannel
from consent.tokens import Token, make_token
from tests.each import each
from tests.subscriptions.test_pages import PAGES, Site, make_site, text_of

pytestmark = pytest.mark.django_db

FORM = {"page": "unsubscribe", "scope": "all"}


@pytest.fixture
def site() -> Site:
    return make_site()


def test_a_token_with_any_character_changed_does_nothing(client: Client, site: Site) -> None:
    token = site.token()
    for place, character in enumerate(token):
        forged = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        assert client.get(f"/u/{forged}").status_code == 404
        assert client.post(f"/u/{forged}").status_code == 404
    assert Inbound.objects.count() == 0


@each("page", PAGES)
@each("bad", ["x", "a" * 5000, "ä", "%00", "%ff", "-_-_", "1e100", "....", "="])
def test_what_is_no_token_does_nothing(client: Client, site: Site, page: str, bad: str) -> None:
    assert client.get(f"/{page}/{bad}").status_code == 404
    assert client.post(f"/{page}/{bad}", FORM).status_code == 404
    assert Inbound.objects.count() == 0


@pytest.mark.parametrize("change", [lambda token: token + "A", lambda token: token + ".html", lambda token: token[:-1]])
def test_a_cut_or_longer_token_does_nothing(client: Client, site: Site, change: object) -> None:
    assert callable(change)
    assert client.post(f"/u/{change(site.token())}").status_code == 404
    assert Inbound.objects.count() == 0


WRITTEN = (
    *("{}%3E", "%3C{}%3E", "{}%253E", "{}.", "{})", "{},", "{}=", "{}%22%3E", "{}%E2%80%8B", "{}%FF", "{}%EF%BF%BD"),
    *("{}/", "{}%20", "%20{}", "{}%0D%0A", "{}=%0D%0A", "{}?utm_source=mail&fbclid=x", "{}?", "{}%3Futm_source=mail"),
    *("{}&amp;utm_source=mail", "{}%23top", "{};jsessionid=1", "{}).&x=y"),
)


@pytest.mark.parametrize("written", WRITTEN)
def test_a_link_works_as_mail_programs_write_it(client: Client, site: Site, written: str) -> None:
    path = f"/u/{written.format(site.token())}"
    assert client.get(path).status_code == 200
    response = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, "Location" in response) == (200, False)
    pipeline.drain()
    assert (site.reason("offers"), site.reason("events")) == ("opted_out", "opt_out_basis")
    assert Inbound.objects.get().endpoint == site.token()


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "".join(f"%{ord(character):02X}" for character in token),
        lambda token: "".join(f"%25{ord(character):02X}" for character in token),
        lambda token: f"{token[:20]}=%0D%0A{token[20:]}",
        lambda token: f"{token[:20]}%20{token[20:]}",
    ],
)
def test_a_link_works_when_it_was_encoded_or_wrapped(client: Client, site: Site, change: object) -> None:
    assert callable(change)
    assert client.post(f"/u/{change(site.token())}").status_code == 200
    assert Inbound.objects.get().endpoint == site.token()


def test_the_page_of_a_link_with_something_behind_it_leads_to_the_bare_one(client: Client, site: Site) -> None:
    html = client.get(f"/u/{site.token()}%3E").content.decode()
    assert f'href="/preferences/{site.token()}"' in html


@pytest.mark.parametrize("written", ["{0}{0}", "{0}-{0}", "x{0}", "{0}_", "{0}.{0}"])
def test_two_tokens_or_a_longer_one_are_none(client: Client, site: Site, written: str) -> None:
    assert client.post(f"/u/{written.format(site.token())}").status_code == 404
    assert Inbound.objects.count() == 0


def test_the_page_for_a_bad_link_says_how_else_to_opt_out(client: Client, site: Site) -> None:
    text = text_of(client.get("/u/cut"))
    assert "Other ways to opt out" in text
    assert "privacy address" in text


def test_a_token_of_an_older_key_works_until_the_key_is_dropped(client: Client, site: Site, settings: Settings) -> None:
    token, old = site.token(), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "a newer key of at least fifty characters, as Django asks",
        [old],
    )
    assert client.get(f"/u/{token}").status_code == 200
    assert client.post(f"/u/{token}").status_code == 200
    assert site.reason("offers") == "held"
    pipeline.drain()
    assert site.reason("offers") == "opted_out"
    settings.SECRET_KEY_FALLBACKS = []
    assert client.post(f"/u/{token}").status_code == 404


@pytest.mark.parametrize("controller_id", [None, 2_000_000_000])
def test_a_token_without_a_controller_of_ours_is_a_bad_link(
    client: Client, site: Site, controller_id: int | None
) -> None:
    token = make_token(Token("email", Scope(controller_id, None), site.key))
    assert client.post(f"/u/{token}", FORM).status_code == 404


def test_a_link_outlives_its_topic(client: Client, site: Site) -> None:
    token = site.token("events")
    site.topics["events"].delete()
    page = client.get(f"/u/{token}")
    assert page.status_code == 200
    assert "Events" not in text_of(page)
    assert client.post(f"/u/{token}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    pipeline.drain()
    assert Inbound.objects.get().state == "done"
    assert Hold.objects.count() == 0
    assert site.reason("offers") == "opt_out_basis"
    client.post(f"/u/{token}", FORM)
    assert site.reason("offers") == "held"


def test_a_link_outlives_the_channel_of_its_topic(client: Client, site: Site) -> None:
    token = site.token("events")
    TopicChannel.objects.filter(topic=site.topics["events"]).delete()
    assert client.post(f"/u/{token}").status_code == 200
    pipeline.drain()
    TopicChannel.objects.create(topic=site.topics["events"], channel="email", basis="opt_out")
    assert site.reason("events") == "opted_out"
