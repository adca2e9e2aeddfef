"""Where a number may be: its beginning → places → their zones, and the jurisdictions whose rules apply in each.

A number that can be in several places or zones is in all of them: it may be texted when that is permitted in each.
Nothing says where a telephone is; the number's home is what the rules ask for that know no better.
"""

from collections.abc import Iterator

import msgspec

from consent.quiet.tables import TableError, lines

EVERYWHERE = "*"
NANP = "1"
NO_COUNTRY = "001"


class Place(msgspec.Struct, frozen=True):
    """A row of `places.tsv`. `jurisdictions` are those whose rules apply there."""

    code: str
    name: str
    jurisdictions: frozenset[str]
    zones: tuple[str, ...]


class Area(msgspec.Struct, frozen=True, eq=False):
    """Where numbers with some beginning may be. Equal areas are one object, so that they share what is worked out.

    `zones`: each zone, with the jurisdictions of all possible places in it.
    """

    places: tuple[Place, ...]
    zones: tuple[tuple[str, frozenset[str]], ...]


def _read_places() -> Iterator[Place]:
    for code, name, wider, zones in lines("places.tsv", 4):
        if not zones:
            raise TableError(f"places.tsv: {code} has no zone")
        yield Place(code, name, frozenset({EVERYWHERE, code, *wider.split()}), tuple(zones.split()))


PLACES = {place.code: place for place in _read_places()}
_areas: dict[tuple[tuple[Place, ...], frozenset[str]], Area] = {}


def _places(written: str) -> Iterator[Place]:
    for code in written.split():
        if code.endswith("*"):
            yield from (place for place in PLACES.values() if place.code.startswith(code[:-1]))
        else:
            yield PLACES[code]


def _area(written: str, zones: str) -> Area:
    places, only = tuple(_places(written)), frozenset(zones.split())
    if (places, only) not in _areas:
        _areas[places, only] = Area(places, _by_zone(places, only))
    return _areas[places, only]


def _by_zone(places: tuple[Place, ...], only: frozenset[str]) -> tuple[tuple[str, frozenset[str]], ...]:
    found: dict[str, frozenset[str]] = {}
    for place in places:
        for zone in place.zones:
            if not only or zone in only:
                found[zone] = found.get(zone, frozenset()) | place.jurisdictions
    if not found or not only <= found.keys():
        raise TableError(f"{[place.code for place in places]}: no such zones {sorted(only)}")
    return tuple(found.items())


def _read_areas() -> Iterator[tuple[str, Area]]:
    for name, before in (("calling_codes.tsv", "+"), ("area_codes.tsv", "+" + NANP)):
        for digits, places, zones, _ in lines(name, 4):
            try:
                yield before + digits, _area(places, zones)
            except KeyError as error:
                raise TableError(f"{name}: {digits}: no place {error.args[0]}") from error


# Every beginning that the tables know, such as `+44`, → its area.
AREAS = dict(_read_areas())
_LENGTHS = tuple(sorted({len(beginning) for beginning in AREAS}, reverse=True))
LONGEST_BEGINNING = _LENGTHS[0]  # characters of an E.164 number decide where it is
_NOWHERE = _area(NO_COUNTRY, "")


def area_of(number: str) -> Area:
    """Where an E.164 number may be: the area of the longest beginning that fits, or nowhere in particular."""
    for length in _LENGTHS:
        area = AREAS.get(number[:length])
        if area is not None:
            return area
    return _NOWHERE
