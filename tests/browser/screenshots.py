"""A picture of every page in every state, in var/screenshots, and an index.html that shows them all.

Each page is audited too, in every language that it is drawn in: the tests audit those that differ from each other.
"""

import base64
import html
from collections.abc import Sequence
from itertools import product
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from config.local.supervisor import say
from tests.browser import audit, desks
from tests.browser.conftest import CHROMIUM, QUIET, new_recipient
from tests.browser.states import STATES
from tests.instance import ROOT, Instance, start

FOLDER = ROOT / "var" / "screenshots"
HEIGHTS = {360: 740, 1280: 800}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sayso: every page</title><style>
body{{font:16px/1.5 system-ui;margin:2rem;background:#ddd;color:#111}}
section{{display:flex;flex-wrap:wrap;gap:1rem;align-items:start}}
figure{{margin:0}}img{{display:block;max-width:100%;border:1px solid #999}}
</style><h1>Every page</h1>{}</html>
"""


_SHEET = """<!doctype html><style>
body{{display:flex;gap:24px;margin:0;padding:24px;background:#cfd3cb;height:100vh;box-sizing:border-box}}
img{{flex:1;min-width:0;height:100%;object-fit:cover;object-position:top;border-radius:24px}}
</style>{}
"""


# What sticks to a window's edge would lie across the middle of a picture that is longer than any window.
_WHOLE = 'document.querySelectorAll(".bar").forEach((bar) => (bar.style.position = "static"))'


class Shot(NamedTuple):
    """In what a state is drawn."""

    language: str
    width: int
    scheme: Literal["light", "dark"]

    @property
    def name(self) -> str:
        return f"{self.language}-{self.width}-{self.scheme}"


# The pictures of README.md: states, and in what they are drawn, beside each other.
SHEETS = {
    "best": ("owner-saved-en-360-light", "preferences-en-360-dark", "sign-up-de-360-light", "owner-ar-360-light"),
    "wide": ("owner-en-1280-light", "sign-up-en-1280-dark"),
}
SHOTS = [Shot("en", width, scheme) for width, scheme in product(HEIGHTS, SCHEMES)]
SHOTS += [Shot("ar", 360, "light"), Shot("ar", 1280, "dark"), Shot("de", 360, "light")]


def main(names: Sequence[str]) -> int:
    """Draw and audit all states, or those that are named. Return 1 where an audit found something."""
    unknown = [name for name in names if name not in {*STATES, *desks.DESKS}]
    if unknown:
        say(f"There is no state {unknown[0]!r}; there are: {', '.join((*STATES, *desks.DESKS))}.")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with start() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        found: list[str] = []
        for name in names or (*STATES, *desks.DESKS):
            say(name)
            if name in desks.DESKS:
                _desk(browser, running, name)
            else:
                found += _state(browser, running, name)
        for name, drawn in SHEETS.items():
            _sheet(browser, name, drawn)
        browser.close()
    (FOLDER / "index.html").write_text(_index(sorted(path.name for path in FOLDER.glob("*.png"))))
    say("\n".join([*found, f"See {FOLDER / 'index.html'}. The audits found {len(found)} problems."]))
    return 1 if found else 0


def _state(browser: Browser, running: Instance, name: str) -> list[str]:
    """A visit for each language; its schemes and widths are looked at in turn. Return what the audits found."""
    recipient, found = new_recipient(running), []
    for language in dict.fromkeys(shot.language for shot in SHOTS):
        with browser.new_context(base_url=running.url, locale=language, reduced_motion="reduce") as context:
            page = context.new_page()
            STATES[name].visit(page, recipient)
            for shot in SHOTS:
                if shot.language == language:
                    _draw(page, name, shot)
            audit.begin(page)
            problems = (*audit.by_rules(page), *audit.by_size(page), *audit.by_keyboard(page))
            found += [f"{name} ({language}): {problem}" for problem in problems]
    return found


def _draw(page: Page, name: str, shot: Shot) -> None:
    page.set_viewport_size({"width": shot.width, "height": HEIGHTS[shot.width]})
    page.emulate_media(color_scheme=shot.scheme)
    page.evaluate(_WHOLE)
    page.screenshot(path=FOLDER / f"{name}-{shot.name}.png", full_page=True)


def _desk(browser: Browser, running: Instance, name: str) -> None:
    """A page of staff's, as it opens."""
    with browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        desks.sign_in(page, running)
        desks.DESKS[name](page, running)
        page.screenshot(path=FOLDER / f"{name}.png")
        _save_small(page, name)


def _sheet(browser: Browser, name: str, drawn: Sequence[str]) -> None:
    """Pictures beside each other, in one small file."""
    files = [f"{one}.png" for one in drawn if (FOLDER / f"{one}.png").exists()]
    (FOLDER / f"{name}.html").write_text(_SHEET.format("".join(f'<img src="{file}" alt="">' for file in files)))
    page = browser.new_page(viewport={"width": 1576, "height": 860})
    page.goto((FOLDER / f"{name}.html").as_uri())
    _save_small(page, name)


def _save_small(page: Page, name: str) -> None:
    """What is in the window, as a file for the README."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))


def _index(names: Sequence[str]) -> str:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_group(name), []).append(name)
    return _PAGE.format("\n".join(_section(group, files) for group, files in groups.items()))


def _group(name: str) -> str:
    found = [state for state in STATES if any(name == f"{state}-{shot.name}.png" for shot in SHOTS)]
    return found[0] if found else "staff"


def _section(group: str, files: Sequence[str]) -> str:
    figures = (
        f'<figure><img src="{file}" alt="" loading="lazy"><figcaption>{file}</figcaption></figure>' for file in files
    )
    return f"<h2>{html.escape(group)}</h2><section>{''.join(figures)}</section>"
