"""The pipeline on a full inbox, against the bare writing of the rows that it results in."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from bench import messages
from bench.client import Load
from bench.figures import Aim, BenchError, Figure, interleave
from bench.stack import Stack
from consent import pipeline

EVENTS = 5_000  # a round
_COPIES = ("consent_consentevent", "consent_suppression", "consent_contactpoint", "consent_inbound")
_DONE = "UPDATE bench_inbound SET state = 'done', outcome = 'opt_out', done_at = now() WHERE id = ANY(%s)"
_PENDING = "SELECT * FROM consent_inbound WHERE state = 'pending'"
Database = psycopg.Connection[tuple[Any, ...]]


class Rows(NamedTuple):
    """Rows of a table, and how to COPY them."""

    statement: str
    types: list[int]
    rows: Sequence[tuple[Any, ...]]

    def part(self, start: int) -> Sequence[tuple[Any, ...]]:
        return self.rows[start : start + pipeline.BATCH]


def measure(stack: Stack) -> Figure:
    """Events per second."""
    with stack.paused(), psycopg.connect(stack.database, autocommit=True) as database:
        for table in _COPIES:
            database.execute(f"CREATE TABLE {_copy(table)} (LIKE {table} INCLUDING ALL)")
        # An index that holds a million random keys already costs more to add to.
        database.execute("INSERT INTO bench_suppression SELECT * FROM consent_suppression")
        run = Run(stack, database)
        run.ours()
        ours, against = interleave(run.ours, run.against)
    note = (
        f"The Celery worker (two processes) on {EVENTS:,} requests that the web has kept: STOP by Twilio, a tenth "
        "opt-outs by API or link; against one connection that writes the same ledger lines, suppressions and contact "
        f"points by COPY and updates the inbound rows, {pipeline.BATCH} at a time, same indexes."
    )
    return Figure("drain", ours, against, "events/s", "higher", Aim("ours", 8_000), note)


class Run:
    """Rounds of both sides: the second writes again what the first one has just made."""

    def __init__(self, stack: Stack, database: Database) -> None:
        self._stack = stack
        self._database = database
        self._last = 0

    def ours(self) -> float:
        said = messages.mixed(self._stack, EVENTS)
        with Load(self._stack.port) as load:
            load.rate(iter([one.telling for one in said]), 120)
        self._last = self._number("SELECT seq FROM consent_ledgerhead")
        self._database.execute(f"INSERT INTO bench_inbound {_PENDING}")
        with self._stack.woken("worker"):
            seconds = self._stack.wait_until_idle()
        made = self._number("SELECT seq FROM consent_ledgerhead") - self._last
        if made != EVENTS:
            raise BenchError(f"{made} events of {EVENTS}")
        return EVENTS / seconds

    def against(self) -> float:
        new = f"FROM consent_consentevent WHERE seq > {self._last}"
        tables = [
            self._rows("consent_consentevent", f"SELECT * {new} ORDER BY seq"),
            self._rows("consent_suppression", f"SELECT * FROM consent_suppression WHERE event_id IN (SELECT id {new})"),
            self._rows("consent_contactpoint", f"SELECT * FROM consent_contactpoint WHERE key IN (SELECT key {new})"),
        ]
        inbound = [row[0] for row in self._database.execute(f"SELECT inbound_id {new} ORDER BY seq")]
        began = time.perf_counter()
        for start in range(0, EVENTS, pipeline.BATCH):
            self._write(tables, inbound[start : start + pipeline.BATCH], start)
        return EVENTS / (time.perf_counter() - began)

    def _write(self, tables: Sequence[Rows], inbound: Sequence[Any], start: int) -> None:
        with self._database.transaction(), self._database.cursor() as cursor:
            for table in tables:
                with cursor.copy(table.statement) as copy:
                    copy.set_types(table.types)
                    for row in table.part(start):
                        copy.write_row(row)
            cursor.execute(_DONE, [inbound], binary=True)

    def _rows(self, table: str, sql: str) -> Rows:
        with self._database.cursor(binary=True) as cursor:
            rows = cursor.execute(sql).fetchall()
            columns = cursor.description or []
        names = ", ".join(column.name for column in columns)
        return Rows(
            f"COPY {_copy(table)} ({names}) FROM STDIN (FORMAT BINARY)", [column.type_code for column in columns], rows
        )

    def _number(self, sql: str) -> int:
        row = self._database.execute(sql).fetchone()
        return int(row[0]) if row else 0


def _copy(table: str) -> str:
    return table.replace("consent_", "bench_")
