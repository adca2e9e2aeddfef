"""An address outside the US → its parts: by its postal code, found by its country's format, and its lines."""

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from consent.normalise.post_country import NUMBER_SUFFIXES, rules
from consent.normalise.post_model import Home, Street
from consent.normalise.post_names import city_name, person_name
from consent.normalise.post_segments import Segment, delivery_index, split, with_numbers
from consent.normalise.post_street import parse_street
from consent.normalise.post_text import fold, has_digit
from consent.normalise.post_units import is_unit_only, take_units

ENGLISH = frozenset({"AU", "CA", "GB", "GG", "HK", "IE", "IM", "IN", "JE", "NZ", "PH", "SG", "ZA"})
# What people shorten in a street, per country and for all.
_WORDS = {
    "DE": {"STR": "STRASSE", "PL": "PLATZ"},
    "AT": {"STR": "STRASSE", "PL": "PLATZ"},
    "CH": {"STR": "STRASSE", "PL": "PLATZ", "AV": "AVENUE"},
    "FR": {"AV": "AVENUE", "AVE": "AVENUE", "BD": "BOULEVARD", "BLD": "BOULEVARD", "BVD": "BOULEVARD", "R": "RUE",
           "PL": "PLACE",
           "CHE": "CHEMIN", "CH": "CHEMIN", "ALL": "ALLEE", "IMP": "IMPASSE", "RTE": "ROUTE", "SQ": "SQUARE",
           "FG": "FAUBOURG",
           "FBG": "FAUBOURG", "ST": "SAINT", "STE": "SAINTE", "APPT": "APPARTEMENT", "APT": "APPARTEMENT",
           "BAT": "BATIMENT"},
    "BE": {"AV": "AVENUE", "BD": "BOULEVARD", "R": "RUE", "CH": "CHAUSSEE", "STR": "STRAAT", "PL": "PLACE"},
    "ES": {"C": "CALLE", "CL": "CALLE", "AV": "AVENIDA", "AVDA": "AVENIDA", "PZA": "PLAZA", "PL": "PLAZA",
           "PO": "PASEO",
           "CTRA": "CARRETERA"},
    "IT": {"V": "VIA", "PZA": "PIAZZA", "VLE": "VIALE", "CSO": "CORSO"},
    "MX": {"AV": "AVENIDA", "C": "CALLE", "COL": "COLONIA"},
    "BR": {"R": "RUA", "AV": "AVENIDA", "PCA": "PRACA"},
    "PT": {"R": "RUA", "AV": "AVENIDA", "PCA": "PRACA"},
    "PL": {"UL": "", "AL": "ALEJA"},
    "NL": {"STR": "STRAAT"},
}  # fmt: skip
_GLUED_ENDINGS = {
    "DE": (("STR", "STRASSE"),), "AT": (("STR", "STRASSE"),), "CH": (("STR", "STRASSE"),), "NL": (("STR", "STRAAT"),),
    "BE": (("STR", "STRAAT"),),
}  # fmt: skip
_DROPPED = frozenset({"DE", "DU", "DES", "LA", "LE", "LES", "NR", "NO", "#"})
_PREFIX = re.compile(r"\b[A-Z]{1,3}-(?=[0-9]{4,5}\b)")
_UNIT_BEFORE_NUMBER = re.compile(r"([0-9]+[A-Z]?)[/-]([0-9]+[A-Z]?)")  # 4/12 High St; 10-123 Main St in Canada


def parse_foreign_text(text: str, country: str) -> Home:
    """Read an address from one text."""
    first, segments = split(text)
    postal_code, place, segments = _take_postal_code(segments, country)
    if not segments:
        return Home(country, Street("street"), person_name(first), " ".join(place), "", postal_code)
    index = delivery_index(segments)
    after = segments[index + 1 :]
    if not _city_of(place, country) and after and not is_unit_only(after[-1]):
        place = [*after[-1], *place]
    names = [segment for segment in segments[:index] if not is_unit_only(segment)]
    street = _street([line for line in segments[:index] if is_unit_only(line)] + segments[index:], country)
    name = person_name(first or " ".join(names[0] if names else []))
    return Home(country, street, name, _city_of(place, country), _region_of(place, country), postal_code)


