"""Every page in every state that people can meet: a row each, for the audit (test_pages_look.py) and the pictures
(`make screenshots`). A visit clicks by place, not by name, so that it works in every language.
"""

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page

from subscriptions.preferences.wording import WORDS
from tests.browser.conftest import Recipient
from tests.browser.drawn import draw, draw_parts
from tests.browser.preferences import Owner, make_owner, proof_of
from tests.instance import new_address
from tests.journeys.test_signup import FORM

Visit = Callable[[Page, Recipient], None]
CONTROLLER = "Acme Hosting"
NEWS = {"name": "Newsletter", "frequency": "Once a month"}
NOTICE = {
    "slug": "newsletter-form",
    "version": 3,
    "language": "en",
    "text": "I want Acme Hosting to send me its newsletter by email.",
}
LETTER = {"controller": CONTROLLER, "words": WORDS["email"], "topic": None, "topics": ()}
_owners: dict[str, Owner] = {}


class State(NamedTuple):
    """How one gets there, and the heading that is there in English. What differs little from another is drawn alone."""

    visit: Visit
    heading: str
    audited: bool = True


# --- by the links of a message ---


def _unsubscribe(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)


def _languages(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.locator("header summary").click()


def _stopped(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.locator("main form").first.get_by_role("button").click()


def _stopped_everything(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.unsubscribe)
    page.locator("main form").last.get_by_role("button").click()


def _undone(page: Page, recipient: Recipient) -> None:
    _stopped(page, recipient)
    page.locator("main form").last.get_by_role("button").click()


def _preferences(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.preferences)


def _preferences_signal(page: Page, recipient: Recipient) -> None:
    page.set_extra_http_headers({"Sec-GPC": "1"})
    page.goto(recipient.preferences)


def _pressed(button: str) -> Visit:
    """A button of the preference page by link."""

    def visit(page: Page, recipient: Recipient) -> None:
        page.goto(recipient.preferences)
        page.locator(f'button[value="{button}"]').click()

    return visit


def _preferences_saved(page: Page, recipient: Recipient) -> None:
    page.goto(recipient.preferences)
    page.locator('[name="topic"]').first.check()
    page.locator('button[value="stop"]').click()


def _bad_link(page: Page, recipient: Recipient) -> None:
    page.goto("/u/cut-in-two")


def _unsubscribe_problem(page: Page, recipient: Recipient) -> None:
    """A topic that is no longer there."""
    page.goto(recipient.unsubscribe)
    page.locator("main form").last.evaluate(
        """form => {
            form.elements.scope.name = "topic";
            form.elements.topic.value = "gone";
            form.submit();
        }"""
    )
    page.locator("#problem").wait_for()


def _no_page(page: Page, recipient: Recipient) -> None:
    page.goto("/preferences/nobody/knows/this")


# --- the owner's ---


def _owner(page: Page, recipient: Recipient) -> Owner:
    """The page of a person who proved to own an address, the same one for all that changes little."""
    running = recipient.running
    if running.url not in _owners:
        _owners[running.url] = make_owner(running)
    return _visit_of(page, _owners[running.url])


def _visit_of(page: Page, owner: Owner, beside: str = "") -> Owner:
    page.context.add_cookies([proof_of(owner.running, owner.path)])
    page.goto(owner.path + beside)
    return owner


def _owners_page(page: Page, recipient: Recipient) -> None:
    _owner(page, recipient)


def _owner_saved(page: Page, recipient: Recipient) -> None:
    _owner(page, recipient)
    page.locator('.segments:has([value="pause"]) [value="off"]').first.check()
    page.locator('button[value="save"]').click()


def _owner_signal(page: Page, recipient: Recipient) -> None:
    page.set_extra_http_headers({"Sec-GPC": "1"})
    _owner(page, recipient)


def _owner_after(button: str) -> Visit:
    """The page of somebody new who pressed a button there before."""

    def visit(page: Page, recipient: Recipient) -> None:
        owner = _visit_of(page, make_owner(recipient.running))
        page.locator(f'button[value="{button}"]').click()
        page.goto(owner.path)
        page.locator(".record summary").click()

    return visit


def _beside(name: str) -> Visit:
    """A page beside the owner's."""

    def visit(page: Page, recipient: Recipient) -> None:
        _visit_of(page, _owner(page, recipient), f"/{name}")

    return visit


def _address_problem(page: Page, recipient: Recipient) -> None:
    _beside("address")(page, recipient)
    page.locator("#new-email").fill("nobody")
    page.locator("main form").first.get_by_role("button").click()


def _copy(page: Page, recipient: Recipient) -> None:
    _beside("data")(page, recipient)
    page.locator('button[value="html"]').click()


def _erasure(page: Page, recipient: Recipient) -> None:
    _beside("rights")(page, recipient)
    page.locator("main form").last.get_by_role("button").click()


def _rights_done(page: Page, recipient: Recipient) -> None:
    _beside("rights")(page, recipient)
    page.locator("main form").first.get_by_role("button").click()


# --- the way there ---


def _ask(page: Page, recipient: Recipient) -> None:
    page.goto("/preferences/?controller=acme")


def _asked(address: str) -> Visit:
    def visit(page: Page, recipient: Recipient) -> None:
        _ask(page, recipient)
        page.locator("#address").fill(address or new_address())
        page.locator("main form").get_by_role("button").click()

    return visit


def _wrong_code(page: Page, recipient: Recipient) -> None:
    _asked("")(page, recipient)
    page.locator("#code").fill("000000")
    page.locator("main form").get_by_role("button").click()


def _own_code(page: Page, recipient: Recipient) -> None:
    page.goto(f"{recipient.preferences}/code")


# --- signing up ---


def _sign_up(query: str = "") -> Visit:
    def visit(page: Page, recipient: Recipient) -> None:
        page.goto(FORM + query)

    return visit


def _sign_up_problem(page: Page, recipient: Recipient) -> None:
    page.goto(FORM)
    page.locator("#email").fill(new_address())
    page.locator("main form").get_by_role("button").click()


_ASKED = {
    "new": NOTICE,
    "old": {**NOTICE, "version": 2, "text": "Send me the newsletter of Acme Hosting."},
    "names": ["Newsletter"],
    "slugs": ["newsletter"],
    "action": "/preferences/x/consent",
    "personal": True,
}


STATES: dict[str, State] = {
    "unsubscribe": State(_unsubscribe, "Unsubscribe"),
    "languages": State(_languages, "Unsubscribe"),
    "stopped": State(_stopped, "Stopped"),
    "stopped-everything": State(_stopped_everything, "Stopped", audited=False),
    "undone": State(_undone, "Undo received", audited=False),
    "bad-link": State(_bad_link, "This link does not work"),
    "unsubscribe-problem": State(_unsubscribe_problem, "Unsubscribe", audited=False),
    "no-page": State(_no_page, "There is no page here"),
    "unreadable": State(draw("unreadable"), "This request cannot be read", audited=False),
    "not-allowed": State(draw("not_allowed"), "This is not allowed", audited=False),
    "try-again": State(draw("try_again"), "Please try again"),
    "preferences": State(_preferences, "Your choices"),
    "preferences-signal": State(_preferences_signal, "Your choices", audited=False),
    "preferences-problem": State(_pressed("stop"), "Your choices"),
    "preferences-saved": State(_preferences_saved, "Your choices"),
    "preferences-nothing": State(_pressed("nothing"), "Your choices", audited=False),
    "preferences-paused": State(_pressed("pause_all"), "Your choices", audited=False),
    "owner": State(_owners_page, "Your choices"),
    "owner-saved": State(_owner_saved, "Your choices"),
    "owner-signal": State(_owner_signal, "Your choices", audited=False),
    "owner-stopped": State(_owner_after("nothing"), "Your choices", audited=False),
    "owner-paused": State(_owner_after("pause_all"), "Your choices", audited=False),
    "address": State(_beside("address"), "A new address", audited=False),
    "address-problem": State(_address_problem, "A new address"),
    "data": State(_beside("data"), "A copy of your data", audited=False),
    "copy": State(_copy, "A copy of your data", audited=False),
    "rights": State(_beside("rights"), "Your rights"),
    "rights-done": State(_rights_done, "We have your request", audited=False),
    "erasure": State(_erasure, "Erase your data?", audited=False),
    "which": State(
        draw("which", choices=[("acme", CONTROLLER), ("globex", "Globex")]), "Whose messages are they?", audited=False
    ),
    "ask": State(_ask, "See and change your choices", audited=False),
    "ask-problem": State(_asked("nobody"), "See and change your choices"),
    "code": State(_asked(""), "Enter your code", audited=False),
    "wrong-code": State(_wrong_code, "Enter your code"),
    "own-code": State(_own_code, "Show that it is you", audited=False),
    "too-many": State(draw("too_many", minutes=5), "Too many requests", audited=False),
    "stale": State(draw("stale"), "Please try again", audited=False),
    "sign-up": State(_sign_up(), f"Get messages from {CONTROLLER}", audited=False),
    "sign-up-problem": State(_sign_up_problem, f"Get messages from {CONTROLLER}"),
    "sign-up-embedded": State(_sign_up("?embed=1&topic=newsletter"), f"Get messages from {CONTROLLER}", audited=False),
    "sign-up-sent": State(
        draw("signup_sent", offer={"controller": CONTROLLER}), "We sent you a message", audited=False
    ),
    "sign-up-none": State(draw("signup_none"), "No sign-up here", audited=False),
    "confirm": State(draw("confirm", controller=CONTROLLER, topics=[NEWS], notice=NOTICE), "Please confirm"),
    "confirmed": State(
        draw("confirmed", controller=CONTROLLER, on=[NEWS], masked="j•••e@e•••e.org"), "Confirmed", audited=False
    ),
    "lapsed": State(
        draw("confirm_over", controller=CONTROLLER, lapsed=True, slug="acme"), "This request is over", audited=False
    ),
    "consent-again": State(draw("consent", controller=CONTROLLER, link="x", asked=[_ASKED]), "A wording has changed"),
    "undo-letter": State(draw("undo_letter", page=LETTER), "Undo what a message asked", audited=False),
    "letter-undone": State(draw("letter_undone", page=LETTER), "Undo received", audited=False),
    "parts": State(draw_parts, "What you hear from us"),
}
AUDITED = [name for name, state in STATES.items() if state.audited]
