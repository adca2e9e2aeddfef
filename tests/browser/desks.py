"""Pages of staff's that are worth a picture: a row each (`make screenshots`)."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.instance import Instance

Desk = Callable[[Page, Instance], None]


def sign_in(page: Page, running: Instance) -> None:
    """As the administrator."""
    page.goto("/admin/")
    page.get_by_label("Username").fill(running.admin_user)
    page.get_by_label("Password").fill(running.admin_password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")


def _theme(page: Page, running: Instance) -> None:
    page.goto("/admin/subscriptions/theme/")
    page.get_by_role("link", name="Acme Hosting").click()
    page.frame_locator("iframe:not(.is-waiting)").get_by_role("heading", level=1).wait_for()


def _topic(page: Page, running: Instance) -> None:
    page.goto("/admin/consent/topic/")
    page.get_by_role("link", name="Newsletter", exact=True).first.click()
    page.get_by_role("heading", name="Texts").wait_for()


def _notice(page: Page, running: Instance) -> None:
    page.goto("/admin/consent/notice/")
    page.get_by_role("link", name="newsletter-form").click()
    page.frame_locator("iframe:not(.is-waiting)").get_by_role("heading", level=1).wait_for()


DESKS: dict[str, Desk] = {"admin-theme": _theme, "admin-topic": _topic, "admin-notice": _notice}
