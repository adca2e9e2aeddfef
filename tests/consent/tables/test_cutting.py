"""Cutting a table into records, and writing them with new cells: the bytes that were there stay what they were."""

import csv
import io
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.tables import cutting
from consent.tables.careful import cut_carefully
from consent.tables.cutting import cut, whole_blocks
from consent.tables.dialect import Dialect, read_dialect
from consent.tables.rendering import new_cells, render
from tests.each import each

MARK = "\x00N\x00"  # stands for the new cells: no cell of the tests has it
COMMAS = Dialect(",", "\n", "\n", 0, 0)


class Table(NamedTuple):
    """A table of rows with as many cells as there are columns, and the bytes that it is written as."""

    rows: list[list[str]]
    written: bytes
    dialect: Dialect


@st.composite
def tables(draw: st.DrawFn) -> Table:
    delimiter, line_end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    width = draw(st.integers(1, 4))
    cell = st.text(st.sampled_from('ab é"@.' + delimiter + line_end), max_size=6)
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=12))
    rows = [row if "".join(row).strip() else ["x"] * width for row in rows]  # a row of nothing is none
    out = io.StringIO()
    minimal = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    all_quoted = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    draw(st.sampled_from([minimal, all_quoted])).writerows(rows)
    newline = "\r" if line_end == "\r" else "\n"
    return Table(rows, out.getvalue().encode(), Dialect(delimiter, newline, line_end, 0, 0))


def with_marks(block: bytes, dialect: Dialect, width: int) -> bytes:
    found = cut(block, dialect, width, 0)
    return render(block, found, dialect, np.zeros(len(found.starts), np.uint8), [MARK.encode()])


@settings(max_examples=80, deadline=None)
@given(tables())
def test_without_the_new_cells_a_result_is_its_table_to_the_byte(table: Table) -> None:
    width = len(table.rows[0])
    for size in (150, 10_000):
        blocks = list(whole_blocks(iter([table.written[:7], table.written[7:]]), table.dialect, size))
        assert b"".join(blocks) == table.written
        rendered = b"".join(with_marks(block, table.dialect, width) for block in blocks)
        assert rendered.replace(MARK.encode(), b"") == table.written
    assert rendered.count(MARK.encode()) == len(table.rows)


@settings(max_examples=80, deadline=None)
@given(tables())
def test_the_cells_are_those_that_the_csv_module_reads(table: Table) -> None:
    width = len(table.rows[0])
    for column in range(width):
        found = cut(table.written, table.dialect, width, column)
        careful = cut_carefully(table.written, table.dialect, width, column)
        assert [cell.decode() for cell in found.cells.listed()] == [row[column] for row in table.rows]
        # There a CR that ends lines is read as LF, within quotes too: no address has either.
        assert [cell.replace(b"\r", b"\n") for cell in found.cells.listed()] == [
            cell.replace(b"\r", b"\n") for cell in careful.cells.listed()
        ]
        assert found.inserts.tolist() == careful.inserts.tolist()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60).map(lambda text: text.translate(bytes(b'a,"\n\r b'[byte % 7] for byte in range(256)))))
def test_no_bytes_whatever_lose_a_line_or_another_ones_verdict(text: bytes) -> None:
    block = text + b"\n"
    found = cut(block, COMMAS, 2, 0)
    codes = np.arange(len(found.starts), dtype=np.uint8)
    texts = [new_cells(COMMAS, (f"<{code}>",)) for code in codes]
    rendered = render(block, found, COMMAS, codes, texts)
    read = [
        row for row in csv.reader(io.StringIO(rendered.decode(), newline="")) if len(row) > 1 or "".join(row).strip()
    ]
    assert [row[2] for row in read] == [f"<{code}>" for code in codes]
    assert found.starts.tolist() == sorted(found.starts.tolist())
    assert all(
        not block[one:other].strip() for one, other in zip([0, *found.ends], [*found.starts, len(block)], strict=True)
    )


CAREFUL = [
    (b'5" pipe,a@b.c\nx,d@e.f\n', [b"a@b.c", b"d@e.f"], []),  # a quote within a cell is one of its characters
    (b'"never closed,a@b.c\nx,d@e.f\n', [b"", b"d@e.f"], [0]),
    (b"x,a@b.c,surplus\nx,d@e.f\n", [b"", b"d@e.f"], [0]),
    (b"x\n\nx,d@e.f,,\n", [b"", b"d@e.f"], []),
    (b'"a"b,c@d.e\nx,d@e.f\n', [b"", b"d@e.f"], [0]),
    (b"x\ry,c@d.e\nx,d@e.f\n", [b"", b"d@e.f"], [0]),  # readers differ on what ends here
]


@each(("block", "cells", "unreadable"), CAREFUL)
def test_a_bad_row_spoils_no_other_one(block: bytes, cells: list[bytes], unreadable: list[int]) -> None:
    found = cut(block, COMMAS, 2, 1)
    assert (found.cells.listed(), sorted(found.unreadable)) == (cells, unreadable)


def test_a_quote_that_is_never_closed_ends_with_its_line_however_long_the_table() -> None:
    lines = [b'"open,a@b.c\n', *(b"x,%d@e.f\n" % number for number in range(5_000))]
    blocks = list(whole_blocks(iter([b"".join(lines)]), COMMAS, 1_000))
    assert b"".join(blocks) == b"".join(lines)
    cells = [cell for block in blocks for cell in cut(block, COMMAS, 2, 1).cells.listed()]
    assert cells == [b"", *(b"%d@e.f" % number for number in range(5_000))]


DIALECTS = [
    (b"a,b\n1,2\n", ",", "\n"),
    (b"a;b\r\n1,5;2\r\n", ";", "\r\n"),
    (b"a\tb\r1\t2\r", "\t", "\r"),
    (b'\xef\xbb\xbf"a, b"|c\n1|2\n', "|", "\n"),
    (b"sep=;\r\na;b,c\r\n1;2\r\n", ";", "\r\n"),
    (b"\n\nemail\na@b.c\n", ",", "\n"),
    (b"Name;Mail (work, home)\nx;y\n", ";", "\n"),
]


@each(("head", "delimiter", "line_end"), DIALECTS)
def test_the_dialect_is_told_by_the_beginning(head: bytes, delimiter: str, line_end: str) -> None:
    found = read_dialect(head)
    assert (found.delimiter, found.line_end) == (delimiter, line_end)


def test_plain_blocks_take_the_quick_way() -> None:
    block = b"a,x@y.z,1\n" * 100
    assert cut(block, COMMAS, 3, 1).uniform
    assert cutting._at_once(b'"a\nb",x@y.z,1\n', COMMAS, 3, 1) is not None


@given(st.lists(st.tuples(st.text("ab,", max_size=4), st.integers(0, 2)), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_what_is_rendered_at_once_is_what_is_rendered_one_by_one(rows: list[tuple[str, int]], line_end: str) -> None:
    block = "".join(f"x{text.replace(',', '')},y{line_end}" for text, _ in rows).encode()
    found, codes = cut(block, COMMAS, 2, -1), np.array([code for _, code in rows], np.uint8)
    texts = [b",no", b",perhaps", b",yes,indeed"]
    assert found.uniform
    slowly = render(block, found._replace(uniform=False), COMMAS, codes, texts)
    assert render(block, found, COMMAS, codes, texts) == slowly
