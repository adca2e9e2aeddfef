"""A person texts a running Sayso and is answered, once, by a call to the gateway or in the response to its post."""

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from twilio.request_validator import RequestValidator

from config.local import ports
from tests.consent.answers.stand_in import CREDENTIALS, StandIn, standing_in
from tests.instance import Instance, new_number, until

OURS = "+15550100001"
ENDPOINTS = ["calls", "menu", "responds"]
TOKEN = "the signing token of both accounts"
ACCOUNT = """
import json, sys
from consent import vault
from consent.configuration import CREDENTIALS_PURPOSE, SECRETS_PURPOSE
from consent.models import Controller, ProviderAccount
told = json.loads({told!r})
ProviderAccount.objects.update_or_create(
    provider=told["provider"], endpoint=told["endpoint"],
    defaults=dict(
        controller=Controller.objects.get(slug="acme"), region="US", options=told["options"],
        sealed_secrets=vault.seal(SECRETS_PURPOSE, json.dumps([told["secret"]]).encode()),
        sealed_credentials=vault.seal(CREDENTIALS_PURPOSE, json.dumps(told["credentials"]).encode()),
    ),
)
"""


def set_up(running: Instance, provider: str, endpoint: str, **options: str) -> None:
    told = {
        "provider": provider,
        "endpoint": endpoint,
        "secret": TOKEN,
        "options": options,
        "credentials": CREDENTIALS[provider],
    }
    done = running.manage("shell", "-c", ACCOUNT.format(told=json.dumps(told)))
    assert done.returncode == 0, done.stderr


