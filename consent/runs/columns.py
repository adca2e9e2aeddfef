"""Which columns of an address file hold which part of the address, by its header or by a mapping. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from consent.normalise.post import FIELDS

NEW = ("allowed", "reason", "checked_at")  # what a result has beside the file's own columns

# Names of header cells in the form of `plain`, the surest first. `first`, `last` and `house` are parts of a field.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "name": (
        *("name", "fullname", "recipient", "recipientname", "addressee", "customername", "contactname", "contact"),
        *("personname", "donorname", "membername", "nomcomplet", "nombrecompleto", "nomecompleto", "nomeecognome"),
        *("empfanger", "destinataire", "destinatario", "naam"),
    ),
    "first": (
        *("firstname", "first", "fname", "givenname", "forename", "vorname", "prenom", "nombre", "nombres", "nome"),
        *("primeironome", "voornaam"),
    ),
    "last": (
        *("lastname", "last", "lname", "surname", "familyname", "nachname", "familienname", "nom", "nomdefamille"),
        *("apellido", "apellidos", "cognome", "sobrenome", "achternaam"),
    ),
    "line1": (
        *("line1", "address1", "addressline1", "addr1", "add1", "address01", "streetaddress", "street1", "street"),
        *("deliveryaddress", "deliveryline1", "mailingaddress", "mailingaddress1", "mailingstreet", "postaladdress"),
        *("homeaddress", "address", "addr", "adress1", "strasse", "strassehausnummer", "adresse1", "adresse"),
        *("anschrift", "rue", "voie", "direccion", "direccion1", "domicilio", "calle", "indirizzo", "via", "endereco"),
        *("morada", "rua", "logradouro", "straat", "adres"),
    ),
    "house": (
        *("housenumber", "houseno", "hausnummer", "hausnr", "streetnumber", "streetno", "numerocivico"),
        "huisnummer",
    ),
    "line2": (
        *("line2", "address2", "addressline2", "addr2", "add2", "address02", "street2", "deliveryline2"),
        *("mailingaddress2", "apt", "apartment", "aptno", "aptnumber", "unit", "unitnumber", "suite", "ste"),
        *("secondaryaddress", "secondary", "adresszusatz", "adresse2", "complement", "complementadresse"),
        *("direccion2", "complemento", "indirizzo2", "interno"),
    ),
    "city": (
        *("city", "town", "cityname", "posttown", "locality", "mailingcity", "municipality", "place", "suburb"),
        *("ort", "stadt", "wohnort", "ville", "commune", "localite", "ciudad", "poblacion", "localidad", "municipio"),
        *("citta", "comune", "localita", "cidade", "localidade", "plaats", "woonplaats"),
    ),
    "region": (
        *("region", "state", "st", "stateprovince", "stateorprovince", "statecode", "stateabbreviation", "province"),
        *("prov", "mailingstate", "county", "bundesland", "departement", "provincia", "estado", "uf", "provincie"),
    ),
    "postal_code": (
        *("postalcode", "zip", "zipcode", "zip5", "postcode", "postalzip", "zippostalcode", "zippostal", "zippost"),
        *("mailingzip", "mailingpostalcode", "zipplusfour", "zipplus4", "plz", "postleitzahl"),
        *("codepostal", "cp", "codigopostal", "codpostal", "cap", "cep", "pincode"),
    ),
    "country": (
        *("country", "countrycode", "countryname", "mailingcountry", "iso2", "land", "pays", "pais", "paese"),
        "nazione",
    ),
}  # fmt: skip
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
Mapped = Mapping[str, str | Sequence[str]]


class BadColumns(Exception):
    """The columns cannot be told. `pointer` names the member at fault: `/file`, or one of the mapping."""

    def __init__(self, pointer: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.code = code
        self.detail = detail


Places = dict[str, list[int]]


class Found(NamedTuple):
    """Places of the columns of each part, in the order in which they are joined, and the width of the header."""

    places: Places
    width: int


def plain(cell: str) -> str:
    """A header's cell without case, accents, spaces and punctuation: `Straße` and `STRASSE` are one."""
    folded = unicodedata.normalize("NFKD", cell[:200]).casefold()
    return _NOT_PLAIN.sub("", folded)


def find_columns(header: Sequence[str], mapping: Mapped) -> Found:
    """Find the columns. What `mapping` names (field → header or headers) goes before what is found by itself.

    Raise `BadColumns`.
    """
    names = [plain(cell) for cell in header]
    _refuse_ours(names)
    places = {field: _mapped(field, written, header, names) for field, written in mapping.items()}
    taken = {place for group in places.values() for place in group}
    free = ["" if place in taken else name for place, name in enumerate(names)]
    places |= _by_synonyms(free, wanted=set(FIELDS) - places.keys())
    if not places.get("line1"):
        raise BadColumns("/file", "no_address_column", "no column holds the street address: name it in the mapping")
    return Found(places, len(header))


def _refuse_ours(names: Sequence[str]) -> None:
    taken = [new for new in NEW if plain(new) in names]
    if taken:
        raise BadColumns("/file", "column_taken", f"it has a column {taken[0]!r} already: an earlier result?")


def _mapped(field: str, written: str | Sequence[str], header: Sequence[str], names: Sequence[str]) -> list[int]:
    if field not in FIELDS:
        raise BadColumns(f"/mapping/{field[:40]}", "unknown_member", f"the parts are {', '.join(FIELDS)}")
    wanted = [written] if isinstance(written, str) else list(written)
    return [_one(field, one, header, names) for one in wanted]


def _one(field: str, wanted: str, header: Sequence[str], names: Sequence[str]) -> int:
    """The one column of that name, as it is written or, if that is none, as it reads without case and punctuation."""
    trimmed = [cell.strip() for cell in header]
    for cells, name in ((trimmed, wanted.strip()), (list(names), plain(wanted))):
        if name and cells.count(name) == 1:
            return cells.index(name)
        if name and cells.count(name) > 1:
            raise BadColumns(f"/mapping/{field}", "column_twice", f"there are several columns {wanted[:40]!r}")
    raise BadColumns(f"/mapping/{field}", "unknown_column", f"there is no column {wanted[:40]!r}")


def _by_synonyms(names: Sequence[str], wanted: set[str]) -> Places:
    at = {part: place for part, synonyms in SYNONYMS.items() if (place := _first(names, synonyms)) >= 0}
    name = _name_places(at)
    # "Street, house number" or the other way round, as the file's country writes it.
    line1 = sorted(at[part] for part in ("line1", "house") if part in at) if "line1" in at else []
    plain_parts = {part: [at[part]] for part in FIELDS if part in at}
    return {field: group for field, group in (plain_parts | {"name": name, "line1": line1}).items() if field in wanted}


def _name_places(at: Mapping[str, int]) -> list[int]:
    """The columns of the name: the whole one, or first and last. Beside a `Vorname` a mere `Name` is the last."""
    if "first" not in at:
        return [at[part] for part in ("name", "last") if part in at][:1]
    if "name" in at and "last" in at:
        return [at["name"]]
    return [at[part] for part in ("first", "last", "name") if part in at]


def _first(names: Sequence[str], synonyms: Sequence[str]) -> int:
    return next((names.index(synonym) for synonym in synonyms if synonym in names), -1)
