"""A provider tells a running Sayso of a letter: the person is held from the 2xx on, and suppressed once it was had."""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config.local import ports
from tests.consent.core.doors import letter
from tests.consent.esp.holding import CREDENTIALS, Holder, holding
from tests.consent.esp.notices import SECRETS, mailtrap, post_of, resend
from tests.instance import Instance, new_address, until
from tests.journeys.test_answers import ACCOUNT

MAILBOX = "unsubscribe@acme.example"
PROVIDERS = ("mailtrap", "resend")
DUE = """
    UPDATE consent_errand SET next_try_at = now() WHERE kind = 'fetch' AND state = 'waiting' AND lease IS NULL
    RETURNING attempts
"""


@pytest.fixture(scope="module")
def port() -> int:
    return ports.anywhere()


@pytest.fixture(scope="module", autouse=True)
def accounts(running: Instance, port: int) -> None:
    for provider in PROVIDERS:
        options = {"api_url": f"http://127.0.0.1:{port}/{provider}"}
        told = {"provider": provider, "endpoint": "told", "secret": SECRETS[provider], "options": options}
        told["credentials"] = CREDENTIALS[provider]
        done = running.manage("shell", "-c", ACCOUNT.format(told=json.dumps(told)))
        assert done.returncode == 0, done.stderr


@pytest.fixture
def holder(port: int) -> Iterator[Holder]:
    with holding(port) as server:
        yield server


def tell(running: Instance, provider: str, name: str, sender: str) -> int:
    event = mailtrap(name, sender) if provider == "mailtrap" else resend(name, sender, to=[MAILBOX])
    post = post_of(provider, event)
    headers = {**post.headers, "Content-Type": post.content_type}
    return running.outside.post(
        f"/webhooks/email/{provider}/told/inbound", content=post.body, headers=headers
    ).status_code


def request_of(sender: str) -> bytes:
    return letter("unsubscribe", "Please take me off your list.", sender=sender, number=secrets.randbits(60))


def last_state(running: Instance) -> str:
    """What has become of the last notice."""
    rows = running.query("SELECT state FROM consent_inbound WHERE endpoint = 'told' ORDER BY id DESC LIMIT 1")
    return str(rows[0][0])


@contextmanager
def never_allowed(running: Instance, address: str) -> Iterator[None]:
    """Ask all the while, and see that nobody is ever told yes."""
    over, answers = threading.Event(), []

    def ask() -> None:
        while not over.is_set():
            answers.append(running.check("email", address, "offers")["allowed"])

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()
    assert answers
    assert not any(answers)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_held_then_suppressed_and_allowed_at_no_moment(running: Instance, holder: Holder, provider: str) -> None:
    jane, name = new_address(), str(secrets.randbits(60))
    holder.letters[name] = request_of(jane)
    assert running.check("email", jane, "offers")["allowed"]
    assert tell(running, provider, name, f"Jane <{jane}>") == 200
    with never_allowed(running, jane):
        assert [tell(running, provider, name, f"Jane <{jane}>") for _ in range(3)] == [200] * 3
        running.eventually("email", jane, "offers", reason="opted_out")
    until(lambda: last_state(running) == "done")
    assert len([path for path, _ in holder.asked if path.startswith(f"/raw/{name}")]) == 1


def test_with_the_provider_away_it_is_held_until_it_is_back(running: Instance, port: int) -> None:
    jane, name = new_address(), str(secrets.randbits(60))
    assert tell(running, "resend", name, jane) == 200
    tried = "SELECT 1 FROM consent_errand WHERE kind = 'fetch' AND attempts >= 2 AND error = 'ConnectError'"
    until(lambda: bool(running.query(tried)))
    with never_allowed(running, jane):
        assert running.check("email", jane, "offers")["reason"] == "held"
        with holding(port) as holder:
            holder.letters[name] = request_of(jane)
            running.query(DUE)
            running.eventually("email", jane, "offers", reason="opted_out")


def test_one_that_is_not_there_waits_for_staff_and_is_held(running: Instance, holder: Holder) -> None:
    jane, name = new_address(), str(secrets.randbits(60))
    assert tell(running, "resend", name, jane) == 200

    def is_given_up() -> bool:
        running.query(DUE)
        return last_state(running) == "review"

    with never_allowed(running, jane):
        until(is_given_up)
    assert running.check("email", jane, "offers")["reason"] == "held"
    opened = "SELECT 1 FROM consent_review r JOIN consent_inbound i ON i.id = r.inbound_id WHERE i.endpoint = 'told'"
    assert running.query(opened) == [(1,)]


def test_who_is_not_named_is_acknowledged_when_the_letter_is_here(running: Instance, holder: Holder) -> None:
    jane, name = new_address(), str(secrets.randbits(60))
    holder.letters[name] = request_of(jane)
    assert tell(running, "mailtrap", name, "Jane ") == 503
    until(lambda: tell(running, "mailtrap", name, "Jane ") == 200)
    assert not running.check("email", jane, "offers")["allowed"]


@pytest.mark.parametrize("absent", [("errands", "worker"), ("sweep",)])
def test_either_the_workers_or_the_sweep_are_enough(running: Instance, holder: Holder, absent: tuple[str, ...]) -> None:
    jane, name = new_address(), str(secrets.randbits(60))
    holder.letters[name] = request_of(jane)
    with running.frozen(*absent):
        assert tell(running, "resend", name, jane) == 200
        running.eventually("email", jane, "offers", reason="opted_out")


def test_what_is_forged_is_refused_and_nothing_written(running: Instance) -> None:
    jane, before = new_address(), running.query("SELECT count(*) FROM consent_inbound WHERE endpoint = 'told'")
    post = post_of("resend", resend("e1", jane, to=[MAILBOX]))
    headers = {**post.headers, "svix-signature": "v1,AAAA", "Content-Type": post.content_type}
    answer = running.outside.post("/webhooks/email/resend/told/inbound", content=post.body, headers=headers)
    assert answer.status_code == 403
    assert running.query("SELECT count(*) FROM consent_inbound WHERE endpoint = 'told'") == before
    assert running.check("email", jane, "offers")["allowed"]
