"""What a row denies, or what is wrong with it: pure, and in a table."""

import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.addresses import contact
from consent.csv_in import read_table
from consent.lists.table import Record
from consent.outside.columns import UnknownColumn, find_columns
from consent.outside.rows import Read, Reading, read_row

NOW = datetime(2026, 10, 5, tzinfo=UTC)
HOME = "12 Main St, Springfield, IL 62701"
MPS = "First Name,Surname,Address 1,Address 2,City,State,Zip,Household"


def read(header: str, row: str, *channels: str, cause: str = "listed", **asked: str) -> Read:
    first = header.split(",")
    columns, names = find_columns(first, channels, asked)
    reading = Reading(channels, cause, "US", columns, len(names), NOW)
    return read_row(Record(7, [cell.strip() for cell in row.split(",")]), reading)


def keys(found: Read) -> list[bytes]:
    return [one.key for one in found.denied]


def said(channel: str, address: Any) -> list[bytes]:
    return list(contact(channel, address).said)


JANE = "Jane Roe, " + HOME
SHA = hashlib.sha256(b"jane.roe@example.com").hexdigest()

# header, row, channels, cause, whose keys are denied
GOOD: list[tuple[str, str, tuple[str, ...], str, list[bytes]]] = [
    ("Email Address,Name", "Jane.Roe@EXAMPLE.com,Jane", ("email",), "listed", said("email", "jane.roe@example.com")),
    ("id,E-MAIL", "3,jane.roe@example.com", ("email",), "listed", said("email", "jane.roe@example.com")),
    ("address", "jane.roe@example.com", ("email",), "listed", said("email", "jane.roe@example.com")),
    ("sha256", SHA.upper(), ("email",), "listed", said("email", "jane.roe@example.com")),
    ("Phone", "(217) 555-0142", ("sms",), "listed", said("sms", "+12175550142")),
    ("Area Code,Number", "217,5550142", ("sms",), "listed", said("sms", "+12175550142")),
    (MPS, "Jane,Roe,12 Main St,,Springfield,IL,62701,", ("post",), "listed", said("post", JANE)),
    (MPS, "Jane,Roe,12 Main St,,Springfield,IL,62701,Y", ("post",), "listed", said("post", HOME)),
    (MPS, "Jane,Roe,12 Main St,,Springfield,IL,62701,Y", ("post",), "deceased", said("post", JANE)[:1]),
    (MPS, ",,12 Main St,,Springfield,IL,62701,", ("post",), "listed", said("post", HOME)),
    (MPS, "Jane,Roe,12 Main St,Apt 3,Springfield,IL,62701,", ("post",), "listed",
     said("post", "Jane Roe, 12 Main St Apt 3, Springfield, IL 62701")),
    ("name,street,zip,zip4", "Jane Roe,12 Main St,62701,1234", ("post",), "listed", said("post", JANE)),
    ("email,phone", "jane.roe@example.com,+12175550142", ("email", "sms"), "choice",
     said("email", "jane.roe@example.com") + said("sms", "+12175550142")),
    ("email,phone", ",+12175550142", ("email", "sms", "post"), "choice", said("sms", "+12175550142")),
]  # fmt: skip


def test_what_a_row_denies() -> None:
    wrong = []
    for header, row, channels, cause, expected in GOOD:
        found = read(header, row, *channels, cause=cause)
        if keys(found) != expected or found.bad:
            wrong.append((header, row, found))
    assert not wrong


