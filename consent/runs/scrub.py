"""The scrub: each row of a run's file is checked, its verdict written behind it, and what may be printed is noted.

A run is leased and worked off in batches. Each batch is one transaction: verdicts, pieces, the part of the result, and
how far the run has come. A process that dies leaves the rest to another one; a look-up that fails fails the batch, and
a run whose batches fail is failed: nothing is ever allowed for want of an answer.
"""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import uuid_utils.compat
from django.db import transaction
from django.utils import timezone

from consent import configuration, db, doorbell, status
from consent.models import MailRun
from consent.models.mail_run import ChunkKind, RunState
from consent.near import wanted
from consent.runs import addressed
from consent.runs.addressed import Group
from consent.runs.columns import NEW
from consent.runs.creating import HEAD_START
from consent.runs.files import file_from, keep_part, result_parts
from consent.runs.layout import Layout, head_of, layout_of
from consent.runs.retention import empty_run, forget_old
from consent.runs.rows import Place, Row, fitting, read_rows, with_cells
from consent.status import INVALID_ADDRESS, Verdict

logger = logging.getLogger(__name__)

BATCH_ROWS = 1_000
BATCH_BYTES = 1_000_000
LEASE = timedelta(seconds=60)  # renewed with every batch
MAX_ATTEMPTS = 6  # without a batch in between
_LONGEST_WAIT_SECONDS = 60
MAX_UNREADABLE = 100
Progress = Callable[[MailRun], None]
_PIECE_COLUMNS = ("run_id", "row", "line", "keys", "forms")
_PIECE_TYPES = ("uuid", "int8", "int8", "uuid[]", "uuid[]")


class LeaseLost(Exception):
    """Another process has taken the run over, or it was cancelled."""


class Checked(NamedTuple):
    """A row with its addressees and its verdict."""

    row: Row
    group: Group
    verdict: Verdict


def drain(seconds: float = 20.0, grace: timedelta = timedelta()) -> int:
    """Scrub what waits until nothing does, or the time is up. Return how many runs were worked on.

    With `grace`, only what nobody has taken for that long.
    """
    worked, deadline = 0, time.monotonic() + seconds
    while run_id := _claim("TRUE", [], grace):
        _work(run_id, deadline)
        worked += 1
        if time.monotonic() >= deadline:
            break
    forget_old()
    return worked


def scrub_now(run_id: UUID, progress: Progress) -> None:
    """Scrub one run to its end in this process, unless another one has it in hand. What fails is left to the worker."""
    if _claim("id = %s AND lease IS NULL", [run_id], -HEAD_START):
        _work(run_id, None, progress)


_CLAIM = """
WITH next AS (
    SELECT id FROM consent_mailrun WHERE state IN ('pending', 'scrubbing') AND next_try_at <= %s AND {which}
    ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE consent_mailrun r SET attempts = r.attempts + 1, next_try_at = %s, lease = %s, state = 'scrubbing'
FROM next WHERE r.id = next.id RETURNING r.id
"""


def _claim(which: str, params: Sequence[object], grace: timedelta = timedelta()) -> UUID | None:
    """Lease a run to this process. Committed by itself: the attempt counts even if the process dies of it."""
    now = timezone.now()
    rows = db.fetch(_CLAIM.format(which=which), [now - grace, *params, now + LEASE, uuid_utils.compat.uuid4()])
    return rows[0][0] if rows else None


def _work(run_id: UUID, deadline: float | None, progress: Progress = lambda _: None) -> None:
    run = MailRun.objects.get(pk=run_id)
    try:
        if run.attempts > MAX_ATTEMPTS:
            _settle(run, state=RunState.FAILED, error=run.error or "interrupted")
            return
        if run.checked_at is None:
            _begin(run)
        if _advance(run, deadline, progress):
            _finish(run)
        else:
            _settle(run, next_try_at=timezone.now())
            doorbell.ring_runs()
    except LeaseLost:
        logger.info("mail run %s is no longer ours", run_id)
    except Exception as error:
        _failed(run, error)


def _settle(run: MailRun, **values: Any) -> None:
    """Let go of a run, unless another process has taken it over."""
    MailRun.objects.filter(pk=run.pk, lease=run.lease, state=RunState.SCRUBBING).update(lease=None, **values)


def _failed(run: MailRun, error: Exception) -> None:
    """Try again later, or give up. The log and the row get the kind of the error, never what a row holds."""
    logger.warning("mail run %s failed (attempt %d): %s", run.pk, run.attempts, type(error).__name__)
    given_up = run.attempts >= MAX_ATTEMPTS or isinstance(error, status.Unknown)
    wait = timedelta(seconds=min(2**run.attempts, _LONGEST_WAIT_SECONDS))
    state = RunState.FAILED if given_up else RunState.SCRUBBING
    _settle(run, state=state, error=type(error).__name__, next_try_at=timezone.now() + wait)


