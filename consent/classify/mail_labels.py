"""Addresses written as a form: "Name: Jane Roe / Address: 102 Main St / City: Springfield / ZIP code: 62701"."""

import re
from typing import Final

LABELS: Final[dict[str, tuple[str, ...]]] = {
    "name": (
        "name",
        "full name",
        "my name",
        "name is",
        "my name is",
        "recipient",
        "addressee",
        "nom",
        "nombre",
        "nome",
        "naam",
        "namn",
        "vor und nachname",
    ),
    "first": ("first name", "firstname", "given name", "vorname", "prénom"),
    "last": (
        "last name",
        "lastname",
        "surname",
        "family name",
        "nachname",
        "apellido",
        "apellidos",
        "cognome",
        "achternaam",
    ),
    "street": (
        "address",
        "my address",
        "street address",
        "street",
        "mailing address",
        "postal address",
        "home address",
        "address line 1",
        "address 1",
        "address line",
        "addr",
        "anschrift",
        "adresse",
        "postanschrift",
        "straße",
        "strasse",
        "rue",
        "dirección",
        "direccion",
        "calle",
        "indirizzo",
        "via",
        "adres",
        "straat",
        "endereço",
        "endereco",
        "rua",
        "adress",
    ),
    "unit": ("apt", "apartment", "unit", "suite", "address line 2", "address 2", "apt number", "apt no", "unit number"),
    "city": (
        "city",
        "town",
        "city town",
        "ort",
        "stadt",
        "wohnort",
        "ville",
        "ciudad",
        "città",
        "citta",
        "plaats",
        "stad",
        "cidade",
        "localidad",
    ),
    "state": ("state", "province", "region", "county", "estado", "provincia"),
    "city_state": ("city state", "city and state", "city state zip", "city st zip"),
    "zip": (
        "zip",
        "zip code",
        "zipcode",
        "postal code",
        "postcode",
        "post code",
        "plz",
        "postleitzahl",
        "code postal",
        "código postal",
        "codigo postal",
        "cp",
        "cap",
        "cep",
        "zip postal code",
        "postnummer",
    ),
    "country": ("country", "land", "pays", "país", "pais", "paese"),
}
CODE_FIRST: Final = frozenset(
    {"plz", "postleitzahl", "code postal", "código postal", "codigo postal", "cp", "cap", "cep", "postnummer"}
)
"""Labels of countries that write the code before the town."""
FIELD_OF: Final = {label: field for field, labels in LABELS.items() for label in labels}
LINE_CHARS: Final = 400

LABEL: Final = re.compile(
    r"(?:(?<=^)|(?<=[\s,;|/(]))("
    + "|".join(re.escape(label) for label in sorted(FIELD_OF, key=len, reverse=True))
    + r")(?:\s*[/,]\s*(?:state|zip|st|town|postal code))*\s*(?:[:=]|\s-\s)\s*",
    re.IGNORECASE,
)

Record = dict[str, str]


def labelled_addresses(lines: list[str]) -> tuple[list[list[str]], list[str]]:
    """Give the addresses that labels spell out, each as lines, and the lines with what was used left blank.

    Without a street and a postal code (or a city and state) labels make no address, and every line is given back.
    """
    records: list[Record] = [{}]
    rest: list[str] = []
    field = ""
    for line in lines:
        pairs = _pairs(line[:LINE_CHARS])
        if pairs:
            field = _take(records, pairs)
        elif line and field == "street" and records[-1]:
            records[-1]["street"] += f"\n{line}"
        else:
            field = field if line else ""
        rest.append("" if pairs or field == "street" else line)
    addresses = [_lines(record) for record in records if _is_address(record)]
    return (addresses, rest) if addresses else ([], lines)


def _pairs(line: str) -> list[tuple[str, str]]:
    found = list(LABEL.finditer(line))
    if not found:
        return []
    ends = [match.start() for match in found[1:]] + [len(line)]
    pairs = [
        (FIELD_OF[match[1].casefold()], line[match.end() : end].strip(" ,;|/)("))
        for match, end in zip(found, ends, strict=True)
    ]
    is_code_first = any(match[1].casefold() in CODE_FIRST for match in found)
    return [("code_first", "yes"), *pairs] if is_code_first else pairs


def _take(records: list[Record], pairs: list[tuple[str, str]]) -> str:
    """Put pairs into the last record; a second name, or a second street, begins a new one."""
    for field, value in pairs:
        if field in records[-1] and (field in {"name", "first"} or (field == "street" and _is_address(records[-1]))):
            records.append({})
        records[-1].setdefault(field, value)
    return pairs[-1][0]


def _is_address(record: Record) -> bool:
    place = record.get("zip") or record.get("city") or record.get("city_state")
    return bool(record.get("street")) and bool(place or re.search(r"\d{4,5}", record["street"]))


def _lines(record: Record) -> list[str]:
    name = record.get("name") or " ".join(filter(None, (record.get("first"), record.get("last"))))
    unit = record.get("unit", "")
    unit = f"Apt {unit}" if re.fullmatch(r"\w{1,5}", unit) and unit.casefold() not in {"none", "na", "n"} else unit
    lines = (name, *record["street"].split("\n"), unit, _place(record), record.get("country", ""))
    return [line for line in lines if line.strip()]


def _place(record: Record) -> str:
    city, code = record.get("city_state") or record.get("city", ""), record.get("zip", "")
    if record.get("code_first") and city and code:
        return f"{code} {city}"
    state_and_code = " ".join(filter(None, (record.get("state"), code)))
    return ", ".join(filter(None, (city, state_and_code)))