# header, row, channels, cause, (field, code) of what is wrong, number of keys denied all the same
BAD: list[tuple[str, str, tuple[str, ...], str, tuple[str, str], int]] = [
    ("email,name", "jane.roe,Jane", ("email",), "listed", ("email", "no_at_sign"), 0),
    ("email,name", ",Jane", ("email",), "listed", ("email", "missing"), 0),
    ("email,name", "a@example.com,Jane,Roe", ("email",), "listed", ("", "too_many_cells"), 0),
    ("email,name", "j\ufffdrg@example.com,Jane", ("email",), "listed", ("email", "bad_encoding"), 0),
    ("sha256", SHA[:-1], ("email",), "listed", ("hash", "not_sha256"), 0),
    (MPS, "Jane,Roe,,,Springfield,IL,62701,", ("post",), "listed", ("line1", "no_street"), 0),
    (MPS, "Jane,Roe,12 Main St,,,,,", ("post",), "listed", ("postal_code", "no_postal_code"), 0),
    (MPS, ",,12 Main St,,Springfield,IL,62701,", ("post",), "deceased", ("name", "missing"), 0),
    ("email,phone", "a@example.com,12", ("email", "sms"), "choice", ("phone", "not_possible"), 1),
]


def test_what_is_wrong_is_named_and_loses_nothing_else() -> None:
    wrong = []
    for header, row, channels, cause, expected, denied in BAD:
        found = read(header, row, *channels, cause=cause)
        told = [(bad.field, bad.code) for bad in found.bad]
        if told != [expected] or len(found.denied) != denied or any(bad.line != 7 for bad in found.bad):
            wrong.append((header, row, found))
        repeated = [cell for cell in row.split(",") if len(cell) > 3 and any(cell in bad.detail for bad in found.bad)]
        assert not repeated
    assert not wrong


def test_without_a_header_the_first_row_tells() -> None:
    for first, channels, expected in (
        (["a@example.com"], ("email",), {"email": 0}),
        (["7", "a@example.com", "+12175550142"], ("email", "sms"), {"email": 1, "phone": 2}),
        (["+1 217 555 0142"], ("sms",), {"phone": 0}),
        (["217", "5550142"], ("sms",), {"area_code": 0, "phone": 1}),
        ([SHA], ("email",), {"hash": 0}),
        (["Jane Roe", "12 Main St", "Springfield", "IL 62701"], ("post",), {"address": -1}),
    ):
        columns, header = find_columns(first, channels, {})
        assert (columns, header) == (expected, ())
    whole = Reading(("post",), "listed", "US", {"address": -1}, 0, NOW)
    assert keys(read_row(Record(1, ["Jane Roe", *HOME.split(", ")]), whole)) == said("post", JANE)


def test_a_column_that_is_asked_for_and_not_there() -> None:
    for first, asked, field in (
        (["Kontakt", "Ort"], {"email": "Mail"}, "email"),
        (["Kontakt", "Ort"], {"fax": "Kontakt"}, "fax"),
        (["Kontakt", "Ort"], {}, ""),
        (["Kontakt", "Straße"], {}, ""),
    ):
        with pytest.raises(UnknownColumn) as caught:
            find_columns(first, ("email",), asked)
        assert caught.value.field == field
    columns, _ = find_columns(["Kontakt", "Ort"], ("email",), {"email": "kontakt"})
    assert columns["email"] == 0


def test_days_are_read() -> None:
    found = read("email,Opt-out date", "a@example.com,2026-01-31", "email", cause="choice")
    assert found.said_at == datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert read("email,date", "a@example.com,soon", "email", cause="choice").said_at is None


CELLS = st.one_of(st.text(max_size=60), st.sampled_from(["a@example.com", "+12175550142", SHA, "12 Main St", "62701"]))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=9), min_size=1, max_size=6), st.sampled_from(["listed", "deceased"])
)
def test_any_table_is_read_or_refused(table: list[list[str]], cause: str) -> None:
    body = "\n".join(";".join(cells) for cells in table).encode("utf-8", "surrogatepass")
    first, *records = [*read_table(io.BytesIO(body)), Record(99, ["a@example.com"] * 9)]
    try:
        columns, header = find_columns(first.cells, ("email", "sms", "post"), {})
    except UnknownColumn:
        return
    reading = Reading(("email", "sms", "post"), cause, "US", columns, len(header), NOW)
    for record in records:
        found = read_row(record, reading)
        assert found.denied or found.bad
        assert "unreadable" not in {bad.code for bad in found.bad}
