"""Each page in each state, opened once and measured in every way: WCAG 2.2 AA and more, its weight, its requests."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import audit
from tests.browser.conftest import Recipient
from tests.browser.states import AUDITED, STATES

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
# The cookies of whoever asked for a code; no other page has any.
PROOF = {"sayso_proof", "sayso_code"}


@pytest.mark.parametrize("name", AUDITED)
def test_a_page_is_for_everybody(open_context: Open, recipient: Recipient, name: str) -> None:
    page = open_context(audit.NARROWEST).new_page()
    traffic = audit.Traffic(page)
    STATES[name].visit(page, recipient)
    expect(page.get_by_role("heading", level=1)).to_have_text(STATES[name].heading)
    audit.begin(page)
    found = [*traffic.problems(recipient.running.url), *audit.by_rules(page)]
    assert [*found, *audit.by_size(page), *audit.by_keyboard(page)] == []
    assert {cookie["name"] for cookie in page.context.cookies()} <= PROOF


@pytest.mark.parametrize("name", ["preferences", "owner", "parts"])
def test_from_right_to_left_too(open_context: Open, recipient: Recipient, name: str) -> None:
    page = open_context(audit.NARROWEST, locale="ar").new_page()
    STATES[name].visit(page, recipient)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    audit.begin(page)
    assert [*audit.by_rules(page), *audit.by_size(page), *audit.by_keyboard(page)] == []


def test_no_and_undo_weigh_the_same(open_context: Open, recipient: Recipient) -> None:
    """11 CCR 7004(a)(2), (4): symmetry in choice, equal size and colour."""
    page = open_context().new_page()
    looks = []
    for name in ("unsubscribe", "stopped", "undone"):
        STATES[name].visit(page, recipient)
        looks += [_look(button) for button in page.locator("main button").all()]
    assert len(looks) == 4
    assert [look for look in looks if look != looks[0]] == []


def _look(button: object) -> object:
    return button.evaluate(  # type: ignore[attr-defined]
        """element => {
            const style = getComputedStyle(element), box = element.getBoundingClientRect();
            return [box.width, box.height, style.color, style.backgroundColor, style.fontSize, style.fontWeight];
        }"""
    )


def test_a_language_is_chosen_by_keyboard_without_javascript_and_kept(open_context: Open, recipient: Recipient) -> None:
    page = open_context(javascript=False).new_page()
    page.goto(recipient.unsubscribe)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Abmelden")
    page.goto(recipient.preferences)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihre Einstellungen")
    assert [cookie["name"] for cookie in page.context.cookies()] == ["sayso_language"]


def test_without_colours_of_our_own_everything_is_still_seen(open_context: Open, recipient: Recipient) -> None:
    """Forced colours: what is drawn by background alone would be gone."""
    page = open_context().new_page()
    STATES["parts"].visit(page, recipient)
    page.emulate_media(forced_colors="active")
    switch = page.get_by_role("switch").first
    assert switch.evaluate("one => getComputedStyle(one).appearance") == "auto"
    assert page.get_by_role("button").first.evaluate("one => parseFloat(getComputedStyle(one).borderTopWidth)") >= 1
