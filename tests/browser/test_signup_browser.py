"""Signing up in a real browser: without JavaScript, within another site's page, and measured against WCAG 2.2 AA."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import audit
from tests.instance import Instance, new_address
from tests.journeys.test_signup import FORM, link

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]


class Shop(NamedTuple):
    """A site with a page that shows the form in a frame, under two names: one may, the other may not."""

    allowed: str
    other: str


@pytest.fixture
def shop(running: Instance) -> Iterator[Shop]:
    source = f"{running.url}{FORM}?embed=1&topic=newsletter"
    html = f'<!doctype html><title>Shop</title><iframe title="News" src="{source}"></iframe>'

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *args: object) -> None:
            """Nothing: the tests' output is theirs."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        made = Shop(f"http://localhost:{server.server_port}", f"http://127.0.0.1:{server.server_port}")
        _let(running, made.allowed)
        yield made
        _let(running, "")
        server.shutdown()


def _let(running: Instance, origins: str) -> None:
    with psycopg.connect(running.values["DATABASE_URL"]) as connection:
        connection.execute("UPDATE subscriptions_signupform SET embed_origins = %s", [origins])


def _sent(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("We sent you a message")


def _clean(page: Page) -> None:
    audit.begin(page)
    assert [*audit.by_rules(page), *audit.by_size(page)] == []


def test_a_person_signs_up_and_confirms_without_javascript(open_context: Open, running: Instance) -> None:
    page, address = open_context(javascript=False).new_page(), new_address()
    page.goto(FORM)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    page.get_by_label("Your email address").fill(address)
    page.get_by_label("Newsletter", exact=True).check()
    page.get_by_role("button", name="Sign up").click()
    # A person is never that quick: the form asks again, and has kept what was typed.
    expect(page.get_by_role("alert")).to_contain_text("One more press, please.")
    expect(page.get_by_label("Newsletter", exact=True)).to_be_checked()
    page.wait_for_timeout(3_100)
    page.get_by_role("button", name="Sign up").click()
    _sent(page)
    page.goto(link(running, address))
    assert not running.check("email", address, "newsletter")["allowed"]
    page.get_by_role("button", name="Yes, send it to me").click()
    expect(page.get_by_role("status")).to_contain_text("Newsletter")
    running.eventually("email", address, "newsletter", allowed=True)


def test_within_a_page_of_a_site_that_may_show_it_a_person_signs_up(
    open_context: Open, running: Instance, shop: Shop
) -> None:
    page, address = open_context(javascript=False).new_page(), new_address()
    page.goto(shop.allowed)
    form = page.frame_locator("iframe")
    form.get_by_label("Your email address").fill(address)
    page.wait_for_timeout(3_100)
    form.get_by_role("button", name="Send me Newsletter").click()
    expect(form.get_by_role("heading", level=1)).to_have_text("We sent you a message")
    assert link(running, address)


def test_within_a_page_of_any_other_site_there_is_no_form(open_context: Open, shop: Shop) -> None:
    page = open_context(javascript=False).new_page()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(shop.other)
    expect(page.frame_locator("iframe").get_by_role("button")).to_have_count(0)


def test_each_page_on_the_way_is_accessible(open_context: Open, running: Instance) -> None:
    page, address = open_context(audit.NARROWEST).new_page(), new_address()
    page.goto(FORM)
    _clean(page)
    page.get_by_label("Your email address").fill(address)
    page.get_by_role("button", name="Sign up").click()
    # As it is then, it is measured in test_pages_look.py: `sign-up-problem`.
    expect(page.get_by_role("alert")).to_contain_text("Please tick what you want to get.")
    page.get_by_label("Events").check()
    page.wait_for_timeout(3_100)
    page.get_by_role("button", name="Sign up").click()
    _sent(page)
    _clean(page)
    page.goto(link(running, address))  # measured there, too: `confirm`
    page.get_by_role("button", name="Yes, send it to me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmed")
    _clean(page)
