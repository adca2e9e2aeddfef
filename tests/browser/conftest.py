"""One Chromium for the browser tests, and a recipient at the instance that tests/conftest.py starts (`running`)."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

from config.local import checks
from tests.instance import Instance, new_address

CHROMIUM = next(filter(None, map(shutil.which, checks.CHROMIUM.programs)), checks.CHROMIUM.package)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


class Recipient(NamedTuple):
    """An address nobody used before, and the paths of the links that a message about a topic carries to it."""

    running: Instance
    address: str
    topic: str
    unsubscribe: str
    preferences: str

    def allowed(self, topic: str = "") -> bool:
        """What a check says now."""
        return bool(self.running.check("email", self.address, topic or self.topic)["allowed"])

    def becomes_allowed(self) -> None:
        """Fail unless the check comes to allow the topic, once the pipeline has worked."""
        self.running.eventually("email", self.address, self.topic, allowed=True)


# A session's fixture would keep Playwright's event loop in this thread, in which Django then refuses every query of
# the tests in other folders: tests/sharing.py puts these here beside each other.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_context(browser: Browser, running: Instance) -> Iterator[Callable[..., BrowserContext]]:
    """Opens contexts (a window's settings, cookies and cache) whose relative addresses are the instance's."""
    opened: list[BrowserContext] = []

    def open_one(width: int = 1280, *, javascript: bool = True, locale: str = "en", **more: Any) -> BrowserContext:
        size: ViewportSize = {"width": width, "height": 800}
        context = browser.new_context(
            base_url=running.url, viewport=size, java_script_enabled=javascript, locale=locale, **more
        )
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def recipient(running: Instance) -> Recipient:
    """A new recipient of `offers`, which may be sent until refused."""
    return new_recipient(running)


def new_recipient(running: Instance) -> Recipient:
    """Somebody who gets `offers`."""
    address, topic = new_address(), "offers"
    answer = running.api.post("/v1/links", json={"channel": "email", "address": address, "topic": topic})
    assert answer.status_code == 200, answer.text
    links = answer.json()
    paths = (urlsplit(links[name]).path for name in ("unsubscribe_url", "preferences_url"))
    return Recipient(running, address, topic, *paths)
