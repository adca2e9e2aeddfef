"""A row of an outside list → the keys that it denies, or what is wrong with it by field."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from consent.addresses import Contact, contact, keys_of_digest
from consent.csv_in import UNREADABLE
from consent.lists.dates import read_moment
from consent.lists.table import Record
from consent.models.vocabulary import Cause
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.normalise.post_model import Home
from consent.outside.columns import WHOLE, Columns

_HASH = re.compile(r"(?:0x)?([0-9A-Fa-f]{64})")
_HOUSEHOLD = frozenset({"1", "y", "yes", "t", "true", "h", "hh", "x", "household", "family", "address"})
_NAME = ("title", "first_name", "middle_name", "last_name", "suffix")
_OF_POST = ("address", "line1", "line2", "line3", "city", "region", "postal_code")
# Codes of addresses that name a part of them.
_PARTS = {"no_street": "line1", "no_house_number": "line1", "no_postal_code": "postal_code"}


class Denied(NamedTuple):
    """A key that a row denies. `counts`: it is the row's own, not one that follows from it. `normal` is kept, sealed,
    where others must be able to compare with it.
    """

    key: Key
    channel: str
    counts: bool
    normal: str = ""
    home: Home | None = None


class Bad(NamedTuple):
    """What is wrong with a row. It repeats nothing of the row."""

    line: int
    field: str
    code: str
    detail: str


class Read(NamedTuple):
    """What a row says. `said_at` is the moment that it names."""

    denied: tuple[Denied, ...] = ()
    bad: tuple[Bad, ...] = ()
    said_at: datetime | None = None


class Reading(NamedTuple):
    """How the rows of a list are read. `width` is the number of columns in its header, 0 without one."""

    channels: Sequence[str]
    cause: str
    region: str
    columns: Columns
    width: int
    now: datetime


class _Wrong(Exception):
    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(code)
        self.field, self.code, self.detail = field, code, detail


def read_row(record: Record, reading: Reading) -> Read:
    """Read a row; never raises. Each of its addresses counts by itself: a bad one loses no other."""
    try:
        return _read(record, reading)
    except Exception as error:  # whatever a row does to our code, the rows beside it are read
        return Read(bad=(Bad(record.line, "", "unreadable", f"the row cannot be read ({type(error).__name__})"),))


def _read(record: Record, reading: Reading) -> Read:
    try:
        _check_shape(record, reading)
    except _Wrong as error:
        return Read(bad=(_bad(record, error),))
    denied: list[Denied] = []
    bad: list[Bad] = []
    for channel in reading.channels:
        try:
            denied.extend(_READERS[channel](record.cells, reading))
        except _Wrong as error:
            bad.append(_bad(record, error))
    if not denied and not bad:
        bad.append(Bad(record.line, _first_field(reading), "missing", "the row has no address"))
    written = _cell(record.cells, reading, "date")
    return Read(tuple(denied), tuple(bad), read_moment(written, reading.now) if written else None)


def _bad(record: Record, error: _Wrong) -> Bad:
    return Bad(record.line, error.field, error.code, error.detail)


def _check_shape(record: Record, reading: Reading) -> None:
    if not record.cells:
        raise _Wrong("", "quotes", "the quotes of this line do not match")
    if reading.width and any(record.cells[reading.width :]):
        raise _Wrong("", "too_many_cells", "the row has more cells than the header, so that none is sure")


def _first_field(reading: Reading) -> str:
    return min(reading.columns, key=lambda field: (field not in ("email", "phone", "hash", "address"), field))


def _cell(cells: Sequence[str], reading: Reading, field: str) -> str:
    place = reading.columns.get(field)
    if place is None:
        return ""
    text = ", ".join(filter(None, cells)) if place == WHOLE else cells[place] if place < len(cells) else ""
    if UNREADABLE in text:
        raise _Wrong(field, "bad_encoding", "these bytes are no text")
    return text


def _emails(cells: Sequence[str], reading: Reading) -> Iterator[Denied]:
    yield from _plain("email", "email", cells, reading)


def _phones(cells: Sequence[str], reading: Reading) -> Iterator[Denied]:
    yield from _plain("sms", "phone", cells, reading)


def _plain(channel: str, field: str, cells: Sequence[str], reading: Reading) -> Iterator[Denied]:
    written = _cell(cells, reading, field)
    if written:
        written = _cell(cells, reading, "area_code") + written if field == "phone" else written
        yield Denied(_contact(channel, field, written, reading.region).said[0], channel, True)
    yield from _hashed(channel, cells, reading)


def _contact(channel: str, field: str, written: str, region: str) -> Contact:
    try:
        return contact(channel, written, region)
    except InvalidAddress as error:
        raise _Wrong(field, error.code, error.detail) from error


def _hashed(channel: str, cells: Sequence[str], reading: Reading) -> Iterator[Denied]:
    written = _cell(cells, reading, "hash").replace(" ", "")
    if not written:
        return
    found = _HASH.fullmatch(written)
    if found is None:
        raise _Wrong("hash", "not_sha256", "a SHA-256 is 64 hexadecimal digits")
    yield Denied(keys_of_digest(channel, bytes.fromhex(found[1]))[0], channel, True)


def _homes(cells: Sequence[str], reading: Reading) -> Iterator[Denied]:
    """The dead are struck out at their address alone: the household goes on living there."""
    if not any(_cell(cells, reading, field) for field in _OF_POST):
        yield from _hashed("post", cells, reading)
        return
    whole = reading.cause != Cause.DECEASED and _cell(cells, reading, "household").lower() in _HOUSEHOLD
    name = "" if whole else _name(cells, reading)
    if reading.cause == Cause.DECEASED and not name and reading.columns.get("address") != WHOLE:
        raise _Wrong("name", "missing", "who died is not named, and others may live there")
    yield from _of_home(cells, reading, name)


def _of_home(cells: Sequence[str], reading: Reading, name: str) -> Iterator[Denied]:
    try:
        found = contact("post", _postal(cells, reading, name), reading.region)
    except InvalidAddress as error:
        raise _Wrong(_PARTS.get(error.code, "line1"), error.code, error.detail) from error
    first, *others = found.said
    if reading.cause != Cause.DECEASED:
        yield Denied(first, "post", True, found.normal, found.home)
        yield from (Denied(key, "post", False) for key in others)
    elif others:
        yield Denied(first, "post", True, found.normal, found.home)
    else:
        raise _Wrong("name", "missing", "who died is not named, and others may live there")


def _name(cells: Sequence[str], reading: Reading) -> str:
    return _cell(cells, reading, "name") or " ".join(filter(None, (_cell(cells, reading, part) for part in _NAME)))


def _postal(cells: Sequence[str], reading: Reading, name: str) -> str | dict[str, str]:
    if "address" in reading.columns:
        parts = (name, _cell(cells, reading, "address"), _cell(cells, reading, "country"))
        return "\n".join(filter(None, parts))
    code, plus = _cell(cells, reading, "postal_code"), _cell(cells, reading, "zip4")
    more = (_cell(cells, reading, "line2"), _cell(cells, reading, "line3"))
    return {
        "name": name,
        "line1": _cell(cells, reading, "line1"),
        "line2": ", ".join(filter(None, more)),
        "city": _cell(cells, reading, "city"),
        "region": _cell(cells, reading, "region"),
        "postal_code": f"{code}-{plus}" if plus and len(code) == 5 else code,
        "country": _cell(cells, reading, "country"),
    }


_READERS = {"email": _emails, "sms": _phones, "post": _homes}
