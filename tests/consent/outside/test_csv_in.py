"""Tables in every dress that systems export them in."""

import gzip
import io
import zipfile

import pytest

from consent.csv_in import BadTable, TooLarge, read_rows, read_table

TEXT = 'Name;E-Mail\n"Müller; Jörg";joerg@example.com\nŽofie;zofie@example.com\n'
ROWS = [
    (2, {"Name": "Müller; Jörg", "E-Mail": "joerg@example.com"}),
    (3, {"Name": "Žofie", "E-Mail": "zofie@example.com"}),
]


def zipped(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return packed.getvalue()


def rows(body: bytes) -> list[tuple[int, dict[str, str]]]:
    return list(read_rows(io.BytesIO(body)))


def test_encodings_delimiters_ends_and_packing() -> None:
    dressed = {
        "utf-8": TEXT.encode(),
        "utf-8 with mark": TEXT.encode("utf-8-sig"),
        "windows-1252": TEXT.encode("cp1252"),
        "utf-16": TEXT.encode("utf-16"),
        "utf-16 le": TEXT.encode("utf-16-le"),
        "utf-16 be": TEXT.encode("utf-16-be"),
        "utf-16 be with mark": b"\xfe\xff" + TEXT.encode("utf-16-be"),
        "CR LF": TEXT.replace("\n", "\r\n").encode(),
        "CR": TEXT.replace("\n", "\r").encode("cp1252"),
        "tabs": TEXT.replace('"Müller; Jörg"', "Müller: Jörg").replace(";", "\t").replace("r: J", "r; J").encode(),
        "no end of line": TEXT.rstrip("\n").encode(),
        "gzip": gzip.compress(TEXT.encode()),
        "zip": zipped({"a.csv": TEXT}),
        "gzip of utf-16": gzip.compress(TEXT.encode("utf-16")),
    }
    wrong = {name: found for name, body in dressed.items() if (found := rows(body)) != ROWS}
    assert not wrong


def test_one_line_in_another_encoding_spoils_no_other() -> None:
    body = "email,name\na@example.com,Jörg\n".encode() + "b@example.com,Jörg\n".encode("cp1252")
    assert [cells["name"] for _, cells in rows(body)] == ["Jörg", "Jörg"]


def test_what_is_cut_off_or_too_large_is_said() -> None:
    packed = gzip.compress(TEXT.encode() * 1000)
    whole = zipped({"a.csv": TEXT * 1000})
    for body in (
        whole[:-30],
        zipped({"a.csv": TEXT, "b.csv": TEXT}),
        b"PK\x03\x04",
        packed[:-10],
        packed[:40],
        packed[:60] + b"\0" * 30,
    ):
        with pytest.raises(BadTable):
            rows(body)
    with pytest.raises(TooLarge):
        list(read_table(io.BytesIO(gzip.compress(b"a@example.com\n" * 10_000)), most=100_000))
    assert len(list(read_table(io.BytesIO(b"a@example.com\n" * 10), most=140))) == 10


def test_odd_bytes_are_rows_and_never_an_error() -> None:
    odd = (b"", b"\n\n\n", b"\0", b"\xff", b"\xff\xfe", b'"', b'"\n' * 100, b"\x1f", b"x" * 300_000, b",,,\n" * 10)
    for body in odd:
        list(read_table(io.BytesIO(body)))
    [long] = list(read_table(io.BytesIO(b"a" * 500_000)))
    assert len(long.cells[0]) < 30_000
