"""Asking for a code tells nothing of an address: same status, same text, same work; and there are limits to asking."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from consent import configuration
from consent.access.limits import DAY, HOUR, Limit
from consent.inbox import open_envelope
from consent.models import AccessCode, Asking, Errand, Hold, Inbound
from consent.models.vocabulary import Action, Cause
from tests.consent.core.example import Organisation, entry, key_of, record
from tests.each import each
from tests.subscriptions.proving import (
    JANE,
    STRANGER,
    ask,
    bare,
    enter,
    make_known,
    make_site,
    sent_code,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Organisation:
    return make_site()


# --- is this address known? ---


@contextmanager
def every_statement() -> Iterator[list[str]]:
    """Every statement that goes to PostgreSQL, whoever sends it, without its parameters."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *arguments: Any, **more: Any) -> Any:
        seen.append(re.sub(r"\d+", "?", str(query)))
        return execute(cursor, query, *arguments, **more)

    psycopg.Cursor.execute = noting  # type: ignore[method-assign,assignment]
    try:
        yield seen
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]


def _told(address: str) -> tuple[Any, ...]:
    """Everything that somebody who asks can see, and what it cost."""
    browser = Client()
    browser.get("/preferences/")
    with every_statement() as asking:
        answer = ask(browser, address)
    with every_statement() as looking:
        page = browser.get("/preferences/code")
    work()
    with every_statement() as trying:
        wrong = enter(browser, "000000")
    answers = (answer, page, wrong)
    cookies = {name: len(morsel.value) for name, morsel in answer.cookies.items()}
    bodies = [bare(one.content.decode()) for one in answers]
    return (
        [one.status_code for one in answers],
        [dict(one.headers) for one in answers],
        cookies,
        bodies,
        asking,
        looking,
        trying,
    )


def test_a_known_and_an_unknown_address_get_the_same_answer_by_the_same_statements(
    site: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration, "_LOOK_AGAIN_SECONDS", 600)  # however slow this is
    make_known(site)
    record(entry(key_of("email", "dead@home.example"), site.scope("acme"), Action.INVALIDATE, Cause.HARD_BOUNCE))
    _told(JANE)  # what is read once in a while is read before
    known, unknown, dead = (_told(address) for address in (JANE, STRANGER, "dead@home.example"))
    assert known == unknown == dead
    statuses, *_, asking, looking, trying = known
    assert statuses == [303, 200, 400]
    assert [len(one) for one in (asking, looking, trying)] == [3, 0, 1]  # two limits and the inbound; the try


def test_asking_looks_nothing_up_and_holds_nothing(client: Client, site: Organisation) -> None:
    ask(client)
    inbound = Inbound.objects.get()
    assert (inbound.source, inbound.channel, inbound.state) == ("page:code", "email", "pending")
    assert not Hold.objects.exists()
    assert JANE.encode() in open_envelope(inbound.sealed_raw or b"").body
    assert not Errand.objects.exists()


@pytest.mark.parametrize("cause", [Cause.HARD_BOUNCE, Cause.DECEASED])
def test_no_code_goes_to_an_address_that_takes_no_mail(client: Client, site: Organisation, cause: Cause) -> None:
    record(entry(key_of("email", JANE), site.scope("acme"), Action.INVALIDATE, cause))
    ask(client)
    assert work() == []
    assert AccessCode.objects.get().code_mac is None


def test_a_code_goes_out_despite_an_opt_out_of_marketing(client: Client, site: Organisation) -> None:
    record(entry(key_of("email", JANE), site.scope("everything"), Action.WITHDRAW, Cause.CHOICE))
    ask(client)
    assert len(work()) == 1


def test_no_code_goes_to_a_mailbox_of_ours(client: Client, site: Organisation) -> None:
    ask(client, "privacy@acme.example")
    assert work() == []


# --- limits ---


def test_over_the_limit_of_an_address_the_answer_is_the_same_and_nothing_is_sent(
    site: Organisation, settings: Settings
) -> None:
    settings.SAYSO_CODES_PER_ADDRESS_HOUR = 2
    told = [_told(JANE) for _ in range(4)]
    assert told[1] == told[2] == told[3]
    assert AccessCode.objects.exclude(code_mac=None).count() == 2
    assert AccessCode.objects.count() == 4


