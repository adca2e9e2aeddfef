"""Files of changes of address: one row a mover, with the old and the new address in columns, in any order.

As providers of NCOALink return them: name, old and new address, move effective date (`YYYYMM`) and move type (I
individual, F family, B business). Rows of people who did not move have none of the last three; a move without a new
address has them (moved and left none, box closed, gone abroad).
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from consent.lists.dates import read_day
from consent.lists.listed import Incomplete, Unreadable
from consent.lists.table import Record, column_name, open_table, read_records
from consent.moves.move import MAX_NAME_CHARACTERS, Move
from consent.statement import Rejected

_ADDRESS = {
    "": ("address", "fulladdress"),
    "line1": ("address1", "addressline1", "line1", "street", "streetaddress", "primaryaddress", "deliveryaddress"),
    "line2": ("address2", "addressline2", "line2", "unit", "apt", "suite", "secondaryaddress"),
    "city": ("city", "town", "cityname"),
    "region": ("state", "region", "province", "stateabbreviation"),
    "postal_code": ("zip", "zipcode", "zip5", "postalcode", "postcode"),
    "country": ("country", "countrycode"),
}
_NEW = ("new", "ncoa", "forwarding", "moved", "to")
_ALONE = {"new": ("new", "to"), "old": ("old", "from", "previous")}
_OLD = ("old", "original", "input", "previous", "from", "")

# What a row can tell of → the names that its column has in files, in the form of `column_name`, the surest first.
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "fullname", "contactname", "recipient", "company", "businessname"),
    "first_name": ("firstname", "first", "givenname"),
    "last_name": ("lastname", "last", "surname", "familyname"),
    "external_id": ("externalid", "personid", "customerid"),
    "moved_on": (
        *("moveeffectivedate", "effectivedate", "movedate", "movedon", "ncoamovedate", "ncoalinkmovedate"),
        *("dateofmove", "ncoaeffectivedate"),
    ),
    "who": ("movetype", "ncoamovetype", "ncoalinkmovetype", "type", "who"),
    "temporary": ("temporary", "istemporary"),
} | {
    f"{side}_{part}".rstrip("_"): (
        *(f"{prefix}{name}" for prefix in prefixes for name in names),
        *_ALONE.get(side + part, ()),
    )
    for side, prefixes in (("new", _NEW), ("old", _OLD))
    for part, names in _ADDRESS.items()
}
_WHO = {"i": "individual", "f": "family", "b": "business", "": "individual", "h": "family", "household": "family"}
_YES = frozenset({"yes", "y", "true", "1", "temporary", "t"})
_NO = frozenset({"", "no", "n", "false", "0", "permanent", "p"})
_MONTH = re.compile(r"((?:19|20)[0-9]{2})-?(0[1-9]|1[0-2])")


class Row(NamedTuple):
    """A change of address and where it stands. No move: the row says that nobody moved."""

    place: str
    move: Move | None


Rows = Iterator[Row | Unreadable]


class Settings(NamedTuple):
    """How a file is to be read. `columns` are its names of what `COLUMNS` lists, where they are others."""

    channel: str = "post"
    region: str = "US"
    columns: Mapping[str, str] = {}


def read_moves(path: Path, settings: Settings) -> Rows:
    """The rows of a file. Raise `Incomplete` where it cannot be opened or read, or has no column of old addresses."""
    try:
        with open_table(path) as file:
            yield from _rows(read_records(file), settings)
    except (OSError, UnicodeError) as error:
        raise Incomplete(f"the file cannot be read: {type(error).__name__}") from error


def _rows(records: Iterator[Record], settings: Settings) -> Rows:
    places: dict[str, int] | None = None
    for record in records:
        if not record.cells:
            yield Unreadable(f"line {record.line}", "its quotes do not match")
        elif places is None:
            places = _places(record.cells, settings.columns)
        else:
            yield _row(record, places, settings)


def _places(header: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """Which column is which. One that is asked for by name must be there; none is two things."""
    names = [column_name(cell) for cell in header]
    places: dict[str, int] = {}
    for member, wanted in named.items():
        if member not in COLUMNS:
            raise Incomplete(f"there is no {member!r}: it is one of {', '.join(sorted(COLUMNS))}")
        if column_name(wanted) not in names:
            raise Incomplete(f"there is no column {wanted!r}")
        places[member] = names.index(column_name(wanted))
    for member, known in COLUMNS.items():
        free = [name for name in known if name in names and names.index(name) not in places.values()]
        if member not in places and free:
            places[member] = names.index(free[0])
    if "old" not in places and "old_line1" not in places:
        raise Incomplete(
            "no column of old addresses could be told by the header: name it with --map old=… or old_line1=…"
        )
    return places


def _row(record: Record, places: Mapping[str, int], settings: Settings) -> Row | Unreadable:
    place = f"line {record.line}"
    told = {member: record.cells[at] for member, at in places.items() if at < len(record.cells) and record.cells[at]}
    if not any(member.startswith("new") or member in ("moved_on", "who") for member in told):
        return Row(place, None)
    try:
        return Row(place, Move(**_members(told, settings)))
    except Rejected as error:
        return Unreadable(place, f"{error.pointer.strip('/')}: {error.detail}")


def _members(told: Mapping[str, str], settings: Settings) -> dict[str, Any]:
    old, new = _address(told, "old"), _address(told, "new")
    if old is None:
        raise Rejected("/from", "missing", "it has no old address")
    name = told.get("name") or " ".join(filter(None, (told.get("first_name"), told.get("last_name"))))
    return {
        "channel": settings.channel,
        "old": old,
        "new": new,
        "name": name[:MAX_NAME_CHARACTERS],
        "moved_on": _day(told.get("moved_on", "")),
        "who": _who(told.get("who", "")),
        "temporary": _is_temporary(told.get("temporary", "")),
        "external_id": told.get("external_id", ""),
        "region": settings.region,
    }


def _address(told: Mapping[str, str], side: str) -> str | dict[str, str] | None:
    """The whole of it in one column, or its parts; `Address` beside a city is the street."""
    parts = {member: told[f"{side}_{member}"] for member in _ADDRESS if member and f"{side}_{member}" in told}
    if side in told:
        return {"line1": told[side], **parts} if parts else told[side]
    return parts if "line1" in parts or len(parts) > 1 else None


def _day(written: str) -> date | None:
    """A day, or of a month its last one, which is not later than today."""
    if not written:
        return None
    today, month = datetime.now(UTC).date(), _MONTH.fullmatch(written)
    if month:
        year, number = int(month[1]), int(month[2])
        last = date(year, number, monthrange(year, number)[1])
        return min(last, today) if last.replace(day=1) <= today else last
    day = read_day(written, month_first=True)
    if day is None:
        raise Rejected("/moved_on", "bad_value", "no day or month that could be read")
    return day


def _who(written: str) -> str:
    word = written.strip().lower()
    found = _WHO.get(word[:1]) if word in ("individual", "family", "business") else _WHO.get(word)
    if found is None:
        raise Rejected("/who", "unknown_value", "the type of move is individual, family or business")
    return found


def _is_temporary(written: str) -> bool:
    word = written.strip().lower()
    if word not in _YES | _NO:
        raise Rejected("/temporary", "bad_value", "neither yes nor no")
    return word in _YES
