"""Making, cancelling and scrubbing anew a mail run. The row is the queue: the worker only hears that there is one."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import IO, NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent import configuration, doorbell, status
from consent.inbox import fingerprint
from consent.models import MailRun
from consent.models.fields import public_id
from consent.models.mail_run import RunState
from consent.refusals import Different, TooLate
from consent.runs.columns import BadColumns, Mapped
from consent.runs.files import keep_file
from consent.runs.layout import Layout, head_of, read_layout
from consent.statement import Rejected

MAX_NAME_CHARACTERS = 200
LONGEST_IN_THE_MAIL = timedelta(days=366)
HEAD_START = timedelta(seconds=60)  # what the worker leaves a process that scrubs a run itself
LATEST_DROP = timedelta(days=2 * 366)
_BLOCK_BYTES = 262_144


class RunRequest(msgspec.Struct, frozen=True):
    """What makes a run, apart from its file. `same` are the parts that make a repeated request the same one."""

    controller_id: int
    name: str
    topic: str
    cut_off: datetime
    drop_on: date
    created_by: str
    arrives_until: date | None = None
    mapping: Mapped = {}
    country: str = "US"
    same: tuple[str, ...] = ()
    here: bool = False  # the process that makes it scrubs it too


class Created(NamedTuple):
    """The run. `again`: it had been made before, and nothing was written now."""

    run: MailRun
    again: bool


def create_run(request: RunRequest, file: IO[bytes]) -> Created:
    """Keep a run and its file, to be scrubbed by the worker.

    Raise `Rejected` naming the member at fault, or `Different`.
    """
    topic_id = _topic(request)
    _check_dates(request)
    layout = _layout(request, file)
    dedupe = fingerprint("mail_run", *request.same) if request.same else None
    try:
        with transaction.atomic():
            run = _keep(request, topic_id, layout, dedupe, file)
            known = MailRun.objects.filter(dedupe=dedupe).first() if dedupe else None
            if known is None:
                run.save(force_insert=True)
                if not request.here:
                    transaction.on_commit(doorbell.ring_runs, robust=True)
                return Created(run, again=False)
            transaction.set_rollback(True)
    except IntegrityError:
        known = MailRun.objects.get(dedupe=dedupe)  # another request was quicker by a moment
    if not _same(known, run):
        raise Different
    return Created(known, again=True)


def _topic(request: RunRequest) -> int:
    snapshot = configuration.current()
    try:
        return status.topic_rule(snapshot, request.controller_id, request.topic, "post").id
    except status.UnknownTopic as error:
        raise Rejected("/topic", "unknown_topic", f"this controller has no topic {request.topic[:50]!r}") from error
    except status.NotCarried as error:
        raise Rejected("/topic", "not_carried", f"{request.topic!r} is not carried by post") from error


def _check_dates(request: RunRequest) -> None:
    today = timezone.now().date()
    if request.drop_on > today + LATEST_DROP:
        raise Rejected("/drop_date", "bad_value", "within two years from now")
    until = _arrives_until(request)
    if request.drop_on < today:
        raise Rejected("/drop_date", "in_past", "the pieces have been handed over already: nothing can be scrubbed")
    if request.cut_off > datetime.combine(request.drop_on + timedelta(days=1), time(), UTC):
        raise Rejected("/cut_off", "after_drop", "the data cannot be cut off after the drop")
    if not request.drop_on <= until <= request.drop_on + LONGEST_IN_THE_MAIL:
        raise Rejected("/arrives_until", "bad_value", "from the drop date on, and within a year of it")


def _arrives_until(request: RunRequest) -> date:
    return request.arrives_until or request.drop_on + timedelta(days=settings.SAYSO_MAIL_DAYS)


def _layout(request: RunRequest, file: IO[bytes]) -> Layout:
    try:
        return read_layout(head_of(blocks_of(file)), request.mapping)
    except BadColumns as error:
        raise Rejected(error.pointer, error.code, error.detail) from error


def blocks_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its beginning, block by block."""
    file.seek(0)
    return iter(lambda: file.read(_BLOCK_BYTES), b"")


def _keep(request: RunRequest, topic_id: int, layout: Layout, dedupe: bytes | None, file: IO[bytes]) -> MailRun:
    run_id, now = public_id(), timezone.now()
    kept = keep_file(run_id, blocks_of(file))
    return MailRun(
        id=run_id,
        controller_id=request.controller_id,
        topic_id=topic_id,
        name=request.name[:MAX_NAME_CHARACTERS],
        cut_off=request.cut_off,
        drop_on=request.drop_on,
        arrives_until=_arrives_until(request),
        country=request.country,
        created_by=request.created_by,
        created_at=now,
        dedupe=dedupe,
        layout=layout.as_json(),
        file_bytes=kept.size,
        file_digest=kept.digest,
        next_try_at=now + HEAD_START if request.here else now,
    )


_TOLD = ("topic_id", "name", "cut_off", "drop_on", "arrives_until", "country", "layout", "file_bytes")


def _same(known: MailRun, run: MailRun) -> bool:
    told: Iterable[str] = _TOLD
    same_file = bytes(known.file_digest) == bytes(run.file_digest)
    return same_file and all(getattr(known, name) == getattr(run, name) for name in told)


_FRESH = {
    "state": RunState.PENDING,
    "attempts": 0,
    "lease": None,
    "error": "",
    "done_bytes": 0,
    "done_lines": 0,
    "done_rows": 0,
    "counts": {},
    "unreadable": [],
    "checked_at": None,
    "configuration_version": None,
    "ledger_seq": None,
    "scrubbed_at": None,
    "result_bytes": None,
    "result_digest": None,
}


def scrub_anew(run_id: UUID) -> None:
    """Put a run back into the queue. Its new result takes the place of the earlier one. Raise `TooLate`."""
    with transaction.atomic():
        run = MailRun.objects.select_for_update().get(pk=run_id)
        now = timezone.now()
        if run.state not in (RunState.READY, RunState.FAILED):
            raise TooLate(f"This run cannot be scrubbed now: its state is {run.state}.")
        if now >= run.cut_off and run.state == RunState.READY:
            raise TooLate("Its data were cut off already: what was said since is among its recalls.")
        if run.emptied_at or now.date() >= run.drop_on:
            raise TooLate("Its drop date has come.")
        MailRun.objects.filter(pk=run_id).update(**_FRESH, next_try_at=now)
        transaction.on_commit(doorbell.ring_runs, robust=True)


def cancel_run(run_id: UUID) -> None:
    """Cancel a run before its drop date: nothing of it will arrive. Again, it does nothing. Raise `TooLate`."""
    with transaction.atomic():
        run = MailRun.objects.select_for_update().get(pk=run_id)
        if run.state == RunState.CANCELLED:
            return
        if timezone.now().date() >= run.drop_on:
            raise TooLate("Its drop date has come: the pieces may be in the mail.")
        MailRun.objects.filter(pk=run_id).update(state=RunState.CANCELLED, lease=None)