def _begin(run: MailRun) -> None:
    """Stamp the run: whatever the ledger holds by now will have counted. An earlier result goes."""
    empty_run(run.pk, with_file=False)
    layout = layout_of(run.layout)
    [[run.ledger_seq]] = db.fetch("SELECT seq FROM consent_ledgerhead")
    run.configuration_version = configuration.current_version()
    run.checked_at = timezone.now()
    run.done_bytes, run.done_lines, run.done_rows = layout.beginning
    with transaction.atomic():
        _renew(run)
        keep_part(run.pk, ChunkKind.RESULT, 0, _header(run.pk, layout))


def _header(run_id: UUID, layout: Layout) -> bytes:
    [header] = read_rows([head_of(file_from(run_id))[: layout.header_bytes]], layout.delimiter)
    return with_cells(header, layout.width, layout.delimiter, NEW, layout.line_end.encode())


_PROGRESS = ("checked_at", "configuration_version", "ledger_seq", "done_bytes", "done_lines", "done_rows", "counts")


def _renew(run: MailRun) -> None:
    """Write how far a run has come, within the caller's transaction. Raise `LeaseLost`."""
    values = {name: getattr(run, name) for name in (*_PROGRESS, "unreadable")}
    ours = MailRun.objects.filter(pk=run.pk, lease=run.lease, state=RunState.SCRUBBING)
    if not ours.update(**values, attempts=0, error="", next_try_at=timezone.now() + LEASE):
        raise LeaseLost
    run.attempts = 0


def _advance(run: MailRun, deadline: float | None, progress: Progress) -> bool:
    """Scrub batch after batch. Return whether the file's end was reached."""
    layout = layout_of(run.layout)
    place = Place(run.done_bytes, run.done_lines, run.done_rows)
    [[number]] = db.fetch(
        "SELECT max(number) FROM consent_mailrunchunk WHERE run_id = %s AND kind = 'result'", [run.pk]
    )
    for batch in _batches(read_rows(file_from(run.pk, place.offset), layout.delimiter, place)):
        number += 1
        _keep(run, layout, number, batch)
        progress(run)
        if deadline is not None and time.monotonic() >= deadline:
            return False
    return True


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.raw)
        if len(batch) == BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _keep(run: MailRun, layout: Layout, number: int, batch: list[Row]) -> None:
    now = timezone.now()
    checked = _check(run, layout, batch, now)
    run.done_bytes, run.done_lines, run.done_rows = batch[-1].place
    run.counts = _added(run.counts, checked)
    bad = [one.row.line for one in checked if not one.group]
    run.unreadable = [*run.unreadable, *bad][:MAX_UNREADABLE]
    pieces = [
        (run.pk, one.row.number, one.row.line, list(addressed.keys_of(one.group)), addressed.forms_of(one.group))
        for one in checked
        if one.verdict.allowed
    ]
    with transaction.atomic():
        _renew(run)
        keep_part(run.pk, ChunkKind.RESULT, number, _written(checked, layout, now), batch[0].number)
        db.copy_rows("consent_mailpiece", _PIECE_COLUMNS, _PIECE_TYPES, pieces)


def _check(run: MailRun, layout: Layout, batch: Sequence[Row], now: datetime) -> list[Checked]:
    groups = addressed.groups_of([_cells(row, layout) for row in batch], layout, run.country)
    topic = configuration.recent().topics.get(run.topic_id)
    if topic is None:
        raise status.UnknownTopic(run.topic_id)
    valid = [group for group in groups if group]
    keys, near = [addressed.keys_of(group) for group in valid], wanted(addressed.near_of_groups(valid))
    _, verdicts = status.check_many(run.controller_id, topic.slug, "post", keys, now, near=near)
    answered = iter(verdicts)
    return [
        Checked(row, group, next(answered) if group else INVALID_ADDRESS)
        for row, group in zip(batch, groups, strict=True)
    ]


def _cells(row: Row, layout: Layout) -> list[str]:
    """A row's cells; none where they cannot be told to be in their columns."""
    return fitting(row.cells, layout.width) if row.cells is not None else []


def _added(counts: dict[str, Any], checked: Sequence[Checked]) -> dict[str, Any]:
    by_reason = Counter(counts.get("by_reason", {})) + Counter(one.verdict.reason for one in checked)
    allowed = sum(one.verdict.allowed for one in checked)
    return {
        "allowed": counts.get("allowed", 0) + allowed,
        "denied": counts.get("denied", 0) + len(checked) - allowed,
        "by_reason": dict(by_reason),
    }


def _written(checked: Sequence[Checked], layout: Layout, now: datetime) -> bytes:
    moment = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    line_end = layout.line_end.encode()
    said = {True: "true", False: "false"}
    return b"".join(
        with_cells(
            one.row, layout.width, layout.delimiter, (said[one.verdict.allowed], one.verdict.reason, moment), line_end
        )
        for one in checked
    )


def _finish(run: MailRun) -> None:
    """The digest of the whole result is the run's receipt."""
    digest, size = hashlib.sha256(), 0
    for part in result_parts(run.pk):
        digest.update(part)
        size += len(part)
    _settle(
        run,
        state=RunState.READY,
        scrubbed_at=timezone.now(),
        result_bytes=size,
        result_digest=digest.digest(),
        error="",
    )
