"""The feed read by one client, against the rate that we want; with it the export, and how soon a change is told."""

import json
import re
import statistics
import threading
import time
from typing import Any

import psycopg

from bench import messages, suppressed
from bench.client import Connection, request, require_success
from bench.export import export
from bench.figures import Aim, BenchError, Figure, median
from bench.stack import Stack

AIM = 50_000.0  # changes a second
CHANGES = 300_000
ROUNDS = 5
_TELLINGS = 30
_PAGE = 10_000
_END = re.compile(rb'"next":"([^"]+)","more":(true|false)')  # reading all of it would cost more than making it
_FILL = """
INSERT INTO consent_change (seq, recorded_at, kind, key, controller_id, since, event_id, channel, cause, sender,
                            sender_only, notice_slug)
SELECT head.change_seq + number, now(), 'suppression.added', gen_random_uuid(), %s, now(), gen_random_uuid(), 'email',
       'choice', '', false, ''
FROM consent_ledgerhead head, generate_series(1, %s) AS number
"""


def measure(stack: Stack) -> Figure:
    """Changes per second."""
    suppressed.fill(stack)
    start = _current(stack, "0")["next"]
    with psycopg.connect(stack.database, autocommit=True) as database:
        database.execute(_FILL, [messages.controller_id(), CHANGES])
        database.execute("UPDATE consent_ledgerhead SET change_seq = change_seq + %s", [CHANGES])
        database.execute("VACUUM ANALYZE consent_change")
    rate = median(_read(stack, start) for _ in range(ROUNDS))
    exported, grown = export(stack, suppressed.COUNT)
    soon = _soon(stack, start)
    note = (
        f"GET /v1/suppressions/changes, {CHANGES:,} in pages of {_PAGE:,} over one connection; against the limit. A "
        f"client that waits is told of an opt-out {statistics.median(soon):.0f} ms after its 202 (the slowest of "
        f"{_TELLINGS}: {max(soon):.0f} ms). GET /v1/suppressions/export as NDJSON: {exported:,.0f} rows/s of "
        f"{suppressed.COUNT:,}, the web's largest process growing by {grown:.0f} MB at its most."
    )
    return Figure("feed", rate, AIM, "changes/s", "higher", Aim("ours", AIM), note)


def _bearer(stack: Stack) -> str:
    return f"Bearer {stack.values['SAYSO_API_KEY']}"


def _get(stack: Stack, path: str) -> Any:
    connection = Connection(stack.port)
    answer = connection.ask(request("GET", path, Authorization=_bearer(stack)))
    require_success(answer)
    connection.close()
    return json.loads(answer.body)


def _read(stack: Stack, cursor: str) -> float:
    connection, count, more = Connection(stack.port), 0, True
    began = time.perf_counter()
    while more:
        path = f"/v1/suppressions/changes?limit={_PAGE}&cursor={cursor}"
        answer = connection.ask(request("GET", path, Authorization=_bearer(stack)))
        require_success(answer)
        count += answer.body.count(b'"ref":')
        [(last, said)] = _END.findall(answer.body)
        cursor, more = last.decode(), said == b"true"
    seconds = time.perf_counter() - began
    connection.close()
    if count < CHANGES:
        raise BenchError(f"{count} changes of {CHANGES}")
    return count / seconds


def _soon(stack: Stack, cursor: str) -> list[float]:
    """Milliseconds from the 202 of an opt-out until a client that waits has it."""
    known = _current(stack, cursor)
    found = []
    for _ in range(_TELLINGS):
        told: list[float] = []
        teller = threading.Timer(0.15, _tell, (stack, told))
        teller.start()
        known = _waited(stack, known)
        while not known["results"]:  # what is told first is that it is held
            known = _waited(stack, known)
        arrived = time.perf_counter()
        teller.join()
        found.append((arrived - told[0]) * 1000)
    return found


def _current(stack: Stack, cursor: str) -> Any:
    page = _get(stack, f"/v1/suppressions/changes?limit={_PAGE}&cursor={cursor}")
    return _current(stack, page["next"]) if page["more"] else page


def _waited(stack: Stack, known: Any) -> Any:
    versions = f"held={known['held']['version']}&rules={known['rules']['version']}"
    return _get(stack, f"/v1/suppressions/changes?wait=20&cursor={known['next']}&{versions}")


def _tell(stack: Stack, told: list[float]) -> None:
    connection = Connection(stack.port)
    require_success(connection.ask(messages.by_api(stack).telling))
    told.append(time.perf_counter())
    connection.close()
