"""A thread's connection to the replica. Nothing here waits longer than it may: a frozen server takes what it is sent,
and never answers.
"""

import select
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from django.conf import settings
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult

from consent import db
from consent.prepared import Prepared, Statement
from consent.replica.position import SYSTEM, Position

_CONNECT_SECONDS = 2  # the least that the driver knows
_SILENCE_SECONDS = 1.0  # after which a replica is asked whether it lives, though it has all that is needed
_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 0.0005, 0.02  # between looks at a replica that is a little behind

# In this order: a timeline read after the position is that of the position, or a later one that goes on from there.
_REPLAYED = Statement(
    "sayso_replayed",
    """
SELECT pg_is_in_recovery(), (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint,
       (pg_control_recovery()).min_recovery_end_timeline
""",
    {},
)
_SYSTEM = Statement("sayso_system", SYSTEM, {})


class Link:
    """A connection to the replica. Raises `psycopg.Error` where there is none."""

    def __init__(self) -> None:
        options = settings.DATABASES["default"]["OPTIONS"]["options"]
        self._raw: psycopg.Connection[db.Row] = psycopg.connect(
            settings.SAYSO_REPLICA_URL,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            options=f"{options} -c timezone=UTC",
        )
        self._pgconn = self._raw.pgconn
        self._pgconn.nonblocking = 1
        self._poll = select.poll()
        self._prepared = Prepared(self._raw)
        self._seen: tuple[int, int] = (0, 0)  # timeline, position
        self._heard_at = self._deadline = 0.0
        try:
            [[self.system]] = self.answer(_SYSTEM, {}, _CONNECT_SECONDS)
        except psycopg.Error:
            self._raw.close()
            raise

    @property
    def is_usable(self) -> bool:
        """Whether another statement may be sent."""
        return not self._raw.closed and self._pgconn.transaction_status == TransactionStatus.IDLE

    def close(self) -> None:
        self._raw.close()

    def has(self, position: Position, seconds: float) -> bool:
        """Whether the replica has replayed a position, or does within so many seconds. Raises `psycopg.Error`."""
        if position.system != self.system:
            return False
        if self._has_seen(position) and time.monotonic() - self._heard_at < _SILENCE_SECONDS:
            return True
        deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE_SECONDS
        while self._look(position.timeline, max(deadline - time.monotonic(), _FIRST_PAUSE_SECONDS)):
            if self._has_seen(position):
                return True
            if time.monotonic() + pause > deadline:
                return False
            time.sleep(pause)
            pause = min(2 * pause, _LAST_PAUSE_SECONDS)
        return False

    def _has_seen(self, position: Position) -> bool:
        timeline, lsn = self._seen
        return timeline == position.timeline and lsn >= position.lsn

    def _look(self, timeline: int, seconds: float) -> bool:
        """See how far the replica is. False where it is none any more, or of another history than the primary."""
        [[is_replica, lsn, its_timeline]] = self.answer(_REPLAYED, {}, seconds)
        if not is_replica or lsn is None or its_timeline != timeline:
            return False
        self._seen = (timeline, lsn)
        return True

    def answer(self, statement: Statement, values: Mapping[str, Any], seconds: float) -> list[db.Row]:
        """The rows of a statement. Raises `psycopg.Error`; after a time-out the connection is of no use any more."""
        self._deadline = time.monotonic() + seconds
        rows = statement.fetch_by(self._prepared, self._prepare, self._execute, values)
        self._heard_at = time.monotonic()
        return rows

    def _prepare(self, name: bytes, sql: bytes, types: Sequence[int]) -> PGresult:
        self._pgconn.send_prepare(name, sql, types)
        return self._result()

    def _execute(self, name: bytes, values: Sequence[Any], formats: Sequence[int], result_format: int) -> PGresult:
        self._pgconn.send_query_prepared(name, values, formats, result_format)
        return self._result()

    def _result(self) -> PGresult:
        pgconn = self._pgconn
        results: list[PGresult] = []
        self._wait_while(lambda: pgconn.flush() != 0, select.POLLIN | select.POLLOUT)
        while True:
            self._wait_while(lambda: pgconn.is_busy() != 0, select.POLLIN)
            result = pgconn.get_result()
            if result is None:
                return results[-1]
            results.append(result)

    def _wait_while(self, condition: Callable[[], bool], events: int) -> None:
        while condition():
            left = self._deadline - time.monotonic()
            self._poll.register(self._pgconn.socket, events)
            if left <= 0 or not self._poll.poll(left * 1000):
                self._raw.close()
                raise psycopg.OperationalError("the replica did not answer in time")
            self._pgconn.consume_input()
