"""The result of a scrub: its table, with `allowed`, `reason` and `checked_at` in each row.

It is no copy that is kept: the table and a byte a row give it again, whenever it is asked for.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from consent import db
from consent.models import Scrub
from consent.scrubs.files import table_between
from consent.scrubs.layout import Layout, layout_of, with_line_end
from consent.scrubs.reasons import NEW, REASONS, said
from consent.tables.cutting import cut
from consent.tables.packing import in_encoding
from consent.tables.records import Cut
from consent.tables.rendering import Codes, new_cells, render


class Part(NamedTuple):
    """Where the rows of a part stand in the table, and their verdicts."""

    number: int
    start: int
    size: int
    first_row: int
    first_line: int
    checked_at: datetime
    codes: Codes


_PART = """
SELECT number, start, size, first_row, first_line, checked_at, codes FROM consent_scrubpart
WHERE scrub_id = %s AND number = %s
"""


def part_of(scrub: Scrub, number: int) -> Part | None:
    """One part; None behind the last one."""
    rows = db.fetch(_PART, [scrub.pk, number])
    return _part(rows[0]) if rows else None


def _part(row: tuple[Any, ...]) -> Part:
    return Part._make([*row[:-1], np.frombuffer(row[-1], np.uint8)])


def block_of(scrub: Scrub, layout: Layout, part: Part) -> bytes:
    """The bytes of a part, with a line end behind its last record."""
    return with_line_end(table_between(scrub.pk, part.start, part.size), layout)


def result_parts(scrub: Scrub) -> Iterator[bytes]:
    """The result, part by part: what stands before the first row, then rows."""
    layout = layout_of(scrub.layout)
    yield header_of(table_between(scrub.pk, 0, layout.body), layout)
    number = 1
    while part := part_of(scrub, number):
        block = block_of(scrub, layout, part)
        rendered = rendered_rows(
            block, cut(block, layout.dialect, layout.width, -1), layout, part.codes, part.checked_at
        )
        yield without_line_end(rendered, part.size == len(block), layout)
        number += 1


def header_of(before: bytes, layout: Layout) -> bytes:
    """What stands before the first row, with the new columns in the header, in the encoding of the file."""
    if not layout.header:
        return in_encoding(before, layout.encoding)
    start = layout.dialect.before
    header = with_line_end(before[start:], layout)
    found = cut(header, layout.dialect, layout.width, -1)
    texts = [new_cells(layout.dialect, NEW)]
    whole = before[:start] + render(header, found, layout.dialect, np.zeros(1, np.uint8), texts)
    return without_line_end(in_encoding(whole, layout.encoding), before[start:] == header, layout)


def rendered_rows(block: bytes, found: Cut, layout: Layout, codes: Codes, at: datetime) -> bytes:
    """Rows with their verdicts, in the encoding of the file."""
    moment = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    words = {True: "true", False: "false"}
    verdicts = [said(code) for code in range(len(REASONS))]
    texts = [new_cells(layout.dialect, (words[one.allowed], one.reason, moment)) for one in verdicts]
    return in_encoding(render(block, found, layout.dialect, codes, texts), layout.encoding)


def without_line_end(rendered: bytes, had_one: bool, layout: Layout) -> bytes:
    """A part of the result whose last record has no line end, where the table has none."""
    return rendered if had_one else rendered[: -len(in_encoding(layout.dialect.newline.encode(), layout.encoding))]
