"""What is measured of a page that was opened once: by axe's rules in every scheme, theme, width and direction, by
keyboard, with large text, and by what it weighs. Each audit returns what is wrong, as sentences.
"""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Request

from subscriptions.preferences.colours import DARK, LIGHT, variables

NARROWEST = 320  # CSS px, WCAG 2.2 SC 1.4.10
WIDTHS = (NARROWEST, 1280)
HEIGHT = 800
GOOD_TARGET = 44  # CSS px, what we aim for; WCAG 2.2 SC 2.5.8 asks for 24
LEAST_OUTLINE = 2  # CSS px, WCAG 2.2 SC 2.4.13
MAX_PAGE_BYTES = 40_000  # HTML, styles and scripts as they come over the wire
# The colours of a theme that only just pass in the form (subscriptions/admin/theme_form.py), by scheme.
THEME = {"light": variables("#a8326e", LIGHT), "dark": variables("#7d8bff", DARK)}
# What a page begins in, light and in our own colours, is measured with all rules.
OTHER_COLOURS: tuple[tuple[Literal["light", "dark"], str], ...] = (
    ("light", "themed"),
    ("dark", ""),
    ("dark", "themed"),
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_MISSING_ICONS = """async () => {
    const load = (link) => Object.assign(new Image(), { src: link.href }).decode();
    const tried = [...document.querySelectorAll("link[rel~=icon]")].map(async (link) => {
        return load(link).then(() => "", () => `no icon: ${link.outerHTML}`);
    });
    return (await Promise.all(tried)).filter((problem) => problem);
}"""
SCRIPTS = AXE_SCRIPT, Path(__file__).with_name("audit.js").read_text()


def begin(page: Page) -> None:
    """Bring the questions onto a page, which then is light and stands still: colours half-way are none of ours."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for script in SCRIPTS:
        page.evaluate(script)


def by_rules(page: Page) -> Iterator[str]:
    """Axe, with all its rules once a width; what depends on colours alone in each other scheme and theme, too."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield from by_rules_as_it_is(page, f"{width} px")
    for scheme, theme in OTHER_COLOURS:
        page.emulate_media(color_scheme=scheme)
        page.evaluate("declared => audit.dress(declared)", THEME[scheme] if theme else "")
        yield from _violations(page, {"type": "rule", "values": ["color-contrast"]}, f"{scheme} {theme}")
    page.evaluate("audit.dress('')")
    page.emulate_media(color_scheme="light")


def by_rules_as_it_is(page: Page, where: str = "") -> list[str]:
    """Axe with all its rules, in the window and the colours that a page has."""
    return _violations(page, {"type": "tag", "values": RULES}, where)


def _violations(page: Page, only: dict[str, Any], where: str) -> list[str]:
    return [f"{where}: {one}" for one in page.evaluate("only => audit.violations(only)", only)]


def by_size(page: Page) -> Iterator[str]:
    """Targets can be hit; nothing scrolls sideways in a narrow window, with large text, or the other way round."""
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    yield from page.evaluate("least => audit.small(least)", GOOD_TARGET)
    for size, turned in product(("100%", "200%"), (False, True)):
        page.evaluate("([size, turned]) => { audit.dress(`font-size: ${size}`); audit.turn(turned) }", [size, turned])
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > NARROWEST:
            yield f"{wide} px wide with text of {size}{', turned round' if turned else ''}"
    page.evaluate("audit.dress(''); audit.turn(false)")


def by_keyboard(page: Page) -> Iterator[str]:
    """Tab goes through everything in its order; where it is, is seen and never covered."""
    page.set_viewport_size({"width": WIDTHS[-1], "height": HEIGHT})
    for _ in range(page.evaluate("least => audit.count(least)", LEAST_OUTLINE)):
        page.keyboard.press("Tab")
    yield from page.evaluate("audit.walked()")


def icons(page: Page) -> list[str]:
    """Those of a page's tab that do not load; a browser without tabs does not ask for them by itself."""
    missing: list[str] = page.evaluate(_MISSING_ICONS)
    return missing


class Traffic:
    """What a page asked for."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._asked: list[Request] = []
        self._said: list[str] = []
        page.on("request", lambda request: self._asked.append(request))  # noqa: PLW0108  (Playwright marks its handlers)
        page.on("console", lambda message: self._said.append(f"{message.type}: {message.text}"))

    def problems(self, origin: str) -> Iterator[str]:
        """Icons that do not load, requests to others, words of the browser's console, and too much weight of the
        heaviest page.
        """
        yield from icons(self._page)
        yield from (one.url for one in self._asked if urlsplit(one.url).netloc != urlsplit(origin).netloc)
        # A page with an error status is said to have failed to load; which it did not.
        yield from (text for text in self._said if not re.search(r"the server responded with a status of 4\d\d", text))
        weight = self._weight()
        if weight > MAX_PAGE_BYTES:
            yield f"{weight} bytes"

    def _weight(self) -> int:
        """Every file once, and the heaviest document."""
        sizes: dict[str, int] = {}
        pages = [0]
        for request in self._asked:
            response = request.response()
            if response is not None and not response.from_service_worker:
                size = request.sizes()["responseBodySize"]
                if request.resource_type == "document":
                    pages.append(size)
                else:
                    sizes[request.url] = max(size, sizes.get(request.url, 0))
        return max(pages) + sum(sizes.values())
