"""Which column of a list holds what: by its header (columns.tsv), by what the caller says, or by the first row."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from consent.lists.table import column_name
from consent.outside.tables import lines

# Places of columns by field. A postal address without columns of its own is the whole row: `WHOLE`.
Columns = Mapping[str, int]
WHOLE = -1

# The columns that a channel is read from, any of them.
OF_CHANNEL = {
    "email": ("email", "hash"),
    "sms": ("phone", "hash"),
    "post": ("address", "line1", "hash"),
}
_TOWN = ("city", "postal_code")
_HASH = re.compile(r"[0-9A-Fa-f]{64}")
_AREA, _LOCAL = re.compile(r"[2-9][0-9]{2}"), re.compile(r"[0-9]{7}")  # the US registry's own form
_DIGITS = 7  # a number has at least so many


class UnknownColumn(Exception):
    """A column that was asked for and is not there (`field` says for what), or none that holds an address."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@cache
def _names() -> dict[str, tuple[str, ...]]:
    return {field: tuple(name.strip() for name in names.split("|")) for field, names in lines("columns.tsv")}


def fields() -> tuple[str, ...]:
    """What a column can hold."""
    return tuple(_names())


def find_columns(
    first: Sequence[str], channels: Sequence[str], asked: Mapping[str, str]
) -> tuple[Columns, Sequence[str]]:
    """The columns by a list's first row, and its header; the header is empty where the first row is none.

    `asked` names columns by field. Raise `UnknownColumn`.
    """
    names = [column_name(cell) for cell in first]
    columns = _asked(names, asked)
    for field, known in _names().items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None and field not in columns and place not in columns.values():
            columns[field] = place
    _settle_address(columns, channels)
    if _is_read(columns, channels):
        return columns, first
    if asked or any(name in known for name in names for known in _names().values()):
        raise UnknownColumn("", f"no column holds {_wanted(channels)}: say which one does")
    return _without_header(first, channels), ()


def _asked(names: Sequence[str], asked: Mapping[str, str]) -> dict[str, int]:
    columns = {}
    for field, column in asked.items():
        if field not in _names():
            raise UnknownColumn(field, f"there is no such field; there are {', '.join(_names())}")
        if column_name(column) not in names:
            raise UnknownColumn(field, "the list has no such column")
        columns[field] = names.index(column_name(column))
    return columns


def _settle_address(columns: dict[str, int], channels: Sequence[str]) -> None:
    """`address` is a street beside a town, and an e-mail address where there are no others."""
    if "address" not in columns:
        return
    if "post" not in channels:
        wanted = "email" if "email" in channels else "phone"
        columns.setdefault(wanted, columns.pop("address"))
    elif any(field in columns for field in _TOWN):
        place = columns.pop("address")
        columns["line2" if "line1" in columns else "line1"] = place


def _is_read(columns: Columns, channels: Sequence[str]) -> bool:
    return any(field in columns for channel in channels for field in OF_CHANNEL[channel])


def _wanted(channels: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(field for channel in channels for field in OF_CHANNEL[channel]))


def _without_header(first: Sequence[str], channels: Sequence[str]) -> Columns:
    """By the first row's own content: one address a line, or columns that look like what they hold."""
    if "sms" in channels and len(first) == 2 and _AREA.fullmatch(first[0]) and _LOCAL.fullmatch(first[1]):
        return {"area_code": 0, "phone": 1}
    columns: dict[str, int] = {}
    for place, cell in enumerate(first):
        field = _looks_like(cell)
        if field and any(field in OF_CHANNEL[channel] for channel in channels):
            columns.setdefault(field, place)
    if columns:
        return columns
    if "post" in channels and any(character.isdigit() for cell in first for character in cell):
        return {"address": WHOLE}  # an address has a number, and the name of a column has none
    raise UnknownColumn("", f"the first row is no header, and holds no {_wanted(channels)}")


def _looks_like(cell: str) -> str:
    if _HASH.fullmatch(cell):
        return "hash"
    if "@" in cell[1:]:
        return "email"
    digits = sum(character.isdigit() for character in cell)
    return "phone" if digits >= _DIGITS and not any(map(str.isalpha, cell)) else ""
