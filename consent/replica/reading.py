"""Whether a check is answered by the replica: by one that has proved, after the check had come, that it lacks nothing.

Where it cannot prove that, the primary answers; where the primary does not say how far it is, nobody does, and the
check is a 503.
"""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, connections

from consent import db
from consent.metrics import checks_read
from consent.prepared import Statement, elsewhere
from consent.replica.link import Link
from consent.replica.position import Position, Positions

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 2.0  # for one statement of a check; then the primary is asked
_REST_SECONDS = 1.0  # between looks at a replica that is away

_positions = Positions()


class _Replica:
    """What this process knows of the replica: whether it may be asked, and since when without a break."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_ready = False
        self._looks: threading.Thread | None = None
        self.times_back = 0  # links made before it was last away are not used again

    def is_ready(self) -> bool:
        """Whether checks may turn to it. Where not, a thread looks after it."""
        if not self._is_ready and (self._looks is None or not self._looks.is_alive()):
            with self._lock:
                if self._looks is None or not self._looks.is_alive():
                    self._looks = threading.Thread(target=self._look_after, name="replica", daemon=True)
                    self._looks.start()
        return self._is_ready

    def is_away(self, why: object) -> None:
        """Leave it alone until it was seen to be well."""
        with self._lock:
            was_ready, self._is_ready = self._is_ready, False
        if was_ready:
            logger.warning("checks are answered by the primary: the replica is away (%s)", why)

    def _look_after(self) -> None:
        while not _is_well():
            time.sleep(_REST_SECONDS)
        with self._lock:
            self.times_back += 1
            self._is_ready = True
        logger.info("checks are answered by the replica")


def _is_well() -> bool:
    link = None
    try:
        position = _positions.newest()
        link = Link()
        return link.has(position, settings.SAYSO_REPLICA_MOST_SECONDS_BEHIND)
    except (psycopg.Error, DatabaseError):
        return False
    finally:
        if link is not None:
            link.close()
        connections.close_all()  # this thread's: it may not look again for days


class _Mine(threading.local):
    """The thread's own link."""

    link: Link | None = None
    made = 0


_replica = _Replica()
_mine = _Mine()
_PRIMARY: AbstractContextManager[None] = nullcontext()


def reading() -> AbstractContextManager[None]:
    """Within it this thread's prepared statements are answered by the replica, if there is one that may.

    Raises Django's database errors on entry where the primary cannot be asked.
    """
    return _Reading() if settings.SAYSO_REPLICA_URL else _PRIMARY


def state() -> str | None:
    """`ok` or `away`; None where there is no replica."""
    if not settings.SAYSO_REPLICA_URL:
        return None
    return "ok" if _replica.is_ready() else "away"


class _Reading:
    """One check, or some that are asked together."""

    def __enter__(self) -> None:
        # In a transaction a reader expects its own writes.
        if connection.in_atomic_block or not _replica.is_ready():
            return
        if _is_proven(_positions.newest()):
            elsewhere.answer = _answer

    def __exit__(self, *_: object) -> None:
        server = "primary" if elsewhere.answer is None else "replica"
        elsewhere.answer = None
        with suppress(OSError):  # a full disk
            checks_read.labels(server).inc()


def _is_proven(position: Position) -> bool:
    """Whether this thread's link is to a server that has replayed the position."""
    try:
        if _link().has(position, settings.SAYSO_REPLICA_MOST_SECONDS_BEHIND):
            return True
        why: object = "behind, or of another history"
    except psycopg.Error as error:
        why = error
    _drop(why)
    return False


def _link() -> Link:
    if _mine.link is None or _mine.made != _replica.times_back:
        if _mine.link is not None:
            _mine.link.close()
            _mine.link = None
        made = _replica.times_back
        _mine.link, _mine.made = Link(), made
    return _mine.link


def _drop(why: object) -> None:
    if _mine.link is not None:
        _mine.link.close()
        _mine.link = None
    _replica.is_away(why)


def _answer(statement: Statement, values: Mapping[str, Any]) -> list[db.Row] | None:
    """The replica's rows. None, and the primary for the rest of the check, where it fails."""
    link = _mine.link
    if link is None:
        return None
    try:
        return link.answer(statement, values, _ANSWER_SECONDS)
    except psycopg.Error as error:
        elsewhere.answer = None
        if not link.is_usable:  # it may also have put off a statement for the sake of what it must replay
            _drop(error)
        return None
