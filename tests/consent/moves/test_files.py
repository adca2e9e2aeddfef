"""Files of changes of address: what is read of them, and that a bad row costs only itself."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from consent.lists.listed import Incomplete, Unreadable
from consent.models import ConsentEvent, Inbound
from consent.moves.table import Row, Settings, read_moves
from tests.consent.core.example import Organisation
from tests.consent.moves.telling import Telling, is_derived, named

NCOALINK = """\
Name,Address,City,State,Zip,NCOA Address1,NCOA City,NCOA State,NCOA Zip,Move Effective Date,Move Type
Jane Roe,12 Oak St,Springfield,IL,62701,9 Elm St Apt 4,Austin,TX,78701-1234,202603,I
Max Moe,14 Oak St,Springfield,IL,62701,77 Lake Dr,Chicago,IL,60601,202512,F
Ann Lee,16 Oak St,Springfield,IL,62701,,,,,,
Tim Lee,18 Oak St,Springfield,IL,62701,,,,,202601,I
Bad Row,20 Oak St,Springfield,IL,62701,nowhere,,,,202601,I
Bad Day,22 Oak St,Springfield,IL,62701,7 Lake Dr,Chicago,IL,60601,the ides,I
Bad Who,24 Oak St,Springfield,IL,62701,8 Lake Dr,Chicago,IL,60601,202601,X
No Home,,,,,8 Lake Dr,Chicago,IL,60601,202601,I
"Open Quote,26 Oak St,Springfield,IL,62701,8 Lake Dr,Chicago,IL,60601,202601,I
Sue Poe,28 Oak St,Springfield,IL,62701,9 Lake Dr,Chicago,IL,60601,202601,B
"""
JANE, MAX, SUE = (
    "Jane Roe, 9 Elm St Apt 4, Austin, TX 78701",
    "Max Moe, 77 Lake Dr, Chicago, IL 60601",
    "Sue Poe, 9 Lake Dr, Chicago, IL 60601",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "moves.csv"
    path.write_text(NCOALINK)
    return path


def run(path: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[str, str]:
    call_command("import_moves", str(path), controller="acme", **options)
    told = capsys.readouterr()
    return told.out, told.err


@pytest.mark.django_db
def test_a_file_takes_denials_along_and_names_what_it_could_not_read(
    organisation: Organisation, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell = Telling(organisation)
    tell.say("post", "Jane Roe, 12 Oak Street, Springfield, IL 62701")
    tell.say("post", "14 Oak St, Springfield, IL 62701")
    tell.say("post", "Sue Poe, 28 Oak St, Springfield, IL 62701")
    out, err = run(file, capsys)
    assert "read 10, taken in 4, known before 0, not moved 1, unreadable 5" in out
    assert [line.split(":")[0].strip() for line in err.splitlines()] == [f"line {n}" for n in (6, 7, 8, 9, 10)]
    assert [line.split(":")[1].strip() for line in err.splitlines()] == [
        "to",
        "moved_on",
        "who",
        "from",
        "its quotes do not match",
    ]
    assert not any(name in out + err for name in ("Row", "Oak", "Lake"))
    assert tell.reason("post", JANE) == "held"
    assert [tell.then("post", one) for one in (JANE, MAX, SUE, named("Ida Moe", MAX))] == ["opted_out"] * 4
    before = ConsentEvent.objects.count(), Inbound.objects.count()
    out, _ = run(file, capsys)
    assert "taken in 0, known before 4" in out
    assert tell.then("post", JANE) == "opted_out"
    assert (ConsentEvent.objects.count(), Inbound.objects.count()) == before
    assert is_derived()


@pytest.mark.django_db
def test_a_file_of_another_channel_with_columns_of_any_name(
    organisation: Organisation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell = Telling(organisation)
    tell.say("sms", "+14155550123")
    path = tmp_path / "numbers.csv"
    path.write_text("was;is;since\n(415) 555-0123;(415) 555-0124;2026-03-01\n")
    mapped = ["old=was", "new=is", "moved_on=since"]
    out, _ = run(path, capsys, channel="sms", map=[tuple(one.split("=")) for one in mapped])
    assert "taken in 1" in out
    assert tell.then("sms", "+14155550124") == "opted_out"


@pytest.mark.django_db
def test_what_cannot_be_read_at_all_is_said(organisation: Organisation, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("colour,size\nred,7\n")
    for path, told in ((tmp_path / "none.csv", "cannot be read"), (empty, "no column of old addresses")):
        with pytest.raises(CommandError, match=told):
            call_command("import_moves", str(path), controller="acme")
    with pytest.raises(CommandError, match="no controller nobody"):
        call_command("import_moves", str(empty), controller="nobody")


# header, row, what the move then says of it; None: nobody moved; a text: why it is unreadable
READ: list[tuple[str, str, dict[str, Any] | str | None]] = [
    ("old,new", "1 A St,2 B St", {"old": "1 A St", "new": "2 B St"}),
    ("address,new address", "1 A St,2 B St", {"old": "1 A St", "new": "2 B St"}),
    ("Old Address 1,Old City,New Address 1,New City", "1 A,X,2 B,Y", {"new": {"line1": "2 B", "city": "Y"}}),
    ("previous_street,previous_zip,new_street,new_zip", "1 A,1,2 B,2", {"old": {"line1": "1 A", "postal_code": "1"}}),
    ("first name,last name,old,new", "Jane,Roe,1 A,2 B", {"name": "Jane Roe"}),
    ("old,new,move date", "1 A,2 B,2/9/2026", {"moved_on": "2026-02-09"}),
    ("old,new,move date", "1 A,2 B,2026-02", {"moved_on": "2026-02-28"}),
    ("old,new,move type,temporary", "1 A,2 B,Family,yes", {"who": "family", "temporary": True}),
    ("old,new,move type", "1 A,,I", {"new": None}),
    ("old,new,move type", "1 A,,", None),
    ("old,new,temporary", "1 A,2 B,perhaps", "temporary: neither yes nor no"),
    ("old,new,type", "1 A,2 B,Q", "who: the type of move is individual, family or business"),
    ("old,new", ",2 B", "from: it has no old address"),
    ("old,new,external id", "1 A,2 B,p-7", {"external_id": "p-7"}),
]


def test_rows_are_read_by_the_names_of_their_columns(tmp_path: Path) -> None:
    wrong = []
    for place, (header, row, expected) in enumerate(READ):
        path = tmp_path / f"{place}.csv"
        path.write_text(f"{header}\n{row}\n")
        [read] = list(read_moves(path, Settings()))
        found: Any
        if isinstance(read, Unreadable):
            found = read.why
        else:
            assert isinstance(read, Row)
            found = read.move and {
                name: str(value) if name == "moved_on" else value
                for name, value in ((name, getattr(read.move, name)) for name in expected or {})
            }
        if found != expected:
            wrong.append((header, row, found))
    assert not wrong


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old,new\n1 A St,2 B St\n")
    for columns, told in (({"old": "was"}, "no column 'was'"), ({"colour": "old"}, "no 'colour'")):
        with pytest.raises(Incomplete, match=told):
            list(read_moves(path, Settings(columns=columns)))
