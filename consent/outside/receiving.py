"""receive(): a file → a version of its list, all of it kept in one transaction, to be worked off row by row.

From the commit on nothing can be lost; the rows deny as they are worked off, each from its own commit on.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from typing import IO, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import doorbell, vault
from consent.csv_in import BadTable, TooLarge, read_table
from consent.inbox import fingerprint
from consent.lists.table import Record
from consent.models import ListChunk, ListVersion, OutsideList
from consent.models.fields import public_id
from consent.models.vocabulary import Cause, VersionState
from consent.outside.columns import Columns, UnknownColumn, find_columns

CHUNK_ROWS = 1000
LEASE = timedelta(seconds=30)  # how long the version of a process that died waits for another one
CHUNK_PURPOSE = "list.rows"
_CHUNK_CHARACTERS = 1_000_000
_TOGETHER = 5  # chunks in one statement
_MAX_NAME = 200


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """Rows as they are kept: the number of a line, and its cells. `nonce` is ours: without it the evidence's digest
    could be tried against all addresses.
    """

    nonce: str
    rows: list[tuple[int, list[str]]]


class Given(NamedTuple):
    """What is said with a file. `columns` names columns by what they hold; `same` are the parts that make a repeated
    request the same one; `most` bounds the bytes of the unpacked file.
    """

    file_name: str = ""
    actor: str = ""
    as_of: date | None = None
    columns: Mapping[str, str] = {}
    partial: bool = False
    confirmed: bool = False
    same: tuple[str, ...] = ()
    most: int | None = None


class Received(NamedTuple):
    """`again`: the version was there before, and nothing was written now."""

    version: ListVersion
    again: bool


class Refused(Exception):
    """A file that is not taken, whole. `field` is what is wrong of `file`, `as_of`, `mapping`, `mapping/email` …"""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.code, self.detail = field, code, detail


class OtherContent(Exception):
    """The same request with another file."""


def receive(file: IO[bytes], outside_list: OutsideList, given: Given, lease: UUID | None = None) -> Received:
    """Keep a file as the next version of its list, or find the version that it is. Raise `Refused`, `OtherContent`.

    With a `lease` the caller works it off itself (`working.work_on`), and nobody else is called.
    """
    digest = _digest_of(file)
    _check_date(given.as_of)
    known = _known(outside_list, digest, given)
    if known is None:
        with transaction.atomic():
            version = _keep(file, outside_list, given, digest)
            known = _place(version, outside_list, digest, given, lease)
        if known is None:
            return Received(version, again=False)
    _again(known)
    return Received(known, again=True)


def _digest_of(file: IO[bytes]) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(1 << 20):
        digest.update(block)
    file.seek(0)
    return digest.digest()


def _check_date(as_of: date | None) -> None:
    if as_of is not None and as_of > datetime.now(UTC).date() + timedelta(days=1):
        raise Refused("as_of", "in_future", "a list cannot be of a day that has not come")


def _known(outside_list: OutsideList, digest: bytes, given: Given) -> ListVersion | None:
    """The version that this file is, if it was received before. Another date makes it another version."""
    if given.same:
        asked = ListVersion.objects.filter(dedupe=fingerprint("import", *given.same)).first()
        if asked is not None and (bytes(asked.digest) != digest or asked.outside_list_id != outside_list.pk):
            raise OtherContent
        if asked is not None:
            return asked
    same = outside_list.versions.filter(digest=digest, partial=given.partial).order_by("-number")
    if given.as_of is not None:
        return same.filter(as_of=given.as_of).first()
    latest = same.first()
    return latest if latest and latest.state != VersionState.REPLACED else None


def _again(version: ListVersion) -> None:
    """What was given up is begun again where it stopped."""
    if version.state == VersionState.FAILED:
        ListVersion.objects.filter(pk=version.pk, state=VersionState.FAILED).update(
            state=VersionState.IMPORTING, attempts=0, error="", next_try_at=timezone.now(), lease=None
        )
    transaction.on_commit(doorbell.ring_imports, robust=True)


def _keep(file: IO[bytes], outside_list: OutsideList, given: Given, digest: bytes) -> ListVersion:
    """Write the file's rows, and give the version, which is not yet written."""
    version = ListVersion(
        id=public_id(),
        outside_list=outside_list,
        actor=given.actor,
        file_name="".join(filter(str.isprintable, given.file_name))[-_MAX_NAME:],
        digest=digest,
        partial=given.partial,
        confirmed_by=given.actor if given.confirmed else "",
    )
    try:
        records = read_table(file, given.most)
        first = next(records, None)
        if first is None:
            raise Refused("file", "empty", "the file is empty")
        columns, header = _columns(first, outside_list, given)
        version.columns, version.header = dict(columns), list(header)
        version.rows = _write(version, records if header else chain([first], records))
    except TooLarge as error:
        raise Refused("file", "too_large", str(error)) from error
    except BadTable as error:
        raise Refused("file", "damaged", str(error)) from error
    return version