def parse_foreign_fields(fields: Mapping[str, str], country: str) -> Home:
    """Read an address from its fields."""
    lines = with_numbers(
        [fold(piece).split() for key in ("line1", "line2") for piece in fields.get(key, "").split(",")]
    )
    region = fold(fields.get("region", ""))
    return Home(
        country,
        _street(lines, country) if lines else Street("street"),
        person_name(fields.get("name", "")),
        city_name(fold(fields.get("city", "")).split()),
        regions(country).get(region, region),
        plain_code(fold(fields.get("postal_code", ""))),
    )


@lru_cache(maxsize=300)
def regions(country: str) -> dict[str, str]:
    """Give the provinces that a country's addresses name: name or code → code."""
    data = rules(country)
    codes = data.get("sub_keys", "").split("~") if country in ENGLISH and "S" in data.get("require", "") else []
    names = data.get("sub_names", "").split("~") + data.get("sub_lnames", "").split("~")
    return {fold(name): code for code, name in zip(codes, names, strict=False) if name} | {code: code for code in codes}


def _region_size(place: Segment, country: str) -> int:
    return next((size for size in (3, 2, 1) if " ".join(place[-size:]) in regions(country)), 0)


def _region_of(place: Segment, country: str) -> str:
    return regions(country).get(" ".join(place[-_region_size(place, country) :]), "")


def _city_of(place: Segment, country: str) -> str:
    return city_name(place[: len(place) - _region_size(place, country)])


def plain_code(folded: str) -> str:
    """Give a postal code without spaces, hyphens and the letters of its country."""
    return _PREFIX.sub("", folded).replace(" ", "").replace("-", "")


@lru_cache(maxsize=300)
def _code_pattern(country: str) -> re.Pattern[str] | None:
    pattern = rules(country).get("zip", "")
    return re.compile(rf"(?<![0-9A-Z])(?:{pattern})(?![0-9A-Z])") if pattern else None


def _take_postal_code(segments: list[Segment], country: str) -> tuple[str, Segment, list[Segment]]:
    """Give the postal code, the words beside it (city, province), and the other segments."""
    pattern = _code_pattern(country)
    if pattern is None:
        return "", [], segments
    for index in range(len(segments) - 1, -1, -1):
        text = _PREFIX.sub("", " ".join(segments[index]))
        match = _code_in(pattern, text)
        if match:
            beside = (text[: match.start()] + " " + text[match.end() :]).split()
            return plain_code(match[0]), *_apart(segments, index, beside)
    return "", [], segments


def _code_in(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Find the code at the start or the end of a line; digits in between are a house number."""
    matches = list(pattern.finditer(text))
    return next((match for match in reversed(matches) if match.end() == len(text) or match.start() == 0), None)


def _apart(segments: list[Segment], index: int, beside: Segment) -> tuple[Segment, list[Segment]]:
    """Give the words beside the code and the other segments; with a number among them they are the street."""
    if any(map(has_digit, beside)):
        return [], [*segments[:index], beside, *segments[index + 1 :]]
    return beside, segments[:index] + segments[index + 1 :]


def _street(lines: list[Segment], country: str) -> Street:
    index = delivery_index(lines)
    others = [line for position, line in enumerate(lines) if position != index and is_unit_only(line)]
    if country in ENGLISH:
        return _english(lines[index], [unit for other in others for unit in take_units(other)[0]])
    return _other(lines[index], country)


def _english(line: Segment, units: list[str]) -> Street:
    match = _UNIT_BEFORE_NUMBER.fullmatch(line[0])
    if match and len(line) > 1:
        units, line = [*units, match[1]], [match[2], *line[1:]]
    street = parse_street(line)
    return msgspec.structs.replace(street, units=tuple(sorted({*street.units, *units})))


def _other(line: Segment, country: str) -> Street:
    """Read a line whose order we do not know: its numbers in their order, its words in theirs."""
    numbers: list[str] = []
    words: list[str] = []
    for index, token in enumerate(line):
        if has_digit(token):
            numbers.append(token)
        elif numbers and _belongs_to_number(token, line[:index]):
            numbers[-1] += token
        elif token not in _DROPPED:
            words.append(_word(token, country))
    return Street("street", number=" ".join(numbers), words=tuple(word for word in words if word))


def _belongs_to_number(token: str, before: Segment) -> bool:
    """Tell whether a word right after a number is part of it: 12 BIS, 5 A."""
    return has_digit(before[-1]) and (token in NUMBER_SUFFIXES or (len(token) == 1 and token.isalpha()))


def _word(token: str, country: str) -> str:
    word = _WORDS.get(country, {}).get(token, token)
    for ending, full in _GLUED_ENDINGS.get(country, ()):
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending) + full
    return word
