"""A stranger signs up at a running Sayso: a message in its outbox, a link that only a press makes count."""

import time
from urllib.parse import urlsplit

from tests.instance import Instance, new_address, until
from tests.journeys.outbox import messages_to
from tests.subscriptions.signing_up import LINK, fields_of

FORM = "/subscribe/acme"


def stamps(running: Instance, count: int) -> list[str]:
    """Stamps of forms that lay open for long enough."""
    made = [fields_of(running.outside.get(FORM))["stamp"] for _ in range(count)]
    time.sleep(3.1)  # the form's own two seconds, counted in whole ones
    return made


def sign_up(running: Instance, stamp: str, address: str, topic: str = "newsletter") -> str:
    answer = running.outside.post(FORM, data={"stamp": stamp, "email": address, "topic": topic})
    assert answer.status_code == 200, answer.text
    return answer.text


def link(running: Instance, address: str) -> str:
    until(lambda: bool(messages_to(running, address)))
    [message] = messages_to(running, address)
    [found] = LINK.findall(str(message.get_content()))
    return str(found)


def test_from_the_form_to_an_allowed_check_for_a_stranger_and_for_somebody_who_had_stopped_everything(
    running: Instance,
) -> None:
    ann, bob = new_address(), new_address()
    running.tell("email", bob, "opt_out", "*")
    running.eventually("email", bob, "newsletter", reason="opted_out")
    first, second = stamps(running, 2)
    assert sign_up(running, first, ann) == sign_up(running, second, bob)
    running.eventually("email", ann, "newsletter", reason="unconfirmed")
    for address in (ann, bob):
        path = link(running, address)
        shown = running.outside.get(path)
        assert (shown.status_code, address in shown.text) == (200, False)
        assert not running.check("email", address, "newsletter")["allowed"]  # looking changes nothing
        assert "Confirmed" in running.outside.post(path).text
        running.eventually("email", address, "newsletter", allowed=True)
    assert running.check("email", bob, "offers")["reason"] == "opted_out"
    assert running.check("email", ann, "offers")["allowed"]
    told = running.api.get("/v1/contacts/status", params={"channel": "email", "address": ann}).json()
    assert [line["action"] for line in told["history"]] == ["grant", "request"]


def test_a_system_starts_a_confirmed_opt_in(running: Instance) -> None:
    ann = new_address()
    running.tell("email", ann, "opt_in", "newsletter", confirm=True)
    path = link(running, ann)
    assert running.check("email", ann, "newsletter")["reason"] == "unconfirmed"
    assert running.outside.post(urlsplit(path).path).status_code == 200
    running.eventually("email", ann, "newsletter", reason="granted")
