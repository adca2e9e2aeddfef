"""Two web nodes, two workers and a streaming replica: what is acknowledged is obeyed at every node, whatever breaks."""

import os
import re
import secrets
import signal
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest
from pytest_django.fixtures import Settings

from config.local import orphans, ports, postgres, processes
from config.local.child import Process
from config.local.postgres import Server
from config.local.supervisor import Supervisor
from consent.replica.link import Link
from consent.replica.position import Position
from tests.instance import PATIENCE, ROOT, Instance, new_number, until
from tests.replication import copy_database, row_of_primary, row_of_replica, url_of

POSITION = """
SELECT (lsn - '0/0'::pg_lsn)::bigint, ('x' || substr(pg_walfile_name(lsn), 1, 8))::bit(32)::bigint,
       (SELECT system_identifier FROM pg_control_system())
FROM pg_current_wal_flush_lsn() AS lsn
"""
AWHILE = 3  # seconds, in which even a busy machine's replica says where it is
STOPS = 600  # more than a batch of the pipeline
LINES_SINCE = """
SELECT count(*), count(DISTINCT i.id) FROM consent_consentevent e JOIN consent_inbound i ON i.id = e.inbound_id
WHERE i.received_at >= %s
"""
NEWEST = "SELECT max(id::text) FROM consent_inbound"


