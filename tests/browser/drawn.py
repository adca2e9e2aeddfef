"""States that no request brings about, or none quickly: their templates are drawn with a made-up context."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import engines
from django.utils import translation
from playwright.sync_api import Page

from subscriptions.preferences.look import POLICY, Language, Look, policy
from subscriptions.preferences.themes import Sender
from tests.browser.conftest import Recipient

ACME = Sender("Acme Hosting", "privacy@acme.example", "12 Harbour Street\nSpringfield, IL 62701")
PARTS = Path(__file__).with_name("parts.html")


def draw(name: str, **context: Any) -> Callable[[Page, Recipient], None]:
    """A visit to a page that shows a template."""

    def visit(page: Page, recipient: Recipient) -> None:
        _put(page, (settings.BASE_DIR / f"subscriptions/templates/preferences/{name}.html").read_text(), context)

    return visit


def draw_parts(page: Page, recipient: Recipient) -> None:
    """Each part of docs/LOOK.md once."""
    _put(page, PARTS.read_text(), {})


def _put(page: Page, template: str, context: dict[str, Any]) -> None:
    """Show it in the language of a page's browser, under the policy of all pages."""
    language = str(page.evaluate("navigator.language")).partition("-")[0]
    with translation.override(language):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        languages = [Language(code, str(name), f"?lang={code}") for code, name in settings.LANGUAGES]
        look = Look(language, direction, languages, ACME)
        html = engines["django"].from_string(template).render({**context, "look": look, "language": language})
    headers = {"Content-Security-Policy": policy(POLICY)}
    page.route("**/u/put", lambda route: route.fulfill(body=html, content_type="text/html", headers=headers))
    page.goto("/u/put")
