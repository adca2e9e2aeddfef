"""Files as systems export them, whole and spoilt."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.lists.columns import DISCONNECTED_ON, OPTED_OUT_ON, Columns, UnknownColumn, find_columns
from consent.lists.table import MAX_RECORD_LINES, Record, open_table, read_records
from tests.each import each

NUMBERS = [f"+1415555{place:04d}" for place in range(1, 9)]


def read(text: str) -> list[Record]:
    return list(read_records(io.StringIO(text, newline="")))


def cells(text: str) -> list[list[str]]:
    return [record.cells for record in read(text)]


@each("delimiter", [",", ";", "\t", "|"])
@each("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end(delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(row) for row in (["number", "date"], ["+1", "x"], [" +2 ", ""])) + end
    assert cells(text) == [["number", "date"], ["+1", "x"], ["+2", ""]]


def test_a_quoted_text_may_hold_what_separates() -> None:
    text = 'number,text,date\n+1,"Stop, please\nnow ""at once""",2026\n+2,b,c\n'
    assert read(text)[1:] == [Record(2, ["+1", 'Stop, please\nnow "at once"', "2026"]), Record(4, ["+2", "b", "c"])]


@each("spoilt", ['"+0,2026', '+0,"2026', '"+0"x,2026', '"'])
@each("place", [0, 1, 6])
def test_a_quote_that_is_not_closed_spoils_its_own_line_alone(spoilt: str, place: int) -> None:
    lines = [f"{number},2026" for number in NUMBERS[:7]]
    lines.insert(place, spoilt)
    found = read("number,date\n" + "\n".join(lines) + "\n")[1:]
    good = [record.cells[0] for record in found if record.cells and record.cells[0] in NUMBERS]
    assert good == NUMBERS[:7]
    assert len(found) == 8


def test_two_of_them_do_not_swallow_what_is_between() -> None:
    found = cells('number,date\n"+0,1\n+1,2\n"+9,3\n+2,4\n')
    assert [row for row in found if row][1:] == [["+1", "2"], ["+2", "4"]]


def test_a_quote_within_a_cell_is_a_character() -> None:
    assert cells('number,text\n+1,5" screen\n+2,x\n')[1:] == [["+1", '5" screen'], ["+2", "x"]]


def test_a_text_may_have_many_lines_but_not_any_number() -> None:
    long = "\n".join(["x"] * (MAX_RECORD_LINES - 2))
    assert len(cells(f'number,text\n+1,"{long}"\n+2,y\n')) == 3
    endless = "\n".join(["x"] * (MAX_RECORD_LINES * 2))
    assert ["+2", "y"] in cells(f'number,text\n+1,"{endless}"\n+2,y\n')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("number,name\r\n+14155550100,Zoé\r\n".encode(encoding))
    with open_table(path) as file:
        found = [record.cells for record in read_records(file)]
    assert found[0] == ["number", "name"]
    assert found[1][0] == "+14155550100"


@given(st.lists(st.text("+1,;\"'\n\r\tab\0", max_size=20), max_size=12))
def test_nothing_makes_it_fail_or_go_on_for_ever(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = read(text)
    assert len(found) <= text.count("\n") + text.count("\r") + 1
    assert [record.line for record in found] == sorted(record.line for record in found)


@each(
    ("first", "provider", "expected"),
    [
        (["Phone Number", "Opted Out At"], "", Columns(0, 1, -1, True)),
        (["id", "msisdn", "created_at", "short_code"], "", Columns(1, 2, 3, True)),
        (["From", "To", "Date"], "plivo", Columns(0, 2, 1, True)),
        (["from", "to", "created_at", "keyword"], "telnyx", Columns(1, 2, 0, True)),
        (["OptedOutNumber", "OptedOutTimestamp"], "sns", Columns(0, 1, -1, True)),
        (["+14155550100", "2026-03-01"], "", Columns(0, 1, -1, False)),
        (["(415) 555-0100"], "", Columns(0, -1, -1, False)),
        (["7", "14155550100"], "", Columns(1, -1, -1, False)),
        (["4155550100", "2026-03-01", "no"], "", Columns(0, 1, -1, False, 2)),
    ],
)
def test_columns_by_their_header(first: list[str], provider: str, expected: Columns) -> None:
    assert find_columns(first, OPTED_OUT_ON, provider=provider) == expected


def test_a_column_that_is_asked_for() -> None:
    assert find_columns(["a", "B c", "date"], OPTED_OUT_ON, "b-C") == Columns(1, 2, -1, True)
    for column in ("x", ""):
        with pytest.raises(UnknownColumn):
            find_columns(["a", "b"], OPTED_OUT_ON, column)


def test_the_day_of_a_disconnection() -> None:
    assert find_columns(["number", "Permanent Disconnect Date"], DISCONNECTED_ON) == Columns(0, 1, -1, True)