def _columns(first: Record, outside_list: OutsideList, given: Given) -> tuple[Columns, Iterable[str]]:
    try:
        return find_columns(first.cells, outside_list.channels, given.columns)
    except UnknownColumn as error:
        field = f"mapping/{error.field}" if error.field else "mapping"
        raise Refused(field, "unknown_column", error.detail) from error


def _write(version: ListVersion, records: Iterator[Record]) -> int:
    rows, chunks = 0, _chunks(records)
    places = iter(range(2**31))
    while together := list(islice(chunks, _TOGETHER)):
        rows += sum(map(len, together))
        sealed = [(place, _sealed(chunk)) for chunk, place in zip(together, places, strict=False)]
        ListChunk.objects.bulk_create(
            [ListChunk(version=version, place=place, sealed_rows=kept) for place, kept in sealed]
        )
    return rows


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    size = 0
    for record in records:
        chunk.append(record)
        size += sum(map(len, record.cells))
        if len(chunk) == CHUNK_ROWS or size > _CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _sealed(records: list[Record]) -> bytes:
    chunk = Chunk(secrets.token_hex(16), [(record.line, record.cells) for record in records])
    return vault.seal(CHUNK_PURPOSE, msgspec.msgpack.encode(chunk))


_unpack = msgspec.msgpack.Decoder(Chunk)


def packed_rows(sealed: bytes | memoryview) -> bytes:
    """The bytes of a chunk, which are the evidence of its rows."""
    return vault.unseal(CHUNK_PURPOSE, sealed)


def rows_in(packed: bytes) -> list[Record]:
    """The rows of a chunk."""
    return [Record(line, cells) for line, cells in _unpack.decode(packed).rows]


def _place(
    version: ListVersion, outside_list: OutsideList, digest: bytes, given: Given, lease: UUID | None
) -> ListVersion | None:
    """Write the version as the list's next, under the list's lock; or give the one that came in between."""
    locked = OutsideList.objects.select_for_update().get(pk=outside_list.pk)
    known = _known(locked, digest, given)
    if known is not None:
        ListChunk.objects.filter(version=version).delete()
        return known
    last = locked.versions.order_by("-number").first()
    now = timezone.now()
    version.as_of = given.as_of or now.date()
    _check_order(locked, version)
    version.number = last.number + 1 if last else 1
    # Their order is that of what they say, whatever clocks do.
    version.received_at = max(now, last.received_at + timedelta(microseconds=1)) if last else now
    version.dedupe = fingerprint("import", *given.same) if given.same else None
    version.state, version.lease, version.next_try_at = VersionState.RECEIVED, lease, now
    if lease is None:
        transaction.on_commit(doorbell.ring_imports, robust=True)
    else:
        version.attempts, version.next_try_at = 1, now + LEASE
    version.save(force_insert=True)
    return None


def _check_order(outside_list: OutsideList, version: ListVersion) -> None:
    """A whole list of an earlier day must not replace one of a later day: it would lift what came between."""
    if version.partial or outside_list.cause == Cause.CHOICE:
        return
    later = outside_list.versions.exclude(state=VersionState.FAILED).filter(as_of__gt=version.as_of)
    newest = later.order_by("-as_of").first()
    if newest is not None:
        raise Refused("as_of", "older", f"version {newest.number} is of {newest.as_of}, a later day")
