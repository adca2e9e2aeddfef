"""Work off what was received: chunk by chunk, each in one transaction with all that follows from it.

What is killed goes on with the next chunk; what was committed is not done again. A list's versions are worked off one
after the other, each whole before the next.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import NamedTuple
from uuid import UUID

import uuid_utils.compat
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from consent import db, ledger, resolve
from consent.decision import Arrived, Decision, Seen
from consent.ledger import Entry
from consent.models import BadRow, ListChunk, ListVersion
from consent.models.vocabulary import Action, Cause, VersionState
from consent.outside import members
from consent.outside.evidence import keep_evidence, scope_of
from consent.outside.finishing import finish
from consent.outside.receiving import LEASE, packed_rows, rows_in
from consent.outside.rows import Bad, Denied, Read, Reading, read_row

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
MAX_BAD_ROWS = 10_000  # that are kept of a version; the others are counted
_LONGEST_WAIT_SECONDS = 60
_NEVER = datetime.max.replace(tzinfo=UTC)  # a row without a day is as late as can be
Progress = Callable[[ListVersion], None]

# How a cause is written down; a later word of the person's lifts the last one alone.
_ACTIONS = {Cause.LISTED: Action.OBJECT, Cause.DECEASED: Action.INVALIDATE, Cause.CHOICE: Action.WITHDRAW}

_CLAIM = """
WITH next AS (
    SELECT v.id FROM consent_listversion v
    WHERE v.state IN ('received', 'importing', 'dropping') AND v.next_try_at <= %s
      AND (%s::uuid IS NULL OR v.id = %s)
      AND NOT EXISTS (
          SELECT FROM consent_listversion b WHERE b.outside_list_id = v.outside_list_id AND b.number < v.number
             AND b.state IN ('received', 'importing', 'dropping'))
    ORDER BY v.id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE consent_listversion v SET attempts = v.attempts + 1, next_try_at = %s, lease = %s FROM next WHERE v.id = next.id
RETURNING v.id
"""


def drain(seconds: float = 20.0) -> int:
    """Work off what is due until nothing is or the time is up. Return how many rows were worked on."""
    worked, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        lease = claim()
        if lease is None:
            break
        worked += work_on(lease, deadline)
    return worked


def claim(version_id: UUID | None = None) -> UUID | None:
    """Lease the next version that is due, or that one. Committed by itself: the attempt counts even if we die of it."""
    lease, now = uuid_utils.compat.uuid4(), timezone.now()
    return lease if db.fetch(_CLAIM, [now, version_id, version_id, now + LEASE, lease]) else None


def work_on(lease: UUID, deadline: float | None = None, progress: Progress = lambda _: None) -> int:
    """Work off the version under this lease until it is done, waits or fails, or the time is up; count its rows."""
    worked = 0
    while deadline is None or time.monotonic() < deadline:
        version = ListVersion.objects.select_related("outside_list").filter(lease=lease).first()
        if version is None:
            return worked
        if not (rows := _step_or_fail(version)) and version.lease is None:
            return worked
        worked += rows
        progress(version)
    ListVersion.objects.filter(lease=lease).update(lease=None, next_try_at=timezone.now())
    return worked


def _step_or_fail(version: ListVersion) -> int:
    try:
        if version.attempts > MAX_ATTEMPTS:
            raise RuntimeError("no attempt at it ever ended")
        return _step(version)
    except Exception as error:
        # The log and the row get the kind of the error, never a person's data.
        logger.warning("import %s failed (attempt %d): %s", version.pk, version.attempts, type(error).__name__)
        given_up = version.attempts >= MAX_ATTEMPTS
        wait = timedelta(seconds=min(2**version.attempts, _LONGEST_WAIT_SECONDS))
        ListVersion.objects.filter(pk=version.pk, lease=version.lease).update(
            state=VersionState.FAILED if given_up else version.state,
            error=type(error).__name__,
            lease=None,
            next_try_at=timezone.now() + wait,
        )
        version.lease = None
        return 0


def _step(version: ListVersion) -> int:
    chunk = ListChunk.objects.filter(version=version).order_by("place").first()
    if chunk is None:
        finish(version)
        return 0
    packed = packed_rows(chunk.sealed_rows)
    reading, records = _reading(version), rows_in(packed)
    read = [read_row(record, reading) for record in records]
    with transaction.atomic():
        if members.still_ours(version):
            lines = (records[0].line, records[-1].line)
            chunk.delete()
            _take(version, packed, lines, read)
    return len(records)


def _reading(version: ListVersion) -> Reading:
    of = version.outside_list
    return Reading(of.channels, of.cause, of.region, version.columns, len(version.header), version.received_at)


class _Told(NamedTuple):
    """The rows of a chunk by what they are to the list."""

    added: int
    kept: int
    repeated: int
    new: list[tuple[Denied, datetime | None]]


def _take(version: ListVersion, packed: bytes, lines: tuple[int, int], read: Sequence[Read]) -> None:
    """Write all that follows from a chunk; the ledger last, as others wait for it until this is committed."""
    told = _tell(version, read)
    arrived = keep_evidence(version, packed, lines)
    made = Decision("listed", "", tuple(_entries(version, arrived, told.new)), tuple(_seen(told.new)))
    resolve.keep_addresses([(arrived, made)])
    _keep_bad(version, [bad for row in read for bad in row.bad])
    ListVersion.objects.filter(pk=version.pk).update(
        state=VersionState.IMPORTING,
        attempts=0,
        error="",
        next_try_at=timezone.now() + LEASE,
        done=F("done") + len(read),
        added=F("added") + told.added,
        kept=F("kept") + told.kept,
        repeated=F("repeated") + told.repeated,
        bad=F("bad") + sum(bool(row.bad) for row in read),
    )
    ledger.record(made.entries)


def _tell(version: ListVersion, read: Sequence[Read]) -> _Told:
    """Join the chunk's keys to the list. What it named before stays as it was said, and needs no word again."""
    denied = {one.key: one for row in read for one in row.denied}
    before = members.join(version, list(denied.values()))
    new: dict[bytes, tuple[Denied, datetime | None]] = {}
    counts, seen = {"added": 0, "kept": 0, "repeated": 0}, set()
    for row in sorted(read, key=lambda row: row.said_at or _NEVER, reverse=True):
        for one in row.denied:
            if _is_news(version, before.get(one.key), row):
                new.setdefault(one.key, (one, row.said_at))
        first = next((one.key for one in row.denied if one.counts), None)
        if first is not None:
            again = first in seen or before.get(first) == version.number
            counts["repeated" if again else "kept" if first in before else "added"] += 1
            seen.add(first)
    return _Told(**counts, new=list(new.values()))


def _is_news(version: ListVersion, last: int | None, row: Read) -> bool:
    """Whether an entry is to be written down; `last` is the version that named it last. What people said themselves
    they may have said again, after a yes that came in between.
    """
    if last is None:
        return True
    return version.outside_list.cause == Cause.CHOICE and (last < version.number or row.said_at is not None)


def _entries(version: ListVersion, arrived: Arrived, new: Sequence[tuple[Denied, datetime | None]]) -> list[Entry]:
    of = version.outside_list
    said = {"scope": scope_of(of), "action": _ACTIONS[Cause(of.cause)], "cause": of.cause, "sender": of.sender}
    return [
        arrived.entry(place, one.key, channel=one.channel, occurred_at=_occurred_at(version, at), **said)
        for place, (one, at) in enumerate(new)
    ]


def _occurred_at(version: ListVersion, said_at: datetime | None) -> datetime:
    """A register's entry counts from when we had it. A person's own no was said then, or by the list's own day: it
    does not end a yes that came later.
    """
    if version.outside_list.cause != Cause.CHOICE:
        return version.received_at
    return min(said_at or datetime.combine(version.as_of, clock.max, UTC), version.received_at)


def _seen(new: Sequence[tuple[Denied, datetime | None]]) -> list[Seen]:
    """Homes must be found in other spellings too; of others the key is enough, and more is not kept of strangers."""
    return [Seen(one.key, one.channel, one.normal, one.home) for one, _ in new if one.normal]


def _keep_bad(version: ListVersion, found: Sequence[Bad]) -> None:
    room = max(0, MAX_BAD_ROWS - BadRow.objects.filter(version=version).count()) if found else 0
    rows = [BadRow(version=version, **bad._asdict()) for bad in found[:room]]
    BadRow.objects.bulk_create(rows, batch_size=1000)
