"""The pages in a real browser: without JavaScript, by keyboard alone, and measured against WCAG 2.2 AA."""

from collections.abc import Callable
from itertools import product
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Recipient
from tests.browser.preferences import proof_of

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
Visit = Callable[[Page, Recipient], None]

LEAST_TARGET = 24  # CSS px, WCAG 2.2 SC 2.5.8
GOOD_TARGET = 44  # CSS px, what we aim for
LEAST_OUTLINE = 2  # CSS px, WCAG 2.2 SC 2.4.13
NARROWEST = 320  # CSS px, WCAG 2.2 SC 1.4.10
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (360, 1280)
# What the tabulator key stops at: of a group of radio buttons only the one that is chosen.
STOPS = "a, button, select, summary, input:not([type=hidden]):not([type=radio]), input[type=radio]:checked"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _unsubscribe(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)


def _preferences(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.preferences)


def _chosen(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.preferences)
    page.get_by_label("Events").check()
    page.get_by_role("button", name="Stop what I ticked").click()


def _owner(page: Page, recipient: Recipient) -> None:
    recipient.running.settled(recipient.running.tell("email", recipient.address, "opt_out", "events"))
    page.context.add_cookies([proof_of(recipient.running, recipient.preferences)])
    page.goto(recipient.preferences)


def _nothing_ticked(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.preferences)
    page.get_by_role("button", name="Stop what I ticked").click()


def _stopped(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.get_by_role("button", name="Stop Offers").click()


def _stopped_everything(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.get_by_role("button", name="Stop everything").click()


def _undone(page: Page, recipient: Recipient) -> None:
    _stopped(page, recipient)
    page.get_by_role("button", name="Undo").click()


def _bad_link(page: Page, recipient: Recipient) -> None:
    page.goto("/u/cut-in-two")


def _try_again(page: Page, recipient: Recipient) -> None:
    html = render_to_string("preferences/try_again.html", {"request": {"path": recipient.unsubscribe}})
    page.route("**/u/while-the-database-is-away", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("/u/while-the-database-is-away")


VISITS: dict[str, tuple[Visit, str]] = {
    "unsubscribe": (_unsubscribe, "Unsubscribe"),
    "preferences": (_preferences, "Your choices"),
    "nothing ticked": (_nothing_ticked, "Your choices"),
    "chosen": (_chosen, "Your choices"),
    "owner": (_owner, "Your choices"),
    "stopped": (_stopped, "Stopped"),
    "stopped everything": (_stopped_everything, "Stopped"),
    "undone": (_undone, "Undo received"),
    "bad link": (_bad_link, "This link does not work"),
    "try again": (_try_again, "Please try again"),
}


def _visit(page: Page, recipient: Recipient, name: str) -> None:
    visit, heading = VISITS[name]
    visit(page, recipient)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


# --- what a person does ---


def test_unsubscribe_and_undo_without_javascript(open_context: Open, recipient: Recipient) -> None:
    page = open_context(javascript=False).new_page()
    page.goto(recipient.unsubscribe)
    assert recipient.allowed()
    page.get_by_role("button", name="Stop Offers").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Offers")
    assert not recipient.allowed()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Undo received")).to_be_visible()
    recipient.becomes_allowed()


def test_stop_everything_and_undo_without_javascript(open_context: Open, recipient: Recipient) -> None:
    page = open_context(javascript=False).new_page()
    page.goto(recipient.unsubscribe)
    page.get_by_role("button", name="Stop everything").click()
    expect(page.get_by_role("status")).to_contain_text("sends you no marketing emails")
    assert not recipient.allowed()
    assert not recipient.allowed("events")
    assert recipient.allowed("service")
    page.get_by_role("button", name="Undo").click()
    recipient.becomes_allowed()


def test_some_topics_are_stopped_and_the_others_stay(open_context: Open, recipient: Recipient) -> None:
    page = open_context(javascript=False).new_page()
    page.goto(recipient.unsubscribe)
    page.get_by_role("link", name="Choose what to stop").click()
    page.get_by_label("Events").check()
    page.get_by_role("button", name="Stop what I ticked").click()
    expect(page.get_by_role("status").get_by_role("listitem")).to_have_text(["Events"])
    assert not recipient.allowed("events")
    assert recipient.allowed("offers")


def test_by_keyboard_alone(open_context: Open, recipient: Recipient) -> None:
    page = open_context().new_page()
    page.goto(recipient.unsubscribe)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Stop Offers")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    assert not recipient.allowed()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Undo received")).to_be_visible()
    recipient.becomes_allowed()


def test_choosing_by_keyboard_alone(open_context: Open, recipient: Recipient) -> None:
    page = open_context().new_page()
    page.goto(recipient.preferences)
    box, button = page.get_by_label("Events"), page.get_by_role("button", name="Stop what I ticked")
    _tab_to(page, box)
    page.keyboard.press("Space")
    _tab_to(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_role("listitem")).to_have_text(["Events"])
    assert recipient.allowed()


def _tab_to(page: Page, target: Locator) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the keyboard does not reach it")


def test_looking_asks_nobody_else_and_stores_nothing(open_context: Open, recipient: Recipient) -> None:
    context = open_context()
    page, asked, said = context.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for name in ("unsubscribe", "preferences"):
        _visit(page, recipient, name)
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {recipient.running.url.split("/")[2]}
    assert said == []
    assert context.cookies() == []
    assert recipient.allowed()


# --- what is measured ---


@pytest.mark.parametrize("name", VISITS)
def test_axe_finds_nothing(open_context: Open, recipient: Recipient, name: str) -> None:
    page = open_context().new_page()
    _visit(page, recipient, name)
    for scheme, width in product(SCHEMES, WIDTHS):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{scheme}, {width} px: {found.generate_report()}"


@pytest.mark.parametrize("name", VISITS)
def test_targets_are_large_and_focus_is_seen(open_context: Open, recipient: Recipient, name: str) -> None:
    page = open_context(NARROWEST).new_page()
    _visit(page, recipient, name)
    for target in page.locator("a, button, label, input:not([type=hidden])").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= LEAST_TARGET
    for target in page.locator("a, button, label").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= GOOD_TARGET
    for target in page.locator(STOPS).all():
        page.keyboard.press("Tab")
        expect(target).to_be_focused()
        # Chromium gives the width that an outline would have, even where its style is none.
        style, width = target.evaluate(
            "element => [getComputedStyle(element).outlineStyle, parseFloat(getComputedStyle(element).outlineWidth)]"
        )
        assert style != "none"
        assert width >= LEAST_OUTLINE


@pytest.mark.parametrize("name", VISITS)
def test_a_narrow_window_with_large_text_does_not_scroll_sideways(
    open_context: Open, recipient: Recipient, name: str
) -> None:
    page = open_context(NARROWEST).new_page()
    _visit(page, recipient, name)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST


def test_no_and_undo_weigh_the_same(open_context: Open, recipient: Recipient) -> None:
    """11 CCR 7004(a)(2), (4): symmetry in choice, equal size and colour."""
    page = open_context().new_page()
    looks = []
    for name, buttons in (("unsubscribe", ["Stop Offers", "Stop everything"]), ("stopped", ["Undo"])):
        _visit(page, recipient, name)
        looks += [_look(page, button) for button in buttons]
    assert looks[0] == looks[1] == looks[2]


def _look(page: Page, button: str) -> object:
    return page.get_by_role("button", name=button).evaluate(
        """element => {
            const style = getComputedStyle(element), box = element.getBoundingClientRect();
            return [box.width, box.height, style.color, style.backgroundColor, style.fontSize, style.fontWeight];
        }"""
    )
