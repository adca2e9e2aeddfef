"""What must be known of a table before its first row: how it is written, and where its addresses stand."""

from collections.abc import Sequence
from typing import Any

import msgspec

from consent.outside.columns import UnknownColumn
from consent.outside.columns import find_columns as find_listed
from consent.runs.columns import BadColumns, Mapped, Places, plain
from consent.runs.columns import find_columns as find_parts
from consent.scrubs.reasons import NEW
from consent.statement import Rejected
from consent.tables.careful import first_record
from consent.tables.dialect import HEAD_BYTES, Dialect, read_dialect, text_of
from consent.tables.packing import BadTable

_FIELDS = {"email": "email", "sms": "phone"}


class Layout(msgspec.Struct, frozen=True):
    """`column` is the place of the addresses, -1 where `places` has those of a postal address's parts.

    The first row begins after `body` bytes and `body_lines` lines. `encoding` is a UTF-16 that was taken away, or "".
    """

    dialect: Dialect
    width: int
    column: int
    places: Places
    header: bool
    body: int
    body_lines: int
    encoding: str


def layout_of(kept: Any) -> Layout:
    """A layout as the database has it."""
    return msgspec.convert(kept, Layout)


def read_layout(head: bytes, encoding: str, channel: str, column: str, mapping: Mapped) -> Layout:
    """The layout of a table by its first bytes. Raise `Rejected` naming the member at fault."""
    try:
        dialect = read_dialect(head)
    except BadTable as error:
        raise Rejected("/file", "empty", str(error)) from error
    first = first_record(head[dialect.before :], dialect)
    if first.cells is None or dialect.before + first.size >= HEAD_BYTES:
        raise Rejected("/file", "no_header", "its first row cannot be read, or is longer than a header may be")
    cells = [text_of(cell) for cell in first.cells]
    place, places, header = _columns(cells, channel, column, mapping)
    if header:
        _refuse_ours(cells)
    size, lines = (first.size, first.lines) if header else (0, 0)
    return Layout(
        *(dialect, len(cells), place, places, header),
        *(dialect.before + size, dialect.before_lines + lines, encoding),
    )


def _columns(cells: Sequence[str], channel: str, column: str, mapping: Mapped) -> tuple[int, Places, bool]:
    """The place of the addresses, or those of their parts, and whether the first row is a header."""
    if channel == "post":
        return -1, _parts(cells, mapping), True
    if mapping:
        raise Rejected("/mapping", "not_for_channel", "only postal addresses have parts: name the `column`")
    if column.isdecimal() and column not in [cell.strip() for cell in cells]:
        return _numbered(cells, channel, int(column))
    field = _FIELDS[channel]
    try:
        columns, header = find_listed(cells, [channel], {field: column} if column else {})
    except UnknownColumn as error:
        pointer = "/column" if error.field else "/file"
        raise Rejected(pointer, "unknown_column" if error.field else "no_address_column", str(error)) from error
    if field not in columns:
        raise Rejected("/file", "no_address_column", "no column holds addresses that can be read: name it in `column`")
    return columns[field], {}, bool(header)


def _parts(cells: Sequence[str], mapping: Mapped) -> Places:
    try:
        return find_parts(cells, mapping).places
    except BadColumns as error:
        raise Rejected(error.pointer, error.code, error.detail) from error


def _numbered(cells: Sequence[str], channel: str, number: int) -> tuple[int, Places, bool]:
    """A column by its number, counted from 1: the first row is a header unless it holds an address there."""
    if not 1 <= number <= len(cells):
        raise Rejected("/column", "unknown_column", f"the first row has {len(cells)} columns")
    cell = cells[number - 1]
    is_address = "@" in cell if channel == "email" else any(map(str.isdecimal, cell))
    return number - 1, {}, not is_address


def _refuse_ours(cells: Sequence[str]) -> None:
    names = [plain(cell) for cell in cells]
    taken = [new for new in NEW if plain(new) in names]
    if taken:
        raise Rejected("/file", "column_taken", f"it has a column {taken[0]!r} already: an earlier result?")


def with_line_end(block: bytes, layout: Layout) -> bytes:
    """A block with a line end behind its last record, which the end of a table may lack."""
    return block if block.endswith(layout.dialect.newline.encode()) else block + layout.dialect.newline.encode()