def text(running: Instance, endpoint: str, number: str, words: str, sid: str = "") -> httpx.Response:
    """A text as Twilio posts it."""
    fields = {"MessageSid": sid or f"SM{secrets.token_hex(16)}", "From": number, "To": OURS, "Body": words}
    path = f"/webhooks/sms/twilio/{endpoint}"
    signature = RequestValidator(TOKEN).compute_signature(f"{running.url}{path}", fields)
    answer = running.outside.post(path, data=fields, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 200
    return answer


def settled(running: Instance) -> None:
    """Wait until all that came in here is worked off, and all that was to be done is done."""
    sql = """
        SELECT 'inbound', state, error FROM consent_inbound WHERE state = 'pending' AND endpoint = ANY(%s)
        UNION ALL SELECT 'errand', state, error FROM consent_errand WHERE state = 'waiting' AND endpoint = ANY(%s)
    """
    until(lambda: not running.query(sql, ENDPOINTS, ENDPOINTS))


@pytest.fixture(scope="module")
def port() -> int:
    return ports.anywhere()


@pytest.fixture(scope="module", autouse=True)
def accounts(running: Instance, port: int) -> None:
    url = f"http://127.0.0.1:{port}/twilio"
    set_up(running, "twilio", "calls", answers="api", api_url=url)
    set_up(running, "twilio", "menu", answers="api", api_url=url, menu="offers,events")
    set_up(running, "twilio", "responds", answers="response")


@pytest.fixture
def stand_in(port: int) -> Iterator[StandIn]:
    with standing_in(port) as server:
        yield server


def said(stand_in: StandIn, number: str) -> list[str]:
    return [text.body for text in stand_in.texts if text.to == number]


def test_one_confirmation_however_often_it_is_said_or_delivered(running: Instance, stand_in: StandIn) -> None:
    number = new_number()
    for _ in range(10):
        text(running, "calls", number, "STOP", sid=f"SM{number}")
    until(lambda: len(said(stand_in, number)) == 1)
    assert running.check("sms", number, "service")["reason"] == "opted_out"
    text(running, "calls", number, "Stop!")
    text(running, "calls", number, "please stop texting me")
    settled(running)
    assert len(said(stand_in, number)) == 1
    assert "unsubscribed" in said(stand_in, number)[0]


def test_help_and_start_are_answered_too(running: Instance, stand_in: StandIn) -> None:
    number = new_number()
    for words in ("HELP", "STOP", "HELP", "START"):
        text(running, "calls", number, words)
        settled(running)
    helped, stopped, again, started = said(stand_in, number)
    assert "privacy@acme.example" in helped == again
    assert "unsubscribed" in stopped
    assert "undone" in started


def test_with_the_gateway_down_it_is_sent_when_it_is_back(running: Instance, port: int) -> None:
    number = new_number()
    text(running, "calls", number, "STOP")
    tried = "SELECT state FROM consent_errand WHERE attempts >= 2 AND error = 'ConnectError'"
    until(lambda: ("waiting",) in running.query(tried))
    assert running.check("sms", number, "service")["reason"] == "opted_out"
    with standing_in(port) as stand_in:
        until(lambda: len(said(stand_in, number)) == 1, seconds=40)
        settled(running)
        assert len(said(stand_in, number)) == 1


def test_what_could_not_be_sent_in_time_is_never_sent(running: Instance, port: int) -> None:
    number = new_number()
    text(running, "calls", number, "STOP")
    until(lambda: running.query("SELECT 1 FROM consent_errand WHERE state = 'waiting' AND attempts >= 1") == [(1,)])
    over = """
        UPDATE consent_errand SET give_up_at = now(), next_try_at = now() WHERE state = 'waiting' AND lease IS NULL
        RETURNING id
    """
    until(lambda: bool(running.query(over)))
    until(lambda: running.query("SELECT 1 FROM consent_errand WHERE state = 'waiting'") == [])
    assert "expired" in [row[0] for row in running.query("SELECT state FROM consent_errand")]
    with standing_in(port) as stand_in:
        text(running, "calls", number, "HELP")
        until(lambda: len(said(stand_in, number)) == 1)
        assert "For help" in said(stand_in, number)[0]


@pytest.mark.parametrize("absent", [("errands", "worker"), ("sweep",)])
def test_either_the_workers_or_the_sweep_are_enough(
    running: Instance, stand_in: StandIn, absent: tuple[str, ...]
) -> None:
    number = new_number()
    with running.frozen(*absent):
        text(running, "calls", number, "STOP")
        until(lambda: len(said(stand_in, number)) == 1)
    settled(running)
    assert len(said(stand_in, number)) == 1


def test_a_topic_is_kept_by_its_number_and_the_ledger_agrees(running: Instance, stand_in: StandIn) -> None:
    number = new_number()
    running.tell("sms", number, "opt_in", "offers")
    running.eventually("sms", number, "offers", allowed=True)
    text(running, "menu", number, "STOP")
    until(lambda: len(said(stand_in, number)) == 1)
    assert said(stand_in, number)[0].endswith("1 to keep Offers, 2 to keep Events")
    settled(running)
    assert running.check("sms", number, "offers")["reason"] == "opted_out"
    text(running, "menu", number, "1")
    running.eventually("sms", number, "offers", allowed=True, reason="granted")
    assert running.check("sms", number, "events")["reason"] == "opted_out"
    assert running.manage("rebuild", "--check").returncode == 0


def test_a_slow_gateway_keeps_nobody_elses_words_waiting(running: Instance, stand_in: StandIn) -> None:
    stand_in.mood = "slow"
    waiting, others = new_number(), [new_number() for _ in range(20)]
    text(running, "calls", waiting, "STOP")
    until(lambda: len(stand_in.calls) == 1)
    for number in others:
        running.twilio(number, "STOP")
    for number in others:
        running.eventually("sms", number, "service", reason="opted_out")
    assert stand_in.texts == []  # it has kept its caller waiting all the while
    stand_in.released.set()
    settled(running)
    assert len(said(stand_in, waiting)) == 1


def test_in_the_response_once_though_ten_posts_come_at_once(running: Instance) -> None:
    number = new_number()
    with ThreadPoolExecutor(10) as posts:
        answers = list(posts.map(lambda _: text(running, "responds", number, "STOP").text, range(10)))
    assert sum("<Message>" in answer for answer in answers) == 1
    running.eventually("sms", number, "service", reason="opted_out")
    assert "<Message>" not in text(running, "responds", number, "STOP").text


def test_no_number_and_no_words_are_in_clear(running: Instance, stand_in: StandIn) -> None:
    number = new_number()
    text(running, "calls", number, "STOP")
    until(lambda: len(said(stand_in, number)) == 1)
    rows = running.query("SELECT row_to_json(e)::text FROM consent_errand e")
    assert not [row for row in rows if number[1:] in row[0] or "unsubscribed" in row[0]]