@each("hour", range(24))
def test_an_hour_and_a_day_are_counted_apart_though_both_end_at_midnight(hour: int) -> None:
    now = datetime(2026, 11, 29, hour, 46, tzinfo=UTC)
    assert Limit("address", "a", 1, HOUR).bucket(now) != Limit("address", "a", 1, DAY).bucket(now)


def test_a_request_over_the_limit_leaves_the_code_before_it_good(
    client: Client, site: Organisation, settings: Settings
) -> None:
    settings.SAYSO_CODES_PER_ADDRESS_HOUR = 1
    ask(client)
    code = sent_code()
    ask(Client())
    assert work() == []
    assert enter(client, code).status_code == 303


def test_over_the_limit_of_a_machine_it_is_told_to_wait(client: Client, site: Organisation, settings: Settings) -> None:
    settings.SAYSO_CODES_PER_IP_HOUR = 2
    assert [ask(client, f"a{place}@home.example").status_code for place in range(4)] == [303, 303, 429, 429]
    answer = ask(client, STRANGER)
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert Inbound.objects.count() == 2
    other = client.post("/preferences/", {"address": JANE}, REMOTE_ADDR="198.51.100.7")
    assert other.status_code == 303


def test_over_the_limit_of_a_machine_the_address_loses_none_of_its_own(
    client: Client, site: Organisation, settings: Settings
) -> None:
    settings.SAYSO_CODES_PER_IP_HOUR = 0
    for _ in range(5):
        ask(client)
    settings.SAYSO_CODES_PER_IP_HOUR = 20
    ask(client)
    assert len(work()) == 1


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("198.51.100.7", "198.51.100.200", True),
        ("198.51.100.7", "198.51.101.7", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", True),
        ("2001:db8:1:2::1", "2001:db8:2:2::1", False),
        ("::ffff:198.51.100.7", "198.51.100.8", True),
    ],
)
def test_a_network_has_a_limit_too(
    client: Client, site: Organisation, settings: Settings, first: str, second: str, together: bool
) -> None:
    settings.SAYSO_CODES_PER_NETWORK_HOUR = 1
    client.post("/preferences/", {"address": JANE}, REMOTE_ADDR=first)
    answer = client.post("/preferences/", {"address": STRANGER}, REMOTE_ADDR=second)
    assert answer.status_code == (429 if together else 303)


def test_only_the_configured_proxy_says_who_asks(client: Client, site: Organisation, settings: Settings) -> None:
    settings.SAYSO_CODES_PER_NETWORK_HOUR = 1
    said = {"X-Forwarded-For": "203.0.113.1, 198.51.100.7"}
    assert ask(client, JANE, headers=said).status_code == 303
    client.post("/preferences/", {"address": JANE}, headers=said)
    assert client.post("/preferences/", {"address": JANE}, headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 429
    settings.SAYSO_BEHIND_PROXY = True
    settings.SAYSO_CODES_PER_NETWORK_HOUR = 2
    statuses = [
        client.post(
            "/preferences/", {"address": JANE}, headers={"X-Forwarded-For": f"{spoofed}, 192.0.2.9"}
        ).status_code
        for spoofed in ("9.9.9.9", "8.8.8.8", "7.7.7.7")
    ]
    assert statuses == [303, 303, 429]


def test_neither_a_machine_nor_an_address_is_kept_in_clear(client: Client, site: Organisation) -> None:
    client.post("/preferences/", {"address": JANE}, REMOTE_ADDR="198.51.100.7")
    rows = connection.cursor()
    rows.execute(
        "SELECT row_to_json(a)::text FROM consent_asking a UNION ALL SELECT row_to_json(i)::text FROM consent_inbound i"
    )
    text = " ".join(row[0] for row in rows.fetchall())
    assert "198.51.100" not in text
    assert JANE not in text
    assert Asking.objects.count() == 5
