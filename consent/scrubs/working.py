"""Scrubbing: a file is leased and worked off block by block. Each block is one transaction: its verdicts, and how far
it has come. A process that dies leaves the rest to another one; a look-up that fails fails the block, and a scrub whose
blocks fail is failed: nothing is ever allowed for want of an answer.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import uuid_utils.compat
from django.db import transaction
from django.utils import timezone

from consent import configuration, db, doorbell, status
from consent.models import Scrub
from consent.models.scrub import ScrubState
from consent.scrubs.checking import Checked, checked_blocks, rules_of, topic_of
from consent.scrubs.creating import kept_for
from consent.scrubs.cuttings import Question
from consent.scrubs.files import table_between, table_from
from consent.scrubs.layout import layout_of
from consent.scrubs.reasons import ALLOWED, INVALID, counts_of
from consent.scrubs.receipts import added
from consent.scrubs.results import header_of, rendered_rows, result_parts, without_line_end
from consent.scrubs.retention import forget_old
from consent.tables.cutting import whole_blocks

logger = logging.getLogger(__name__)

BLOCK_BYTES = {"email": 1_500_000, "sms": 1_500_000, "post": 100_000}
SLICE_SECONDS = 3.0  # of one file, while others wait
LEASE = timedelta(seconds=60)  # renewed with every block
MAX_ATTEMPTS = 6  # without a block in between
MAX_UNREADABLE = 100
_RENEWED_PARTS = 50  # read again for the digest, until the lease is renewed
_LONGEST_WAIT_SECONDS = 60
Progress = Callable[[Scrub], None]


class LeaseLost(Exception):
    """Another process has taken the scrub over, or it was cancelled."""


def drain(seconds: float = 20.0, grace: timedelta = timedelta()) -> int:
    """Work off what waits until nothing does, or the time is up. Return how many turns were taken.

    With `grace`, only what nobody has taken for that long.
    """
    turns, deadline = 0, time.monotonic() + seconds
    while scrub_id := _claim(grace):
        _work(scrub_id, deadline)
        turns += 1
        if time.monotonic() >= deadline:
            break
    forget_old()
    return turns


_CLAIM = """
WITH next AS (
    SELECT id FROM consent_scrub WHERE state IN ('pending', 'scrubbing') AND next_try_at <= %s
    ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE consent_scrub s SET attempts = s.attempts + 1, next_try_at = %s, lease = %s, state = 'scrubbing'
FROM next WHERE s.id = next.id RETURNING s.id
"""
_OTHERS = """
SELECT EXISTS (
    SELECT FROM consent_scrub WHERE state IN ('pending', 'scrubbing') AND next_try_at <= %s AND id <> %s
)
"""


def _claim(grace: timedelta) -> UUID | None:
    """Lease the scrub that waited longest. Committed by itself: the attempt counts even if the process dies of it."""
    now = timezone.now()
    rows = db.fetch(_CLAIM, [now - grace, now + LEASE, uuid_utils.compat.uuid4()])
    return rows[0][0] if rows else None


def _work(scrub_id: UUID, deadline: float, progress: Progress = lambda _: None) -> None:
    scrub = Scrub.objects.get(pk=scrub_id)
    try:
        if scrub.attempts > MAX_ATTEMPTS:
            _settle(scrub, state=ScrubState.FAILED, error=scrub.error or "interrupted")
            return
        turn = _Turn(scrub)
        if turn.advance(deadline, progress):
            turn.finish()
        else:
            _settle(scrub, next_try_at=timezone.now())
            doorbell.ring_scrubs()
    except LeaseLost:
        logger.info("scrub %s is no longer ours", scrub_id)
    except Exception as error:
        _failed(scrub, error)


def _settle(scrub: Scrub, **values: Any) -> None:
    """Let go of a scrub, unless another process has taken it over."""
    Scrub.objects.filter(pk=scrub.pk, lease=scrub.lease, state=ScrubState.SCRUBBING).update(lease=None, **values)


def _failed(scrub: Scrub, error: Exception) -> None:
    """Try again later, or give up. The log and the row get the kind of the error, never what a row holds."""
    logger.warning("scrub %s failed (attempt %d): %s", scrub.pk, scrub.attempts, type(error).__name__)
    given_up = scrub.attempts >= MAX_ATTEMPTS or isinstance(error, status.Unknown)
    wait = timedelta(seconds=min(2**scrub.attempts, _LONGEST_WAIT_SECONDS))
    state = ScrubState.FAILED if given_up else ScrubState.SCRUBBING
    _settle(scrub, state=state, error=type(error).__name__, next_try_at=timezone.now() + wait)


def question_of(scrub: Scrub) -> Question:
    """What a scrub asks about each row. Raise `status.UnknownTopic`."""
    return Question(scrub.controller_id, topic_of(scrub.topic_id), scrub.channel, scrub.country, scrub.sender)


class _Turn:
    """A scrub in this process's hands. `digest` is that of its result, as long as all of it was written here."""

    def __init__(self, scrub: Scrub) -> None:
        self.scrub = scrub
        self.layout = layout_of(scrub.layout)
        self.question = question_of(scrub)
        self.digest = hashlib.sha256() if scrub.checked_at is None else None
        self.size = 0
        self._began = self._told = time.monotonic()
        if scrub.checked_at is None:
            self._begin()

    def _begin(self) -> None:
        """Note the position: whatever the ledger holds by now will have counted."""
        scrub, layout = self.scrub, self.layout
        [[scrub.ledger_seq]] = db.fetch("SELECT seq FROM consent_ledgerhead")
        snapshot = configuration.current()
        scrub.configuration_version, scrub.rules = snapshot.version, rules_of(snapshot, self.question)
        scrub.checked_at = timezone.now()
        scrub.done_bytes, scrub.done_lines = layout.body, layout.body_lines
        self._renew()
        self._written(header_of(table_between(scrub.pk, 0, layout.body), layout))

    def _written(self, result: bytes) -> None:
        if self.digest is not None:
            self.digest.update(result)
            self.size += len(result)

    def advance(self, deadline: float, progress: Progress) -> bool:
        """Work off block after block. Return whether the table's end was reached."""
        scrub = self.scrub
        blocks = whole_blocks(table_from(scrub.pk, scrub.done_bytes), self.layout.dialect, BLOCK_BYTES[scrub.channel])
        left = scrub.table_bytes - scrub.done_bytes
        with closing(checked_blocks(blocks, self.layout, self.question, left)) as checked:
            for one in checked:
                self._keep(one)
                progress(scrub)
                if time.monotonic() >= deadline or self._others_wait():
                    return scrub.done_bytes >= scrub.table_bytes
        return True

    def _others_wait(self) -> bool:
        if time.monotonic() - self._began < SLICE_SECONDS:
            return False
        [[others]] = db.fetch(_OTHERS, [timezone.now(), self.scrub.pk])
        return bool(others)

    def _keep(self, checked: Checked) -> None:
        scrub, (block, whole, found, _) = self.scrub, checked.cutting
        rendered = rendered_rows(whole, found, self.layout, checked.codes, checked.at)
        self._written(without_line_end(rendered, whole == block, self.layout))
        part = _part_row(scrub, checked)
        self._count(checked)
        scrub.done_bytes += len(block)
        scrub.done_lines += whole.count(self.layout.dialect.newline.encode())
        self._told, before = time.monotonic(), self._told
        scrub.seconds += self._told - before
        with transaction.atomic():
            # Nobody waits for the disk: what a crash of the server takes away is done again, and the last commit waits.
            db.fetch("SET LOCAL synchronous_commit = off")
            self._renew()
            db.fetch(_PART, part)

    def _count(self, checked: Checked) -> None:
        scrub, codes = self.scrub, checked.codes
        scrub.counts = added(scrub.counts, counts_of(codes), int(ALLOWED[codes].sum()))
        room = MAX_UNREADABLE - len(scrub.unreadable)
        bad = np.flatnonzero(codes == INVALID)[:room].tolist()
        first = scrub.done_lines + 1
        scrub.unreadable = [*scrub.unreadable, *(first + checked.cutting.cut.line_of(place) for place in bad)]
        scrub.done_rows += len(codes)
        scrub.done_parts += 1
        if scrub.rules != rules_of(checked.snapshot, self.question):
            scrub.rules = ""

    def _renew(self) -> None:
        """Write how far the scrub has come, within the caller's transaction. Raise `LeaseLost`."""
        scrub = self.scrub
        values = {name: getattr(scrub, name) for name in _PROGRESS}
        ours = Scrub.objects.filter(pk=scrub.pk, lease=scrub.lease, state=ScrubState.SCRUBBING)
        if not ours.update(**values, attempts=0, error="", next_try_at=timezone.now() + LEASE):
            raise LeaseLost
        scrub.attempts = 0

    def finish(self) -> None:
        """The digest of the whole result is part of the receipt. Where others had a part in it, it is read again."""
        digest, size = self.digest, self.size
        if digest is None:
            digest = hashlib.sha256()
            for number, part in enumerate(result_parts(self.scrub), start=1):
                digest.update(part)
                size += len(part)
                if number % _RENEWED_PARTS == 0:
                    self._renew()
        now = timezone.now()
        result = {"result_bytes": size, "result_digest": digest.digest()}
        _settle(self.scrub, state=ScrubState.READY, finished_at=now, expires_at=now + kept_for(), error="", **result)


_PROGRESS = (
    *("checked_at", "configuration_version", "ledger_seq", "rules", "counts", "unreadable", "seconds"),
    *("done_bytes", "done_lines", "done_rows", "done_parts"),
)
_COLUMNS = (
    *("scrub_id", "number", "start", "size", "first_row", "first_line", "rows", "checked_at"),
    *("codes", "heads", "tails", "owners", "lines", "open"),
)
_PART = f"INSERT INTO consent_scrubpart ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%b'] * len(_COLUMNS))})"  # noqa: S608


def _part_row(scrub: Scrub, checked: Checked) -> Sequence[Any]:
    """What is kept of a block, as it follows what was done before it."""
    words = np.frombuffer(checked.entries, np.uint32).reshape(-1, 4)
    block, lines = checked.cutting.block, checked.cutting.cut.lines
    return [
        *(scrub.pk, scrub.done_parts + 1, scrub.done_bytes, len(block)),
        *(scrub.done_rows + 1, scrub.done_lines + 1, len(checked.codes), checked.at),
        *(checked.codes.tobytes(), words[:, 0].tobytes(), words[:, 1:].tobytes(), checked.owners),
        b"" if lines is None else lines.astype(np.uint32).tobytes(),
        np.array(checked.open, np.uint32).tobytes(),
    ]
