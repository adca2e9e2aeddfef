"""One Chromium for the browser tests, and a recipient at the instance that tests/conftest.py starts (`running`)."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
SETTLED_WITHIN_SECONDS = 20.0


class Running(Protocol):
    """What these tests need of the running instance."""

    url: str
    api: httpx.Client


class Recipient(NamedTuple):
    """An address nobody used before, and the paths of the links that a message about a topic carries to it."""

    running: Running
    address: str
    topic: str
    unsubscribe: str
    preferences: str

    def allowed(self, topic: str = "") -> bool:
        """What a check says now."""
        asked = {"channel": "email", "address": self.address, "topic": topic or self.topic}
        answer = self.running.api.post("/v1/check", json=asked)
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["allowed"])

    def settles(self, allowed: bool) -> bool:
        """Whether the check comes to say this, once the pipeline has worked."""
        deadline = time.monotonic() + SETTLED_WITHIN_SECONDS
        while self.allowed() is not allowed and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.allowed() is allowed


# A session's fixture would keep Playwright's event loop in this thread, in which Django then refuses every query.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_context(browser: Browser, running: Running) -> Iterator[Callable[..., BrowserContext]]:
    """Opens contexts (a window's settings, cookies and cache) whose relative addresses are the instance's."""
    opened: list[BrowserContext] = []

    def open_one(width: int = 1280, *, javascript: bool = True) -> BrowserContext:
        size: ViewportSize = {"width": width, "height": 800}
        context = browser.new_context(base_url=running.url, viewport=size, java_script_enabled=javascript)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def recipient(running: Running) -> Recipient:
    """A new recipient of `offers`, which may be sent until refused."""
    address, topic = f"r{uuid4().hex}@example.com", "offers"
    answer = running.api.post("/v1/links", json={"channel": "email", "address": address, "topic": topic})
    assert answer.status_code == 200, answer.text
    links = answer.json()
    paths = (urlsplit(links[name]).path for name in ("unsubscribe_url", "preferences_url"))
    return Recipient(running, address, topic, *paths)
