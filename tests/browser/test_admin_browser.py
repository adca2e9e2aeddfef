"""The admin in a real browser: its frame works under the policy, and a stranger's text stays text."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.browser import audit
from tests.browser.desks import sign_in
from tests.instance import Instance, new_number

pytestmark = pytest.mark.browser

SCRIPT = "STOP <script>alert(1)</script><img src=x onerror=alert(2)>"
Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def session(running: Instance, browser: Browser) -> list[SetCookieParam]:
    """The cookies that a browser has once the administrator signed in."""
    with browser.new_context(base_url=running.url) as context:
        sign_in(context.new_page(), running)
        return [{"name": one["name"], "value": one["value"], "url": running.url} for one in context.cookies()]


@pytest.fixture
def admin(session: list[SetCookieParam], open_context: Open) -> Page:
    """A page of the administrator's, at what they see first."""
    context = open_context()
    context.add_cookies(session)
    page = context.new_page()
    page.goto("/admin/")
    return page


def find(page: Page, number: str) -> None:
    """Look a number up as staff do."""
    page.get_by_role("link", name="Find a contact").click()
    page.get_by_label("Channel").select_option("sms")
    page.get_by_label("Address").fill(number)
    page.get_by_role("button", name="Find").click()


def test_the_story_of_a_stop_is_found_by_its_number(running: Instance, admin: Page) -> None:
    number, refused = new_number(), list[str]()
    admin.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    assert running.twilio(number, "STOP").status_code == 200
    running.eventually("sms", number, "service", reason="opted_out")
    find(admin, number)
    chapter = admin.locator(".sayso-chapter").first
    assert "keyword.en.stop" in chapter.inner_text()
    assert "said no" in chapter.inner_text()
    chapter.get_by_text("Why, by the rules of today").click()
    assert chapter.get_by_text("The row's words").is_visible()
    assert number not in admin.url
    assert audit.icons(admin) == []
    assert refused == []


def test_a_stranger_s_text_stays_text(running: Instance, admin: Page) -> None:
    number, dialogs = new_number(), list[Dialog]()
    admin.on("dialog", lambda dialog: dialogs.append(dialog))  # noqa: PLW0108  (Playwright marks its handlers)
    assert running.twilio(number, SCRIPT).status_code == 200
    running.eventually("sms", number, "service", allowed=False)
    find(admin, number)
    assert SCRIPT in admin.locator(".sayso-text").first.inner_text()
    assert admin.locator(".sayso-contents img, .sayso-contents script").count() == 0
    assert dialogs == []


def test_the_menus_of_the_frame_open(admin: Page) -> None:
    """They stand on scripts that the strict policy would refuse."""
    admin.get_by_role("link", name="What came in").click()
    option = admin.get_by_role("link", name="Waiting for staff")
    assert not option.is_visible()
    admin.locator("#changelist a", has_text="Filters").first.click()
    option.click()
    admin.wait_for_url("**state__exact=review**")


def test_a_request_on_the_telephone_denies_at_once(running: Instance, admin: Page) -> None:
    address = f"jane.{uuid4().hex}@example.org"
    assert running.check("email", address, "offers")["allowed"]
    admin.get_by_role("link", name="Enter a request").click()
    admin.get_by_label("E-mail to").fill(address)
    admin.get_by_label("Note").fill("She said: take me off your list.")
    admin.get_by_role("button", name="Enter").click()
    admin.get_by_text("The no is kept and counts from now on.").wait_for()
    assert not running.check("email", address, "offers")["allowed"]


def test_a_list_of_disconnected_numbers_is_uploaded(admin: Page) -> None:
    """The frame's script writes a file's name into a field: into its own, and none of ours."""
    admin.get_by_role("link", name="Disconnected numbers").click()
    rows = f"number,date\n{new_number()},2026-03-05\n".encode()
    admin.set_input_files("input[type=file]", {"name": "gone.csv", "mimeType": "text/csv", "buffer": rows})
    admin.get_by_role("button", name="Take in").click()
    admin.get_by_text("1 taken in").wait_for()


def test_a_letter_in_doubt_is_decided_by_one_click(running: Instance, admin: Page) -> None:
    sender, refused = f"ann{uuid4().hex[:10]}@example.com", list[str]()
    admin.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    running.mail(
        sender,
        "privacy@acme.example",
        "Why did I get no snail mail?",
        f"{SCRIPT[5:]}\nAnn Roe\n7 Elm St\nReno, NV 89501",
    )
    running.eventually("post", "Ann Roe, 7 Elm St, Reno, NV 89501", "offers", reason="held")
    rows = admin.locator("a[href*='/consent/review/'][href*='/change/']")
    for _ in range(40):  # the worker comes to it in its own time
        admin.goto("/admin/consent/review/?channel__exact=post")
        if rows.count():
            break
        admin.wait_for_timeout(500)
    rows.last.click()
    assert "ANN ROE" in admin.locator(".sayso-table").first.inner_text()
    admin.get_by_role("button", name="It is an opt-out").click()
    admin.wait_for_url("**/review/")
    running.eventually("post", "Ann Roe, 7 Elm St, Reno, NV 89501", "offers", reason="opted_out")
    assert refused == []


def test_a_theme_is_seen_as_one_types_and_before_it_is_saved(running: Instance, admin: Page) -> None:
    admin.get_by_role("link", name="Look of the pages").click()
    admin.get_by_role("link", name="Acme Hosting").click()
    seen = admin.frame_locator("iframe:not(.is-waiting)")
    seen.get_by_role("heading", level=1).wait_for()
    admin.get_by_label("Postal address").fill("9 Elm Street")
    seen.get_by_text("9 Elm Street").wait_for()
    admin.get_by_label("Colour*").first.fill("#8a1c5b")
    admin.locator("[name=preview_language]").select_option("ar")
    button = seen.get_by_role("button", name="إيقاف كل شيء")
    button.wait_for()
    assert button.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(138, 28, 91)"
    assert admin.locator("iframe").count() == 1
    assert running.query("SELECT accent, postal_address FROM subscriptions_theme")[0][0] == "#1f5c4a"


def test_the_preview_goes_dark_where_the_system_does_not_say_so(
    session: list[SetCookieParam], open_context: Open
) -> None:
    """A browser gives what is framed the scheme of its frame; where it is told one itself, as here, it must not be."""
    context = open_context(color_scheme="null")
    context.add_cookies(session)
    page = context.new_page()
    page.goto("/admin/consent/notice/add/")
    seen = page.frame_locator("iframe:not(.is-waiting)").locator("html")
    light = seen.evaluate("one => getComputedStyle(one).backgroundColor")
    page.get_by_label("Dark").check()
    expect(seen).not_to_have_css("background-color", light)
