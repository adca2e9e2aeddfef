"""Every page in every state that people can meet: a row each, for the audit (test_pages_look.py) and the pictures
(`make screenshots`). A visit clicks by place, not by name, so that it works in every language.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.template import engines
from django.utils import translation
from playwright.sync_api import Page

from subscriptions.preferences.look import POLICY, Language, Look, policy, show
from subscriptions.preferences.themes import Sender
from tests.browser.conftest import Recipient

Visit = Callable[[Page, Recipient], None]
PARTS = Path(__file__).with_name("parts.html")
ACME = Sender("Acme Hosting", "privacy@acme.example", "12 Harbour Street\nSpringfield, IL 62701")


class State(NamedTuple):
    """How one gets there, and the heading that is there in English."""

    visit: Visit
    heading: str


def _unsubscribe(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)


def _languages(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.locator("header summary").click()


def _preferences(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.preferences)


def _nothing_ticked(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.preferences)
    page.locator("main form").first.get_by_role("button").click()


def _stopped(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.locator("main form").first.get_by_role("button").click()


def _stopped_everything(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.locator("main form").last.get_by_role("button").click()


def _undone(page: Page, recipient: Recipient) -> None:
    _stopped(page, recipient)
    page.locator("main form").last.get_by_role("button").click()


def _bad_link(page: Page, recipient: Recipient) -> None:
    page.goto("/u/cut-in-two")


def _try_again(page: Page, recipient: Recipient) -> None:
    asked = HttpRequest()
    asked.path, asked.method = recipient.unsubscribe, "GET"
    asked.META["HTTP_ACCEPT_LANGUAGE"] = language_of(page)
    _put(page, show(asked, "preferences/try_again.html", {}).content.decode())


def _parts(page: Page, recipient: Recipient) -> None:
    language = language_of(page)
    with translation.override(language):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        languages = [Language(code, str(name), f"?lang={code}") for code, name in settings.LANGUAGES]
        look = Look(language, direction, languages, ACME)
        _put(page, engines["django"].from_string(PARTS.read_text()).render({"look": look}))


def language_of(page: Page) -> str:
    """The language of a page's browser."""
    return str(page.evaluate("navigator.language")).partition("-")[0]


def _put(page: Page, html: str) -> None:
    """Show what no request of ours can bring about, under the policy of all pages."""
    headers = {"Content-Security-Policy": policy(POLICY)}
    page.route("**/u/put", lambda route: route.fulfill(body=html, content_type="text/html", headers=headers))
    page.goto("/u/put")


STATES: dict[str, State] = {
    "unsubscribe": State(_unsubscribe, "Unsubscribe"),
    "languages": State(_languages, "Unsubscribe"),
    "preferences": State(_preferences, "Your choices"),
    "nothing-ticked": State(_nothing_ticked, "Your choices"),
    "stopped": State(_stopped, "Stopped"),
    "stopped-everything": State(_stopped_everything, "Stopped"),
    "undone": State(_undone, "Undo received"),
    "bad-link": State(_bad_link, "This link does not work"),
    "try-again": State(_try_again, "Please try again"),
    "parts": State(_parts, "What you hear from us"),
}
