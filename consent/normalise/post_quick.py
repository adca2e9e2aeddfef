"""Clean American fields → their parts, in a third of the time: what mailing files hold, ten thousand at a time.

Only what `parse_us_fields` would read in the same way is taken, and it is read by the same code: once for each street
and unit, whatever the house number. For anything else the answer is None.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from consent.normalise.post_model import Home, Street
from consent.normalise.post_names import city_name, person_name
from consent.normalise.post_street import parse_street
from consent.normalise.post_text import tokens
from consent.normalise.post_units import take_units
from consent.normalise.post_words import STATE_CODES

_LINE = re.compile(r"0*([1-9][0-9]{0,5}) +([A-Za-z][A-Za-z. ]{0,60})")
_ZIP = re.compile(r"([0-9]{5})(?:-[0-9]{4})?")
_COUNTRIES = frozenset({"", "US", "USA"})
_KEPT = 20_000  # streets, and as many of each other part


def quick_us_fields(fields: Mapping[str, str]) -> Home | None:
    """Read an address from its fields; None where it takes a closer look."""
    line, zip_code = _LINE.fullmatch(fields["line1"]), _ZIP.fullmatch(fields["postal_code"])
    if not line or not zip_code or fields["country"] not in _COUNTRIES or fields["region"] not in STATE_CODES:
        return None
    units = _units(fields["line2"])
    if units is None:
        return None
    street = _with(_street(line[2]), line[1], units)
    return Home("US", street, person_name(fields["name"]), _city(fields["city"]), fields["region"], zip_code[1])


def _with(street: Street, number: str, units: tuple[str, ...]) -> Street:
    """The street with its house number: what stands behind the 1 is a letter of the number."""
    return Street(
        "street",
        number + street.number[1:],
        street.predirection,
        street.words,
        street.suffix,
        street.postdirection,
        tuple(sorted({*street.units, *units})) if units else street.units,
        street.rest,
        street.direction_spelled_out,
    )


@lru_cache(maxsize=_KEPT)
def _street(written: str) -> Street:
    return parse_street(["1", *tokens(written)])


@lru_cache(maxsize=_KEPT)
def _units(line: str) -> tuple[str, ...] | None:
    """The units of a line that has nothing else; None for any other."""
    if "," in line:
        return None
    units, rest = take_units(tokens(line))
    return None if rest else tuple(units)


@lru_cache(maxsize=_KEPT)
def _city(written: str) -> str:
    return city_name(tokens(written))
