"""Headers, names and lines of address files, without a database."""

from collections.abc import Sequence

from consent.runs.addressees import addresses_of
from consent.runs.columns import find_columns
from consent.runs.rows import Place, Row, read_rows, with_cells

HEADERS: list[tuple[str, dict[str, list[int]]]] = [
    ("name,line1,line2,city,region,postal_code,country", {"name": [0], "line1": [1], "line2": [2], "city": [3]}),
    ("First Name,Last Name,Address 1,Address 2,City,ST,Zip Code", {"name": [0, 1], "line1": [2], "region": [5]}),
    ("LAST,FIRST,STREET_ADDRESS,APT,CITY,STATE,ZIP+4,COUNTY", {"name": [1, 0], "line2": [3], "region": [5]}),
    ("Full Name,First Name,Last Name,Street,Town,Postcode", {"name": [0], "line1": [3], "city": [4]}),
    ("Vorname,Name,Straße,Hausnummer,PLZ,Ort", {"name": [0, 1], "line1": [2, 3], "postal_code": [4], "city": [5]}),
    ("Nom,Prénom,Adresse,Complément,Code postal,Ville,Pays", {"name": [1, 0], "line2": [3], "country": [6]}),
    ("Nombre,Apellidos,Dirección,Código Postal,Población,Provincia", {"name": [0, 1], "line1": [2], "region": [5]}),
    ("id,Company,House Number,Street,City,Zip", {"line1": [2, 3], "postal_code": [5]}),
    ("Anschrift,Code", {"line1": [0]}),
]  # fmt: skip


def test_common_headers_are_known() -> None:
    wrong = []
    for header, expected in HEADERS:
        places = find_columns(header.split(","), {}).places
        if {part: places.get(part) for part in expected} != expected:
            wrong.append((header, places))
    assert not wrong


# a name on a piece → whom a no of would stop it; "" is anyone there
NAMES: list[tuple[str, list[str]]] = [
    ("Jane Roe", ["Jane Roe"]),
    ("  Jane   Roe ", ["Jane Roe"]),
    ("", [""]),
    ("Current Resident", [""]),
    ("CURRENT OCCUPANT", [""]),
    ("Postal Customer", [""]),
    ("Our Neighbor at", [""]),
    ("To the Householder", [""]),
    ("An alle Haushalte", [""]),
    ("Aux occupants", [""]),
    ("Al residente actual", [""]),
    ("Jane Roe or Current Resident", ["Jane Roe", ""]),
    ("JANE ROE OR CURRENT OCCUPANT", ["JANE ROE", ""]),
    ("Jane Roe (or present resident)", ["Jane Roe", ""]),
    ("John and Jane Roe", ["John and Jane Roe", "John Roe", "Jane Roe"]),
    ("John Doe & Jane Roe", ["John Doe & Jane Roe", "John Doe", "Jane Roe"]),
    ("Mr. & Mrs. Roe", ["Mr. & Mrs. Roe", "Mr. Roe", "Mrs. Roe"]),
    ("Hans und Greta Maier", ["Hans und Greta Maier", "Hans Maier", "Greta Maier"]),
    ("Roe, John & Jane", ["Roe, John & Jane", "Roe, John", "Jane Roe"]),
    ("Ann Resident", ["Ann Resident"]),
    ("Customer Jones", ["Customer Jones"]),
    ("Sandy Andrews", ["Sandy Andrews"]),
    ("Roe Family", ["Roe Family"]),
    ("&", ["&"]),
]


def test_whom_a_piece_is_for() -> None:
    places = {"name": [0], "line1": [1]}
    wrong = [
        (name, have)
        for name, expected in NAMES
        if (have := [one.get("name", "") for one in addresses_of([name, "1 Elm St"], places)]) != expected
    ]
    assert not wrong
    assert addresses_of(["x" * 100_000 + " or current resident", "1 Elm St"], places)


def in_blocks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def test_rows_are_the_same_in_whatever_blocks_they_come_and_wherever_reading_goes_on() -> None:
    data = b'a,b\n"x\ny",1\r\n\n"open,2\nz,3\n"""q""",4\n' + b"w" * 70_000 + b",5\nlast,6"
    whole = list(read_rows([data], ","))
    assert [row.cells and row.cells[-1] for row in whole] == ["b", "1", None, "3", "4", None, None, "6"]
    assert [row.line for row in whole] == [1, 2, 5, 6, 7, 8, 8, 9]
    for size in (1, 2, 7, 65_536):
        assert list(read_rows(in_blocks(data, size), ",")) == whole
    for place, row in enumerate(whole[:5]):
        assert list(read_rows([data[row.end :]], ",", row.place)) == whole[place + 1 :]


def cells_of(row: Row, new: Sequence[str] = ("true",)) -> bytes:
    return with_cells(row, 2, ",", new, b"\n")


def test_new_cells_stand_behind_the_last_column() -> None:
    rows = read_rows([b'a,b\r\nshort\na,b,\na,b,c\n"open\n'], ",", Place())
    assert [cells_of(row) for row in rows] == [
        b"a,b,true\r\n",
        b"short,,true\n",
        b"a,b,true\n",
        b'a,"b,c",true\n',
        b'"""open",,true\n',
    ]