class Nodes:
    """`first` reads from the primary, `second` from its replica; both answer for the same database."""

    def __init__(self, first: Instance, second: Instance, primary: Server, replica: Server) -> None:
        self.first = first
        self.second = second
        self.primary = primary
        self.replica = replica
        self.supervisor = first.supervisor

    def answered_by(self, server: str) -> float:
        """How many checks of the second node a database server answered."""
        text = self.second.outside.get("/metrics").text
        found = re.search(rf'^sayso_checks_read_total{{server="{server}"}} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def has_replica(self) -> bool:
        return bool(self.second.outside.get("/readyz").json()["replica"] == "ok")

    def said_no_at_the_first(self) -> str:
        """A number that has just been acknowledged by the first node."""
        number = new_number()
        assert self.first.generic(number, "STOP").status_code == 200
        return number

    def reasons(self, asked: Mapping[str, object]) -> dict[str, int]:
        """The answers of the second node to many, counted."""
        found: dict[str, int] = self.second.api.post("/v1/check/bulk", json=asked).json()["counts"]["by_reason"]
        return found

    def second_asked_about(self, number: str) -> httpx.Response:
        """The second node's answer, whatever it is, over a connection of its own."""
        asked = {"channel": "sms", "address": number, "topic": "service"}
        return httpx.post(f"{self.second.url}/v1/check", json=asked, headers=self.second.api.headers, timeout=PATIENCE)

    def log(self, name: str) -> str:
        return (self.supervisor.state / "log" / f"{name}.log").read_text()

    @contextmanager
    def replica_frozen(self, only: bytes = b"") -> Iterator[None]:
        """All processes of the replica's, or one of them, by its title, stopped in their tracks."""
        # Each has a session of its own.
        frozen = [pid for pid in postgres.living(self.replica.data) if only in _title(pid)]
        orphans.send(frozen, signal.SIGSTOP)
        try:
            yield
        finally:
            orphans.send(frozen, signal.SIGCONT)


def _title(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.fixture(scope="module")
def nodes(running: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder = tmp_path_factory.mktemp("nodes")
    with Supervisor(folder, os.environ, say=lambda line: None) as supervisor:
        primary, row = row_of_primary(folder, ports.anywhere(), secrets.token_urlsafe(24))
        supervisor.start(row)
        copy_database(primary, running.values["DATABASE_URL"])
        replica, row = row_of_replica(folder, primary)
        supervisor.start(row)
        server, _, number = running.values["REDIS_URL"].rpartition("/")
        values = {**running.values, "DATABASE_URL": url_of(primary), "REDIS_URL": f"{server}/{int(number) + 8}"}
        supervisor.update(values)
        of_replica = {"SAYSO_REPLICA_URL": url_of(replica), "SAYSO_REPLICA_MOST_SECONDS_BEHIND": "2"}
        first = _values_of_node(values, folder, "first")
        second = _values_of_node(values, folder, "second") | of_replica
        supervisor.start(_web(first, "first"), _web(second, "second"), *_workers(values))
        found = Nodes(Instance(first, supervisor), Instance(second, supervisor), primary, replica)
        with supervisor.watching(), closing(found.first), closing(found.second):
            yield found


def _values_of_node(values: Mapping[str, str], folder: Path, name: str) -> dict[str, str]:
    """What each node has of its own: its port, its filter, its counters."""
    own = {"SAYSO_METRICS_DIR": f"{folder}/{name}/metrics", "SAYSO_FILTER_DIR": f"{folder}/{name}/filter"}
    return {**values, **own, "SAYSO_URL": f"http://{ports.HOST}:{ports.anywhere()}"}


def _web(values: dict[str, str], name: str) -> Process:
    port = int(values["SAYSO_URL"].rpartition(":")[2])
    [row] = [row for row in processes.table(ROOT, values, port) if row.name == "web"]
    command = list(row.command)
    command[command.index("--workers") + 1] = "1"
    return replace(row, name=name, command=command, environment=values)


def _workers(values: dict[str, str]) -> Iterator[Process]:
    [row] = [row for row in processes.table(ROOT, values, 0) if row.name == "worker"]
    for name in ("worker-a", "worker-b"):
        yield replace(row, name=name, command=(*row.command, "--concurrency", "1", "-n", f"{name}@%h"))


def test_an_opt_out_at_one_node_denies_at_once_at_the_other_by_the_replica(nodes: Nodes) -> None:
    until(nodes.has_replica)
    before = nodes.answered_by("replica")
    for _ in range(20):
        assert nodes.second.check("sms", nodes.said_no_at_the_first(), "service")["allowed"] is False
    assert nodes.second.check("sms", new_number(), "service")["allowed"] is True
    assert nodes.answered_by("replica") - before == 21


def test_two_workers_share_the_work_and_double_nothing(nodes: Nodes) -> None:
    [[began]] = nodes.first.query("SELECT now()")
    with nodes.first.frozen("worker-a", "worker-b"), ThreadPoolExecutor(4) as several:
        numbers = list(several.map(lambda _: nodes.said_no_at_the_first(), range(STOPS)))
        read = {name: len(nodes.log(name)) for name in ("worker-a", "worker-b")}
    asked = {"channel": "sms", "topic": "service", "addresses": numbers}
    until(lambda: nodes.reasons(asked) == {"opted_out": STOPS})
    assert nodes.first.query(LINES_SINCE, began) == [(STOPS, STOPS)]
    assert nodes.first.query("SELECT count(*) - max(seq) FROM consent_consentevent") == [(0,)]
    until(lambda: all("consent.drain" in nodes.log(name)[start:] for name, start in read.items()))  # both took part


def test_a_replica_that_stands_still_is_not_believed(nodes: Nodes) -> None:
    """It answers, and would say "allowed": the primary is asked instead. Afterwards it serves again."""
    until(nodes.has_replica)
    with nodes.replica_frozen(b"startup"):  # the one that replays the log
        number = nodes.said_no_at_the_first()
        with psycopg.connect(url_of(nodes.replica)) as behind:
            known = behind.execute(NEWEST).fetchall()
        assert known != nodes.first.query(NEWEST), "the replica knows of it"
        assert nodes.second.check("sms", number, "service")["allowed"] is False
        assert not nodes.has_replica()
    until(nodes.has_replica)
    before = nodes.answered_by("replica")
    assert nodes.second.check("sms", number, "service")["allowed"] is False
    assert nodes.answered_by("replica") == before + 1


def test_a_frozen_replica_costs_a_moment_and_a_killed_one_nothing(nodes: Nodes) -> None:
    """Whether it is frozen before or after it proved what it knows."""
    until(nodes.has_replica)
    number = nodes.said_no_at_the_first()
    assert nodes.second.check("sms", number, "service")["allowed"] is False
    with nodes.replica_frozen():
        assert nodes.second.check("sms", number, "service")["allowed"] is False
    until(nodes.has_replica)
    with nodes.replica_frozen():
        for _ in range(5):
            assert nodes.second.check("sms", nodes.said_no_at_the_first(), "service")["allowed"] is False
    until(nodes.has_replica)
    nodes.first.kill("replica")
    for _ in range(20):
        assert nodes.second.check("sms", nodes.said_no_at_the_first(), "service")["allowed"] is False
    until(nodes.has_replica)


def test_without_the_primary_the_replica_alone_says_nothing(nodes: Nodes) -> None:
    """It cannot know what was acknowledged since: 503, and no answer."""
    until(nodes.has_replica)
    number = nodes.said_no_at_the_first()
    nodes.first.kill("primary")
    answers = [nodes.second_asked_about(number)]
    while answers[-1].status_code != httpx.codes.OK:  # it is started again
        answers.append(nodes.second_asked_about(number))
    assert {(answer.status_code, answer.json().get("allowed")) for answer in answers} == {(503, None), (200, False)}


def test_a_position_in_another_log_is_never_reached(nodes: Nodes, settings: Settings) -> None:
    """Not in another server's, nor in one that began with a promotion; and who is promoted is a replica no more."""
    settings.SAYSO_REPLICA_URL = url_of(nodes.replica)
    [[lsn, timeline, system]] = nodes.first.query(POSITION)
    here, link = Position(system, timeline, lsn), Link()
    assert link.has(here, PATIENCE)
    elsewhere = here._replace(system=system + 1), here._replace(timeline=timeline + 1)
    assert not any(link.has(other, PATIENCE) for other in elsewhere)  # said at once
    assert not link.has(here._replace(lsn=lsn + 2**30), AWHILE)
    link.close()

    with tempfile.TemporaryDirectory() as folder, Supervisor(Path(folder), os.environ) as supervisor:
        server, row = row_of_replica(Path(folder), nodes.primary)
        supervisor.start(row)
        settings.SAYSO_REPLICA_URL = url_of(server)
        link = Link()
        assert link.has(here, PATIENCE)
        postgres.run(server, (server.program("pg_ctl"), "promote", "-D", str(server.data)))
        link.close()
        link = Link()
        assert not link.has(here, PATIENCE)
        link.close()
