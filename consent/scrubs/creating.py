"""Making and cancelling a scrub. The row is the queue: the worker only hears that there is one."""

from collections.abc import Iterable
from datetime import timedelta
from typing import IO, NamedTuple

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent import configuration, doorbell, status
from consent.inbox import fingerprint
from consent.models import Scrub
from consent.models.fields import public_id
from consent.models.scrub import ScrubState
from consent.refusals import Different, TooLate
from consent.runs.columns import Mapped
from consent.scrubs.files import digest_of, keep_table
from consent.scrubs.layout import Layout, read_layout
from consent.statement import Rejected
from consent.tables.dialect import head_of
from consent.tables.packing import BadTable, TooLarge
from consent.tables.source import Source, source_of

_MAX_NAME = 200


class ScrubRequest(msgspec.Struct, frozen=True):
    """What makes a scrub, apart from its file. `same` are the parts that make a repeated request the same one.

    `column` is a header, or a number counted from 1; `mapping` has the columns of a postal address's parts.
    """

    controller_id: int
    channel: str
    topic: str
    created_by: str
    column: str = ""
    mapping: Mapped = {}
    country: str = ""
    sender: str = ""
    file_name: str = ""
    same: tuple[str, ...] = ()


class Created(NamedTuple):
    """The scrub. `again`: it had been made before, and nothing was written now."""

    scrub: Scrub
    again: bool


class Read(NamedTuple):
    """A file that was opened, and how its table is laid out."""

    source: Source
    layout: Layout


def create_scrub(request: ScrubRequest, file: IO[bytes]) -> Created:
    """Keep a scrub and its file, to be worked off. Raise `Rejected` naming the member at fault, or `Different`."""
    topic_id = topic_id_of(request)
    size, digest = digest_of(file)
    read = read_file(request, file)
    dedupe = fingerprint("scrub", *request.same) if request.same else None
    scrub = _row(request, topic_id, read.layout, dedupe)
    scrub.file_bytes, scrub.file_digest = size, digest
    known = Scrub.objects.filter(dedupe=dedupe).first() if dedupe else None
    if known is None:
        try:
            with transaction.atomic():
                scrub.table_bytes = _keep(scrub, read.source)
                scrub.save(force_insert=True)
                transaction.on_commit(doorbell.ring_scrubs, robust=True)
            return Created(scrub, again=False)
        except IntegrityError:
            known = Scrub.objects.get(dedupe=dedupe)  # another request was quicker by a moment
    if not _same(known, scrub):
        raise Different
    return Created(known, again=True)


def topic_id_of(request: ScrubRequest) -> int:
    """The topic that is asked about. Raise `Rejected`."""
    snapshot = configuration.current()
    try:
        status.known_sender(snapshot, request.controller_id, request.channel, request.sender or None)
        return status.topic_rule(snapshot, request.controller_id, request.topic, request.channel).id
    except status.UnknownSender as error:
        raise Rejected("/sender", "unknown_sender", "this controller has no such sender") from error
    except status.UnknownTopic as error:
        raise Rejected("/topic", "unknown_topic", f"this controller has no topic {request.topic[:50]!r}") from error
    except status.NotCarried as error:
        detail = f"{request.topic!r} is not carried by {request.channel}"
        raise Rejected("/topic", "not_carried", detail) from error


def read_file(request: ScrubRequest, file: IO[bytes]) -> Read:
    """Open a file of addresses. Raise `Rejected`."""
    try:
        source = source_of(file, settings.SAYSO_MAX_SCRUB_BYTES)
        head = head_of(source.blocks())
    except BadTable as error:
        raise unreadable(error) from error
    return Read(source, read_layout(head, source.encoding, request.channel, request.column, request.mapping))


def unreadable(error: BadTable) -> Rejected:
    """What is said of a file that cannot be read to its end."""
    return Rejected("/file", "too_large" if isinstance(error, TooLarge) else "unreadable", str(error))


def _row(request: ScrubRequest, topic_id: int, layout: Layout, dedupe: bytes | None) -> Scrub:
    now = timezone.now()
    return Scrub(
        id=public_id(),
        controller_id=request.controller_id,
        topic_id=topic_id,
        channel=request.channel,
        sender=request.sender,
        country=request.country,
        file_name="".join(filter(str.isprintable, request.file_name))[-_MAX_NAME:],
        created_by=request.created_by,
        created_at=now,
        dedupe=dedupe,
        layout=msgspec.to_builtins(layout),
        next_try_at=now,
        expires_at=now + kept_for(),
    )


def kept_for() -> timedelta:
    """How long files are kept, from the upload on and again from the result on."""
    return timedelta(days=settings.SAYSO_SCRUB_KEEP_DAYS)


def _keep(scrub: Scrub, source: Source) -> int:
    try:
        return keep_table(scrub.pk, source.blocks())
    except BadTable as error:
        raise unreadable(error) from error


_TOLD = ("controller_id", "topic_id", "channel", "sender", "country", "layout", "file_bytes")


def _same(known: Scrub, scrub: Scrub) -> bool:
    told: Iterable[str] = _TOLD
    same_file = bytes(known.file_digest) == bytes(scrub.file_digest)
    return same_file and all(getattr(known, name) == getattr(scrub, name) for name in told)


def cancel_scrub(scrub: Scrub) -> None:
    """Cancel a scrub that is not done: its file goes. Again, it does nothing. Raise `TooLate`."""
    waiting = Scrub.objects.filter(pk=scrub.pk).exclude(state__in=[ScrubState.READY])
    if not waiting.update(state=ScrubState.CANCELLED, lease=None):
        raise TooLate("It is done already: its file goes when it expires.")
    transaction.on_commit(doorbell.ring_scrubs, robust=True)
