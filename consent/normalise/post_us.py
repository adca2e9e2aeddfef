"""An American address → its parts. A city after the street, with no comma, is told by the suffix, else by usaddress."""

import re
from collections.abc import Mapping

import msgspec
import usaddress

from consent.normalise.post_model import Home, Street
from consent.normalise.post_names import city_name, person_name
from consent.normalise.post_segments import Segment, delivery_index, is_delivery, split, split_name, with_numbers
from consent.normalise.post_street import parse_street
from consent.normalise.post_suffixes import is_core
from consent.normalise.post_text import fold, has_digit, tokens
from consent.normalise.post_units import first_unit, identifier, is_unit_only, take_units
from consent.normalise.post_words import (
    STATE_CODES,
    STATES,
    STATES_THAT_ARE_CITIES,
    URBANIZATION,
    state_of_zip,
)

_ZIP = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")
_LONGEST_STATE = 3  # words


class Place(msgspec.Struct):
    """What the end of an address says about the town."""

    city: str = ""
    region: str = ""
    postal_code: str = ""


def parse_us_text(text: str, country: str = "US") -> Home:
    """Read an address from one text."""
    first, segments = split(text)
    place = Place()
    _take_postal_code(segments, place)
    index = delivery_index(segments)
    _take_state(segments, place, index)
    index = min(index, len(segments) - 1)
    name, street = _read(segments, index, place)
    return Home(country, street, person_name(first) or name, place.city, place.region, place.postal_code)


def parse_us_fields(fields: Mapping[str, str], country: str = "US") -> Home:
    """Read an address from its fields."""
    lines = with_numbers([tokens(piece) for key in ("line1", "line2") for piece in fields.get(key, "").split(",")])
    street = _street_of_lines(lines) if lines else Street("street")
    postal_code = _ZIP.match(fields.get("postal_code", "").strip())
    zip_code = postal_code[1] if postal_code else ""
    return Home(
        country,
        street,
        person_name(fields.get("name", "")),
        city_name(tokens(fields.get("city", ""))),
        _state(fold(fields.get("region", ""))) or state_of_zip(zip_code),
        zip_code,
    )


def _state(folded: str) -> str:
    return folded if folded in STATE_CODES else STATES.get(folded, "")


def _take_postal_code(segments: list[Segment], place: Place) -> None:
    """Take the ZIP code off the end; what is added to it (ZIP+4) is dropped."""
    last = segments[-1]
    if len(segments) > 1 and _ZIP.fullmatch(last[0]) and not any(map(has_digit, last[1:])):
        last.append(last.pop(0))
    if len(last) > 1 and re.fullmatch(r"[0-9]{4}", last[-1]) and re.fullmatch(r"[0-9]{5}", last[-2]) and len(last) > 2:
        last.pop()
    match = _ZIP.fullmatch(last[-1])
    if not match or (len(segments) == 1 and len(last) < 3):
        return
    place.postal_code = match[1]
    last.pop()
    if not last:
        segments.pop()


def _take_state(segments: list[Segment], place: Place, delivery: int) -> None:
    """Take the state off the end."""
    last = segments[-1]
    is_own_segment = len(segments) - 1 > delivery
    for size in range(min(_LONGEST_STATE, len(last)), 0, -1):
        state = _state(" ".join(last[-size:]))
        if state and _is_state_there(last, size, state, place, is_own_segment):
            place.region = state
            del last[-size:]
            break
    if not last and len(segments) > 1:
        segments.pop()
    place.region = place.region or state_of_zip(place.postal_code)


def _is_state_there(last: Segment, size: int, state: str, place: Place, is_own_segment: bool) -> bool:
    before, name = last[:-size], " ".join(last[-size:])
    if name in STATES_THAT_ARE_CITIES and not before:
        return False
    if is_own_segment:
        return True
    if place.postal_code and state_of_zip(place.postal_code) == state:
        return len(before) > 1
    # "2141 S Tan Ct" is a court: a state stands behind a city, which stands behind the end of the street.
    return bool(parse_street(before, city_follows=True).rest) and any(is_core(token) for token in before[2:-1])


def _read(segments: list[Segment], index: int, place: Place) -> tuple[str, Street]:
    before, line, after = segments[:index], segments[index], segments[index + 1 :]
    cities = [segment for segment in after if not _is_unit(segment)]
    called, line = ([], line) if is_delivery(line) else split_name(line)
    urbanization, line = _take_urbanization(before, line)
    names = [segment for segment in before if not _is_unit(segment)]
    units = [_units_of(segment) for segment in [*before, *after] if segment not in (*names[:1], *cities[-1:])]
    has_city_inside = not cities and bool(place.postal_code or place.region)
    street = _street(line, city_follows=has_city_inside)
    place.city = city_name(cities[-1] if cities else list(street.rest) if has_city_inside else [])
    street = msgspec.structs.replace(street, words=(*urbanization, *street.words)) if urbanization else street
    return person_name(_joined(names, called)), _with_units(street, units)


def _take_urbanization(before: list[Segment], line: Segment) -> tuple[Segment, Segment]:
    """Give the Puerto Rican area within whose city street names repeat (Publication 28, 29), and the street line."""
    for segment in before:
        if segment[0] in URBANIZATION:
            before.remove(segment)
            return segment[1:], line
    if line[0] not in URBANIZATION:
        return [], line
    number = next((index for index, token in enumerate(line) if has_digit(token)), len(line))
    return line[1:number], line[number:]


def _joined(names: list[Segment], called: Segment) -> str:
    if len(names) > 1 and len(names[0]) == len(names[1]) == 1:
        return f"{names[0][0]}, {names[1][0]}"
    return " ".join(names[0] if names else called)


def _is_unit(segment: Segment) -> bool:
    return is_unit_only(segment) or (len(segment) == 1 and has_digit(segment[0]))


def _street(line: Segment, *, city_follows: bool) -> Street:
    street = parse_street(line, city_follows=city_follows)
    if not city_follows or street.kind != "street" or street.words:
        return street
    split_at = _start_of_city(line)
    return msgspec.structs.replace(parse_street(line[:split_at]), rest=tuple(line[split_at:]))


def _start_of_city(line: Segment) -> int:
    """Ask usaddress where the city starts. Without its answer all is street."""
    tags = usaddress.parse(" ".join(line) + ", XX 00000")[: len(line)]
    if [token.rstrip(",") for token, _ in tags] != line:
        return len(line)
    start = len(tags)
    while start > 2 and tags[start - 1][1] == "PlaceName":
        start -= 1
    return start


def _units_of(segment: Segment) -> list[str]:
    """Give the units in a segment of its own: "Apt 4", "4B", "Oak Terrace Bldg C"."""
    if len(segment) == 1 and has_digit(segment[0]) and not is_unit_only(segment):
        return [identifier(segment[0])]
    return take_units(segment)[0] or take_units(segment[first_unit(segment) :])[0]


def _with_units(street: Street, found: list[list[str]]) -> Street:
    units = {*street.units, *(unit for units in found for unit in units)}
    return msgspec.structs.replace(street, units=tuple(sorted(units))) if units else street


def _street_of_lines(lines: list[Segment]) -> Street:
    index = delivery_index(lines)
    units = [_units_of(line) for position, line in enumerate(lines) if position != index]
    return _with_units(parse_street(lines[index]), units)
