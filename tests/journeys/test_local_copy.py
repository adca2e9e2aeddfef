"""The reference client of docs/examples keeps its copy beside a server at work, and answers as the server does."""

import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from local_copy import LocalCopy, whole

from tests.instance import ROOT, Instance, new_address, new_number, until

TOPICS = {
    "email": ("offers", "newsletter", "events", "service", "data-sharing"),
    "sms": ("offers", "events", "service"),
}
WRITERS, WORDS = 3, 60


@pytest.fixture
def people() -> dict[str, list[str]]:
    return {"email": [new_address() for _ in range(60)], "sms": [new_number() for _ in range(40)]}


@pytest.fixture
def copy(running: Instance, people: dict[str, list[str]], tmp_path: Path) -> Iterator[LocalCopy]:
    made = LocalCopy(str(tmp_path / "copy.db"), running.url, running.values["SAYSO_API_KEY"])
    for channel, addresses in people.items():
        made.learn(channel, addresses)
    yield made
    made.db.close()


def current(copy: LocalCopy) -> None:
    until(copy.step)


def differences(running: Instance, copy: LocalCopy, people: dict[str, list[str]]) -> list[tuple[Any, ...]]:
    """Where the copy says something else than the server."""
    found = []
    for channel, addresses in people.items():
        for topic in TOPICS[channel]:
            asked = {"channel": channel, "topic": topic, "addresses": addresses}
            rows = running.api.post("/v1/check/bulk", json=asked).json()["results"]
            found += [
                (channel, topic, row) for row in rows if copy.allowed(channel, topic, row["address"]) != row["allowed"]
            ]
    return found


def said(running: Instance, people: dict[str, list[str]], chance: random.Random) -> str:
    """One word of somebody, on any way; the id of its event."""
    channel = chance.choice(["email", "sms"])
    address = chance.choice(people[channel])
    topic = chance.choice([*TOPICS[channel][:2], "*"])
    if chance.random() < 0.2:
        reason = chance.choice(["hard_bounce", "complaint", "paused"])
        told = {"channel": channel, "address": address, "reason": reason}
        return str(running.api.post("/v1/suppressions", json=told).json()["id"])
    if chance.random() < 0.5:
        return running.tell(channel, address, "opt_out", topic)
    basis = chance.choice(["opt_in", "confirmed_opt_in"])
    return running.tell(channel, address, "opt_in", topic if topic != "*" else "offers", basis=basis)


def test_a_copy_that_follows_writers_at_work_answers_as_the_server_does(
    running: Instance, copy: LocalCopy, people: dict[str, list[str]], tmp_path: Path
) -> None:
    events: list[str] = []
    over = threading.Event()
    problems: list[BaseException] = []

    def follows() -> None:
        follower = LocalCopy(str(tmp_path / "copy.db"), running.url, running.values["SAYSO_API_KEY"])
        try:
            while not over.is_set():
                follower.step(wait=1)
        except BaseException as error:
            problems.append(error)
        follower.db.close()

    def writes(seed: int) -> None:
        chance = random.Random(seed)
        events.extend(said(running, people, chance) for _ in range(WORDS))

    threads = [threading.Thread(target=follows), *(threading.Thread(target=writes, args=(n,)) for n in range(WRITERS))]
    for one in threads:
        one.start()
    for one in threads[1:]:
        one.join()
    for event in events:
        running.settled(event)
    over.set()
    threads[0].join()
    current(copy)
    assert not problems
    assert len(events) == WRITERS * WORDS
    assert differences(running, copy, people) == []
    assert copy._rows("SELECT count(*) FROM said")[0][0] > 50


def test_a_copy_denies_what_is_held_and_what_it_cannot_know(
    running: Instance, copy: LocalCopy, people: dict[str, list[str]], tmp_path: Path
) -> None:
    current(copy)
    first, second, *_ = people["email"]
    assert copy.allowed("email", "offers", first)
    with running.frozen("worker", "sweep"):
        event = running.tell("email", first, "opt_out", "*")
        current(copy)
        assert not copy.allowed("email", "offers", first)
        assert copy.allowed("email", "service", first)
        assert differences(running, copy, people) == []
    running.settled(event)
    current(copy)
    assert not copy.allowed("email", "offers", first)
    assert copy.allowed("email", "offers", second)
    assert not copy.allowed("email", "offers", new_address()), "an address that was not learned"
    assert not copy.allowed("email", "nothing", second)
    assert not copy.allowed("post", "offers", second)
    old = LocalCopy(str(tmp_path / "copy.db"), max_age=0.0)
    assert not old.allowed("email", "offers", second)
    old.db.close()


def test_a_copy_of_another_history_is_taken_anew(
    running: Instance, copy: LocalCopy, people: dict[str, list[str]]
) -> None:
    current(copy)
    copy.db.execute("UPDATE state SET value = '1-000000000000' WHERE name = 'cursor'")
    with pytest.raises(HTTPError, match="410"):
        copy.step()
    assert not copy.allowed("email", "offers", people["email"][0])
    current(copy)
    assert copy.allowed("email", "offers", people["email"][0])


def test_an_export_that_broke_off_changes_nothing(copy: LocalCopy) -> None:
    current(copy)
    before = copy._rows("SELECT * FROM said")
    rows: list[dict[str, Any]] = [{"type": "suppression.added", "id": "x", "ref": "y", "topic": None, "until": None}]
    for last in ([], [{"error": {"status": 503}}]):
        with pytest.raises((ValueError, LookupError)):
            copy._keep({}, whole(iter(rows + last)), "7-x", 1.0, "DELETE FROM said")
    assert copy._rows("SELECT * FROM said") == before


def test_a_client_that_waits_hears_of_a_change(
    running: Instance, copy: LocalCopy, people: dict[str, list[str]]
) -> None:
    current(copy)
    telling = threading.Timer(0.3, running.tell, ("email", people["email"][0], "opt_out", "*"))
    telling.start()
    until(lambda: copy.step(wait=20) and not copy.allowed("email", "offers", people["email"][0]))
    telling.join()


def test_the_reference_client_is_short_and_needs_nothing_else() -> None:
    lines = (ROOT / "docs" / "examples" / "local_copy.py").read_text().splitlines()
    assert len(lines) < 150
    assert sqlite3.sqlite_version_info >= (3, 22)
