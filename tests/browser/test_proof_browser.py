"""Proof in a real browser: without JavaScript, by paste and autofill, measured against WCAG 2.2 AA."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import audit
from tests.instance import Instance, new_address
from tests.journeys.test_proof import code_to

pytestmark = pytest.mark.browser
Open = Callable[..., BrowserContext]


def _assert_accessible(page: Page) -> None:
    audit.begin(page)
    assert audit.by_rules_as_it_is(page) == []


def _ask(page: Page, address: str) -> None:
    page.goto("/preferences/?controller=acme")
    page.get_by_label("Your email address").fill(address)
    page.get_by_role("button", name="Send me a code").click()


def test_a_code_can_be_pasted_or_filled_in_without_a_script(running: Instance, open_context: Open) -> None:
    jane, page = new_address(), open_context(javascript=False).new_page()
    _ask(page, jane)
    field = page.get_by_label("Code of six digits")
    for name, value in {"inputmode": "numeric", "autocomplete": "one-time-code", "type": "text"}.items():
        expect(field).to_have_attribute(name, value)
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    code = code_to(running, jane)
    field.fill("000000" if code != "000000" else "111111")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("This code does not work")
    field = page.get_by_label("Code of six digits")
    field.fill(f" {code[:3]} {code[3:]} ")  # as it is pasted
    assert field.evaluate("field => field.checkValidity()")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile(r"/preferences/[\w-]{40,}$"))


def test_the_pages_are_accessible(running: Instance, open_context: Open) -> None:
    jane, page = new_address(), open_context(360).new_page()
    page.goto("/preferences/?controller=acme")
    _assert_accessible(page)
    _ask(page, jane)
    _assert_accessible(page)
    page.get_by_label("Code of six digits").fill(code_to(running, jane))
    page.get_by_role("button", name="Continue").click()
    link = page.url
    for name, heading in (("data", "A copy of your data"), ("address", "A new address")):
        page.goto(f"{link}/{name}")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        _assert_accessible(page)
    page.goto(f"{link}/code")
    _assert_accessible(page)
    page.goto(f"{link}/rights")
    page.get_by_role("button", name="Erase my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase your data?")
    _assert_accessible(page)
    page.goto(f"{link}/data")
    page.get_by_role("button", name="Show it here").click()
    expect(page.get_by_text(jane).first).to_be_visible()
    _assert_accessible(page)
