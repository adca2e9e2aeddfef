"""What must be known of a file before its first row: the delimiter, the header, the columns."""

from collections.abc import Iterable
from typing import Any

import msgspec

from consent.runs.columns import BadColumns, Mapped, Places, find_columns
from consent.runs.rows import Place, decoded, read_rows, sniff

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HEAD_BYTES = 200_000


class Layout(msgspec.Struct, frozen=True):
    """`places` are those of the parts of an address; the first row begins after `header_bytes` and `header_lines`."""

    delimiter: str
    width: int
    places: Places
    header_bytes: int
    header_lines: int
    line_end: str

    def as_json(self) -> dict[str, Any]:
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made

    @property
    def beginning(self) -> Place:
        return Place(self.header_bytes, self.header_lines, 0)


def layout_of(kept: Any) -> Layout:
    """A layout as the database has it."""
    return msgspec.convert(kept, Layout)


def read_layout(head: bytes, mapping: Mapped) -> Layout:
    """The layout of a file by its first bytes. Raise `BadColumns` naming the member at fault."""
    if head.startswith(_UTF16_MARKS):
        raise BadColumns("/file", "encoding", "it is in UTF-16: save it in UTF-8")
    first = next((line for line in head.split(b"\n") if decoded(line) is None or (decoded(line) or "").strip()), b"")
    if b"\r" in first.rstrip(b"\r"):
        raise BadColumns("/file", "line_ends", "its lines end with a carriage return alone: save it anew")
    header = next(read_rows([head], sniff(first)), None)
    if header is None or header.cells is None:
        raise BadColumns("/file", "no_header", "it has no header that could be read")
    found = find_columns(header.cells, mapping)
    line_end = "\r\n" if header.raw.endswith(b"\r\n") else "\n"
    return Layout(sniff(first), found.width, found.places, header.end, header.place.lines, line_end)


def head_of(blocks: Iterable[bytes]) -> bytes:
    """As many first bytes as a header may have."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _HEAD_BYTES:
            break
    return head[:_HEAD_BYTES]


def column_names(header: Iterable[str]) -> list[str]:
    """Names for the columns, each another one: `column 3` where a header's cell is empty, `City 5` for a second."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {place}"
        names.append(name if name not in names else f"{name} {place}")
    return names
