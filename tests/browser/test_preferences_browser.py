"""The preference page in a real browser: without JavaScript, by keyboard alone, in two windows, with the signal."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.preferences import Owner, make_owner, proof_of
from tests.instance import Instance

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]


@pytest.fixture
def owner(running: Instance) -> Owner:
    return make_owner(running)


def visit(context: BrowserContext, owner: Owner) -> Page:
    """The page of the owner."""
    context.add_cookies([proof_of(owner.running, owner.path)])
    page = context.new_page()
    page.goto(owner.path)
    return page


def place(page: Page, topic: str, where: str) -> Locator:
    """A topic at an address."""
    section = page.locator("section.topic", has=page.get_by_role("heading", name=topic, exact=True))
    return section.get_by_role("group", name=where)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save my choices").click()


def test_the_owner_changes_all_channels_without_javascript(open_context: Open, owner: Owner) -> None:
    page = visit(open_context(javascript=False), owner)
    place(page, "Offers", "Email to").get_by_label("No").check()
    place(page, "Offers", "Text messages to").get_by_label("Yes").check()
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("Stopped: Offers by email")
    assert not owner.check("offers")
    owner.becomes("offers", "sms", allowed=True)
    page.reload()
    expect(page.get_by_role("status").first).to_contain_text("Turned on: Offers by text message")
    expect(place(page, "Offers", "Text messages to").get_by_label("Yes")).to_be_checked()
    expect(place(page, "Offers", "Email to").get_by_label("No")).to_be_checked()


def test_with_javascript_the_page_itself_tells_when_it_is_on(open_context: Open, owner: Owner) -> None:
    page = visit(open_context(), owner)
    place(page, "Newsletter", "Email to").get_by_label("Yes").check()
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("Turned on: Newsletter by email", timeout=20_000)
    assert owner.check("newsletter")


def test_nothing_at_all_by_keyboard_and_one_topic_on_again(open_context: Open, owner: Owner) -> None:
    page = visit(open_context(), owner)
    page.keyboard.press("Tab")  # the languages
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="No more emails, texts and letters")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Stopped: Letters to")
    owner.becomes("offers", reason="opted_out")
    page.goto(owner.path)
    expect(page.get_by_text("everything else stays stopped").first).to_be_visible()
    place(page, "Offers", "Email to").get_by_label("No").focus()
    page.keyboard.press("ArrowLeft")
    save(page)
    owner.becomes("offers", allowed=True)
    assert not owner.check("events")
    assert not owner.check("offers", "post")


def test_an_idle_window_is_told_of_a_save_in_another(open_context: Open, owner: Owner) -> None:
    context = open_context()
    idle = visit(context, owner)
    other = context.new_page()
    other.goto(owner.path)
    place(other, "Events", "Email to").get_by_label("No").check()
    save(other)
    told = idle.locator("[data-live]")
    expect(told).to_contain_text("Saved in another window:")
    expect(told).to_contain_text("Stopped: Events by email")
    place(idle, "Offers", "Email to").get_by_label("No").check()
    save(idle)
    expect(idle.get_by_role("status").first).to_contain_text("Events by email was stopped")
    assert not owner.check("events")
    assert not owner.check("offers")


def test_a_forwarded_message_shows_nothing_and_still_says_no(open_context: Open, owner: Owner) -> None:
    visit(open_context(), owner)
    page = open_context().new_page()
    page.goto(owner.path)
    expect(page.locator("section.topic, .history, .state")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("You get this")
    page.get_by_role("button", name="No more emails", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("sends you no marketing emails")
    assert not owner.check("offers")
    page.get_by_role("button", name="Undo").click()
    owner.becomes("offers", allowed=True)


def test_the_browsers_signal_is_saved_by_itself_once(open_context: Open, owner: Owner) -> None:
    owner.running.settled(owner.running.tell("email", owner.addresses["email"], "opt_in", "data-sharing"))
    context = open_context()
    context.set_extra_http_headers({"Sec-GPC": "1"})
    context.add_init_script("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})")
    page = context.new_page()
    page.goto(owner.path)
    expect(page.locator("[data-gpc-done]")).to_be_visible()
    owner.becomes("data-sharing", allowed=False)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.method) if request.method == "POST" else None)
    page.reload(wait_until="networkidle")
    assert posts == []
    assert owner.check("offers")
