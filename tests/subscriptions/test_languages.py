"""The pages in every language: whose is found, what is remembered, and that all of it is in that one."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from tests.each import each
from tests.subscriptions.test_pages import Answer, Site, make_site

LANGUAGES = [code for code, _ in settings.LANGUAGES]
ALL = {"page": "unsubscribe", "scope": "all"}
Row = tuple[str, dict[str, Any] | None, str]
# path, what is posted there, the heading in English
PAGES: dict[str, Row] = {
    "unsubscribe": ("/u/{token}", None, "Unsubscribe"),
    "preferences": ("/preferences/{token}", None, "Your choices"),
    "nothing ticked": ("/preferences/{token}", {"page": "preferences"}, "Your choices"),
    "stopped": ("/u/{token}", {"page": "unsubscribe"}, "Stopped"),
    "stopped everything": ("/u/{token}", ALL, "Stopped"),
    "bad link": ("/u/cut-in-two", None, "This link does not work"),
}


@pytest.fixture
def site(db: None) -> Site:
    return make_site()


def shown(client: Client, site: Site, name: str, language: str) -> tuple[str, Answer]:
    path, fields, heading = PAGES[name]
    where = f"{path.format(token=site.token())}?lang={language}"
    return heading, client.get(where) if fields is None else client.post(where, fields)


@each("language", LANGUAGES)
def test_each_page_is_in_its_language_and_direction(client: Client, site: Site, language: str) -> None:
    for name in PAGES:
        heading, answer = shown(client, site, name, language)
        html = answer.content.decode()
        direction = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in html
        with translation.override(language):
            wanted = translation.gettext(heading)
        assert (wanted != heading) == (language != "en")
        assert re.findall(r"<h1>([^<]+)</h1>", html) == [wanted]


@pytest.mark.parametrize(
    ("asked", "cookie", "accepted", "found"),
    [
        ("", "", "", "en"),
        ("", "", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "", "ja,pt-BR;q=0.5", "pt"),
        ("", "tr", "es", "tr"),
        ("ar", "tr", "es", "ar"),
        ("xx", "../../etc", "nl", "nl"),
        ("EN", "", "fr", "fr"),
    ],
)
def test_the_language_is_what_one_asked_for_chose_or_whose_browser_prefers(
    client: Client, site: Site, asked: str, cookie: str, accepted: str, found: str
) -> None:
    if cookie:
        client.cookies["sayso_language"] = cookie
    answer = client.get(f"/u/{site.token()}", {"lang": asked} if asked else {}, headers={"accept-language": accepted})
    assert f'<html lang="{found}"' in answer.content.decode()
    assert answer["Content-Language"] == found
    assert {"Accept-Language", "Cookie"} <= set(answer["Vary"].split(", "))


def test_a_choice_on_a_page_is_remembered_and_a_message_s_link_is_not(client: Client, site: Site) -> None:
    path = f"/u/{site.token()}"
    for elsewhere in ("none", "cross-site"):
        assert not client.get(f"{path}?lang=de", headers={"sec-fetch-site": elsewhere}).cookies
    assert not client.get(path).cookies
    assert not client.get(f"{path}?lang=xx").cookies
    chosen = client.get(f"{path}?lang=de", headers={"sec-fetch-site": "same-origin"}).cookies["sayso_language"]
    assert (chosen.value, chosen["httponly"], chosen["samesite"]) == ("de", True, "Lax")
    assert '<html lang="de"' in client.get(path).content.decode()


def test_the_languages_are_links_to_this_page(client: Client, site: Site) -> None:
    html = client.get(f"/u/{site.token()}?campaign=a%26b&lang=it").content.decode()
    links = re.findall(r'<a href="\?lang=(\w+)&amp;campaign=a%26b" lang="(\w+)"', html)
    assert links == [(code, code) for code in LANGUAGES]
    assert html.count('aria-current="true"') == 1


def test_an_answer_to_a_form_has_no_links_that_would_lose_it(client: Client, site: Site) -> None:
    assert "?lang=" not in client.post(f"/u/{site.token()}", ALL).content.decode()


@each("channel", ["email", "sms", "post"])
@each("language", LANGUAGES)
def test_what_is_said_of_a_channel_names_the_sender_apart(
    client: Client, site: Site, channel: str, language: str
) -> None:
    html = client.get(f"/u/{site.token(None, channel)}?lang={language}").content.decode()
    note = html.partition('id="everything">')[2].partition("</p>")[0]
    assert "<bdi>Acme</bdi>" in note
    assert "{" not in note
