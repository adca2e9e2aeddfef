"""Loose forms of a home: what it has in common with every address that `compare` may find to be the same.

A stored home is written under its `written_forms`, a question looks under its `asked_forms`; where two are one
home, or need a person to look, they share a form. What is found is weighed by `post_compare`. `marks` serve where only
hashes are left of a home, after an erasure.
"""

from collections.abc import Iterator, Mapping

from consent.normalise.post_compare import SHORTEST_FUZZY
from consent.normalise.post_model import Home, Street
from consent.normalise.post_people import first_and_last
from consent.normalise.post_suffixes import FULL_NAME
from consent.normalise.post_words import DIRECTION_NAMES

_PIECE = 2  # letters: one slip of the pen leaves the first or the last two of a name of five letters as they were
NOTHING = ""


def written_forms(home: Home) -> list[str]:
    """The forms under which a home is kept."""
    forms = [*_by_code(home, *numbers(home.street)), *_by_city(home)]
    if home.region:
        forms.append(_by_region(home, whole=_is_whole(home)))
    if home.country != "US" and home.street.number:
        forms.append(_by_street(home))
    return forms


def asked_forms(home: Home) -> list[str]:
    """The forms under which a home that is asked about may have been kept."""
    forms = [*_by_code(home, *numbers(home.street)), *_by_city(home)]
    if home.region:
        forms.append(_by_region(home, whole=False))
        if not _is_whole(home):
            forms.append(_by_region(home, whole=True))
    if home.country != "US":
        forms += [_by_street(home)] if not home.street.number else _by_code(home, NOTHING)
    return forms


def numbers(street: Street) -> list[str]:
    """What a house number may be compared by: 92-10 is also written 9210, and 3012-16 begins at 3012."""
    if "-" not in street.number or street.kind != "street":
        return [street.number]
    return [street.number.replace("-", ""), street.number.partition("-")[0]]


def _is_whole(home: Home) -> bool:
    return bool(home.postal_code and home.city)


def _by_code(home: Home, *of: str) -> list[str]:
    """Postal code and number, whatever the street is called."""
    return [f"Z|{home.country}|{home.postal_code}|{number}" for number in of] if home.postal_code else []


def _by_city(home: Home) -> Iterator[str]:
    """City, number and a piece of the street's name: for a postal code that is missing, or not the same."""
    if home.city:
        place, name = f"C|{home.country}|{home.city.replace(' ', '')}", _spelled(home.street)
        for number in numbers(home.street):
            yield f"{place}|{number}|^{name[:_PIECE]}"
            if name:
                yield f"{place}|{number}|${name[-_PIECE:]}"


def _by_region(home: Home, *, whole: bool) -> str:
    """For the city that one side misspells, or that only one side has, where a postal code is missing too."""
    return f"G{whole:d}|{home.country}|{home.region}|{numbers(home.street)[0]}|{_spelled(home.street)}"


def _spelled(street: Street) -> str:
    """The name of the street: "N Ave" is North Avenue, or Avenue N."""
    return DIRECTION_NAMES.get(street.name, street.name)


def _by_street(home: Home) -> str:
    """For the number that one side does not have."""
    return f"S|{home.country}|{home.postal_code or home.city}|{home.street.name}"


def marks(home: Home, name: str) -> Mapping[str, frozenset[str]]:
    """What is told of a home by each of its parts, and of the person there; nothing where a part is missing.

    Two homes may be the same if each part that both have shares something.
    """
    street = home.street
    parts: dict[str, set[str]] = {
        "kind": {street.kind},
        "street": set(_names(street)),
        "suffix": {street.suffix},
        "before": {street.predirection},
        "after": {street.postdirection},
        "unit": {unit.split()[-1] for unit in street.units},
        "person": {first_and_last(name)},
    }
    return {part: frozenset(values - {NOTHING}) for part, values in parts.items()}


def _names(street: Street) -> Iterator[str]:
    """The street's name in the ways to spell it, and each without one letter: two that are one slip apart share one."""
    name = street.name
    spellings = {name, DIRECTION_NAMES.get(street.predirection, "") + name, name + FULL_NAME.get(street.suffix, "")}
    for spelling in spellings:
        yield spelling
        if len(spelling) >= SHORTEST_FUZZY and spelling.isalpha():
            yield from (spelling[:at] + spelling[at + 1 :] for at in range(len(spelling)))
