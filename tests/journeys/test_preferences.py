"""The preference page of a running instance, from the message's link to the check, with the pipeline frozen too."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.browser.preferences import Owner, make_owner, proof_of
from tests.instance import PIPELINE, Instance
from tests.subscriptions.person import Form, text_of


@pytest.fixture
def owner(running: Instance) -> Owner:
    return make_owner(running)


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        self.client, self.path = client, path

    def look(self) -> str:
        return self.client.get(self.path).text

    def press(self, button: str, **changed: str | list[str]) -> str:
        return self.send(self.look(), button, **changed)

    def send(self, html: str, button: str, **changed: Any) -> str:
        """Press a button of a page that may have been open for long."""
        answer = self.client.post(self.path, data=Form(html, button).sent(**changed))
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def stranger(owner: Owner) -> Iterator[Visitor]:
    """Whoever has but the link."""
    with httpx.Client(base_url=owner.running.url, follow_redirects=True, timeout=60.0) as client:
        yield Visitor(client, owner.path)


@pytest.fixture
def visitor(owner: Owner, stranger: Visitor) -> Visitor:
    """The owner, who entered a code."""
    stranger.client.cookies.set("sayso_proof", proof_of(owner.running, owner.path)["value"])
    return stranger


def test_from_the_link_of_a_message_to_a_check_that_says_no(owner: Owner, stranger: Visitor) -> None:
    assert owner.check("events")
    with owner.running.frozen(*PIPELINE):
        said = text_of(stranger.press("stop", topic=["events"]))
        assert "Stopped from now on: Events" in said
        assert owner.running.check("email", owner.addresses["email"], "events")["reason"] == "held"
        assert owner.check("offers")
    owner.becomes("events", reason="opted_out")
    assert owner.check("offers")


def test_nothing_at_all_then_one_topic_on_while_nobody_works(owner: Owner, visitor: Visitor) -> None:
    with owner.running.frozen(*PIPELINE):
        visitor.press("nothing")
        assert [owner.check("offers", channel) for channel in ("email", "post")] == [False, False]
        assert "You asked for nothing at all" in visitor.look()
        said = visitor.press("save", **{"w.0.offers": "on"})
        assert "Being turned on: Offers by email" in text_of(said)
        assert not owner.check("offers")
    owner.becomes("offers", allowed=True)
    assert not owner.check("events")
    assert not owner.check("offers", "post")
    assert owner.running.manage("rebuild", "--check").returncode == 0


def test_two_windows_at_once_lose_nothing(owner: Owner, visitor: Visitor) -> None:
    html = visitor.look()
    with owner.running.frozen(*PIPELINE):
        visitor.send(html, "save", **{"w.0.events": "off"})
        said = text_of(visitor.send(html, "save", **{"w.0.offers": "off"}))
    assert "Events by email was stopped" in said
    owner.becomes("events", reason="opted_out")
    owner.becomes("offers", reason="opted_out")


def test_a_stop_by_text_is_ended_for_one_topic_alone(owner: Owner, visitor: Visitor) -> None:
    number = owner.addresses["sms"]
    owner.running.settled(owner.running.tell("sms", number, "opt_in", "offers"))
    owner.running.settled(owner.running.tell("sms", number, "opt_in", "events"))
    owner.running.twilio(number, "STOP")
    owner.becomes("offers", "sms", reason="opted_out")
    assert "until you text START to +15550100001" in text_of(visitor.look())
    visitor.press("save", **{"w.1.offers": "on"})
    owner.becomes("offers", "sms", allowed=True)
    assert not owner.check("events", "sms")
    assert not owner.check("service", "sms")
    owner.running.twilio(number, "START")
    owner.becomes("events", "sms", allowed=True)


def test_the_signal_file_is_served(running: Instance) -> None:
    answer = running.outside.get("/.well-known/gpc.json")
    assert (answer.status_code, answer.json()["gpc"]) == (200, True)
