"""What breaks, and what holds: frozen pipeline, frozen broker, killed processes."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg

from tests.instance import PIPELINE, Instance, new_address, new_number, until

OTHERS_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_between_the_answer_and_the_pipeline_the_check_says_held(running: Instance) -> None:
    number, address = new_number(), new_address()
    with running.frozen(*PIPELINE):
        assert running.twilio(number, "STOP").status_code == 200
        assert (
            running.outside.post(running.link(address, "offers"), content=b"List-Unsubscribe=One-Click").status_code
            == 200
        )
        street = f"{number[-4:]} Elm St"
        letter = f"Jane Roe\n{street}\nSpringfield, IL 62701"
        running.mail("jane@example.org", "privacy@acme.example", "No snail mail", letter)
        event = running.tell("sms", new_number(), "opt_out", "*")
        for channel, who in (("sms", number), ("email", address), ("post", letter)):
            answer = running.check(channel, who, "offers")
            assert (answer["allowed"], answer["reason"]) == (False, "held")
        assert running.api.get(f"/v1/events/{event}").json()["status"] == "pending"
    for channel, who in (("sms", number), ("email", address), ("post", letter)):
        running.eventually(channel, who, "offers", reason="opted_out")


def test_the_sweep_works_without_worker_and_broker(running: Instance) -> None:
    number = new_number()
    with running.frozen("worker"):
        running.twilio(number, "STOP")
        running.eventually("sms", number, "service", reason="opted_out")


def test_a_killed_pipeline_loses_nothing_and_is_started_again(running: Instance) -> None:
    numbers = [new_number() for _ in range(30)]
    for place, number in enumerate(numbers):
        assert running.twilio(number, "STOP").status_code == 200
        if place % 10 == 5:
            running.kill(PIPELINE[place // 10 % 2])
        assert running.check("sms", number, "service")["allowed"] is False
    for number in numbers:
        running.eventually("sms", number, "service", reason="opted_out", seconds=30)


def test_a_killed_web_comes_back_with_all_it_acknowledged(running: Instance) -> None:
    number = new_number()
    assert running.twilio(number, "STOP").status_code == 200
    running.kill("web")
    until(lambda: _answers(running), seconds=30)
    assert running.check("sms", number, "service")["allowed"] is False


def _answers(running: Instance) -> bool:
    try:
        return running.outside.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_the_doorbell_wakes_the_worker_without_the_sweep(running: Instance) -> None:
    """With the sweep frozen, the worker alone works it off. A worker that an earlier test killed may still be starting,
    and a message that died with it blocks the bell for some seconds: then a later text rings."""
    number = new_number()
    with running.frozen("sweep"):
        running.twilio(number, "STOP")
        for _ in range(8):
            running.twilio(new_number(), "hello")
            deadline = time.monotonic() + 6
            while time.monotonic() < deadline:
                if running.check("sms", number, "service")["reason"] == "opted_out":
                    return
                time.sleep(0.05)
    raise AssertionError("the worker did not work it off")


def test_a_poison_inbound_delays_nobody_and_stays_held(running: Instance) -> None:
    """Bytes that cannot be opened (as after a lost key) are tried again alone; others pass."""
    poisoned, number = new_number(), new_number()
    with running.frozen(*PIPELINE):
        running.twilio(poisoned, "STOP")
        # The newest alone: what other tests left waiting for its next attempt is pending too.
        newest = "SELECT max(id::text)::uuid FROM consent_inbound WHERE state = 'pending' AND source = 'sms:twilio'"
        sql = f"UPDATE consent_inbound SET sealed_raw = '\\x0101' WHERE id = ({newest}) RETURNING id"
        with psycopg.connect(running.values["DATABASE_URL"]) as connection:
            [[inbound_id]] = connection.execute(sql).fetchall()
        running.twilio(number, "STOP")
    running.eventually("sms", number, "service", reason="opted_out")
    assert running.check("sms", poisoned, "service")["reason"] == "held"
    until(lambda: running.query("SELECT error FROM consent_inbound WHERE id = %s", inbound_id) != [("",)])


def test_the_tables_say_what_the_ledger_says(running: Instance) -> None:
    """After all of this, everything derived anew from the ledger is what the tables hold; and a difference is found."""
    until(
        lambda: running.query("SELECT count(*) FROM consent_inbound WHERE state = 'pending' AND attempts = 0") == [(0,)]
    )
    assert running.manage("rebuild", "--check").returncode == 0
    with psycopg.connect(running.values["DATABASE_URL"]) as connection:
        connection.execute("DELETE FROM consent_suppression WHERE id = (SELECT min(id) FROM consent_suppression)")
    found = running.manage("rebuild", "--check")
    assert found.returncode != 0
    assert "1 differences" in found.stderr
    assert running.manage("rebuild").returncode == 0
    assert running.manage("rebuild", "--check").returncode == 0


def test_a_restarted_database_costs_no_acknowledgement(running: Instance) -> None:
    """Every pooled connection is dead afterwards; the next posts and checks still get their answers."""
    running.query(OTHERS_END)
    number = new_number()
    assert running.twilio(number, "STOP").status_code == 200
    assert running.check("sms", number, "service")["allowed"] is False
    running.eventually("sms", number, "service", reason="opted_out")


def test_a_restarted_database_costs_no_page(running: Instance) -> None:
    """Whichever of the web's threads shows it: each had a connection, which is dead."""
    link = running.link(new_address(), "offers")
    paths = [path for _ in range(20) for path in (link, link.replace("/u/", "/preferences/"))]
    with ThreadPoolExecutor(8) as visitors:
        for _ in range(2):
            statuses = [answer.status_code for answer in visitors.map(running.outside.get, paths)]
            assert set(statuses) == {200}, statuses
            running.query(OTHERS_END)
        statuses = [answer.status_code for answer in visitors.map(running.outside.get, paths)]
    assert set(statuses) == {200}, statuses


def test_a_frozen_database_is_never_a_yes(running: Instance) -> None:
    """No answer in time is a 503 that says so; what was not stored is not acknowledged."""
    number = new_number()
    with psycopg.connect(running.values["DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE consent_inbound, consent_suppression IN ACCESS EXCLUSIVE MODE")
        asked = {"channel": "sms", "address": number, "topic": "service"}
        answer = running.api.post("/v1/check", json=asked)
        assert (answer.status_code, "allowed" in answer.json()) == (503, False)
        assert running.twilio(number, "STOP").status_code == 503
        connection.rollback()
    assert running.check("sms", number, "service")["allowed"] is True
