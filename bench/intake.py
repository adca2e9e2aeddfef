"""Signed webhooks that are kept before they are acknowledged, against a view that commits one row."""

import time

import psycopg

from bench import messages
from bench.bare import ROW_BYTES
from bench.client import CONNECTIONS, Load
from bench.figures import Aim, Figure, interleave
from bench.stack import Stack

_SECONDS = 2.5
_MOST = 10_000  # requests signed beforehand for each round
IN_THE_LANE = "/webhooks/sms/bench-insert"
_TABLE = "CREATE TABLE IF NOT EXISTS bench_insert (id uuid PRIMARY KEY, body bytea NOT NULL)"


def measure(stack: Stack) -> Figure:
    """Requests per second."""
    ensure_table(stack)
    with stack.paused():
        for path in (messages.WEBHOOK, "/bench/insert"):
            _rate(stack, path, 0.5)
        ours, against = interleave(lambda: _rate(stack, messages.WEBHOOK), lambda: _rate(stack, "/bench/insert"))
        kept = _pending(stack)
        in_the_lane = _rate(stack, IN_THE_LANE)
    seconds = stack.wait_until_idle()
    beside = _rate(stack, messages.WEBHOOK)
    stack.wait_until_idle()
    note = (
        "Signed Twilio webhooks, all different, pipeline frozen; against the same requests to a plain Django view that "
        f"inserts and commits {ROW_BYTES} bytes under a UUID, same server. {CONNECTIONS} connections. Webhooks pass by "
        f"the middleware for browsers; in that lane the plain view does {in_the_lane:,.0f}/s. The Celery worker and "
        f"the sweep then worked off the {kept:,} rows at {kept / seconds:,.0f}/s. Intake beside the working pipeline: "
        f"{beside:,.0f}/s."
    )
    return Figure("intake", ours, against, "requests/s", "higher", Aim("ratio", 0.7), note)


def ensure_table(stack: Stack) -> None:
    """The table that the bare view writes to."""
    with psycopg.connect(stack.database, autocommit=True) as database:
        database.execute(_TABLE)


def _rate(stack: Stack, path: str, seconds: float = _SECONDS) -> float:
    signed = [messages.stop(stack, path) for _ in range(int(_MOST * seconds / _SECONDS))]
    time.sleep(0.2)  # what the round before left to the disk
    with Load(stack.port) as load:
        return load.rate(iter(signed), seconds)


def _pending(stack: Stack) -> int:
    with psycopg.connect(stack.database) as database:
        row = database.execute("SELECT count(*) FROM consent_inbound WHERE state = 'pending'").fetchone()
    return int(row[0]) if row else 0
