"""What a person does on the pages, in a real browser: without JavaScript, and by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Recipient

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]


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
    page.keyboard.press("Tab")  # the languages
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


def test_looking_changes_nothing_and_stores_nothing(open_context: Open, recipient: Recipient) -> None:
    context = open_context()
    page = context.new_page()
    for path in (recipient.unsubscribe, recipient.preferences):
        page.goto(path)
    assert context.cookies() == []
    assert recipient.allowed()
