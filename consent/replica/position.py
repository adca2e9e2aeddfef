"""How far the primary's log had come at a moment: what a replica must have replayed to know all that was known then.

A 2xx is sent after its commit's record was flushed. So a position asked for after a check had arrived is behind all
that had been acknowledged by then.
"""

import threading
from collections.abc import Callable
from typing import NamedTuple

from django.db import OperationalError, connection

from consent import db
from consent.prepared import Statement


class Position(NamedTuple):
    """A place in a primary's log. `system` and `timeline` say in which one: numbers of different logs say nothing."""

    system: int
    timeline: int
    lsn: int  # bytes


# The timeline is the first eight digits of a log file's name: what pg_control has is that of the last checkpoint.
_FLUSHED = Statement(
    "sayso_flushed",
    """
SELECT (lsn - '0/0'::pg_lsn)::bigint, ('x' || substr(pg_walfile_name(lsn), 1, 8))::bit(32)::bigint
FROM pg_current_wal_flush_lsn() AS lsn
""",
    {},
)
SYSTEM = "SELECT system_identifier FROM pg_control_system()"
_KEPT = "_sayso_system"  # on Django's connection: with which server it is


def ask() -> Position:
    """Where the primary is. Raises Django's database errors, also where the server asked is no primary."""
    while True:
        system = _system()
        asked_by = connection.connection
        [[lsn, timeline]] = _FLUSHED.fetch_here({})
        if connection.connection is asked_by:
            return Position(system, timeline, lsn)


def _system() -> int:
    """The system identifier of the server, read once a connection: it is kept in a file."""
    known: tuple[object, int] | None = getattr(connection, _KEPT, None)
    if known is None or known[0] is not connection.connection:
        [[system]] = db.fetch_again(SYSTEM)
        known = (connection.connection, system)
        setattr(connection, _KEPT, known)
    return known[1]


class _Round:
    """One question to the primary, for all who had come before it was put."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.is_over = False


class Positions:
    """Positions for many threads at once, who share a question.

    Who comes while one is under way shares the next: the answer to this one may be older than what was acknowledged to
    them.
    """

    def __init__(self, ask: Callable[[], Position] = ask) -> None:
        self._ask = ask
        self._changed = threading.Condition()
        self._is_asking = False
        self._next: _Round | None = None

    def newest(self) -> Position:
        """A position that was asked for after this was called. Raises Django's database errors."""
        with self._changed:
            mine = self._next = self._next or _Round()
            while self._is_asking and not mine.is_over:
                self._changed.wait()
            if not mine.is_over:
                self._is_asking, self._next = True, None
                asks = True
            else:
                asks = False
        if asks:
            self._put(mine)
        if mine.position is None:
            raise OperationalError("the primary did not say how far it is")
        return mine.position

    def _put(self, mine: _Round) -> None:
        try:
            mine.position = self._ask()
        finally:
            with self._changed:
                mine.is_over, self._is_asking = True, False
                self._changed.notify_all()
