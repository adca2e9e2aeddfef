"""An address as one text → its segments, and which of them is the delivery line."""

from consent.normalise.errors import InvalidAddress
from consent.normalise.post_box import read_box
from consent.normalise.post_numbers import leading_number, ordinal
from consent.normalise.post_suffixes import ABBREVIATION, is_core
from consent.normalise.post_text import fold, has_digit
from consent.normalise.post_units import is_unit_only, take_units
from consent.normalise.post_words import DIRECTIONS, UNITS, URBANIZATION

Segment = list[str]  # folded tokens
_NEVER_IN_A_NAME = URBANIZATION | {"ROUTE", "COUNTY", "STATE", "CALLE"}
_LONGEST_NUMBER = 5  # characters of a house number alone
_LONGEST_NAME = 5  # words before a house number with no comma between


def split(text: str) -> tuple[str, list[Segment]]:
    """Give the raw first line where it may be a name, and the folded segments of the text: by lines and by commas."""
    lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
    first = ""
    if len(lines) > 1 and not _is_part_of_address(lines[0]):
        first, lines = lines[0], lines[1:]
    pieces = [piece for line in lines for piece in line.replace(";", ",").split(",")]
    segments = with_numbers([fold(piece).split() for piece in pieces])
    if not segments and not fold(first):
        raise InvalidAddress("empty", "There are no words in it.")
    return (first, segments) if segments else ("", [fold(first).split()])


def with_numbers(segments: list[Segment]) -> list[Segment]:
    """Give the segments that are not empty, with a number that a comma parts from its street put back to it."""
    segments = [segment for segment in segments if segment]
    for index in range(len(segments) - 1):
        here, following = segments[index], segments[index + 1]
        if _is_route_and_box(here, following) or (_is_bare_number(here) and not has_digit(following[0])):
            return [*segments[:index], here + following, *segments[index + 2 :]]
        if is_delivery(here):
            break
    return segments


def _is_route_and_box(here: Segment, following: Segment) -> bool:
    return following[0] == "BOX" and not is_delivery(here) and read_box(here + following) is not None


def _is_bare_number(segment: Segment) -> bool:
    return len(segment) == 1 and segment[0][0].isdigit() and len(segment[0]) <= _LONGEST_NUMBER


def _is_part_of_address(line: str) -> bool:
    folded = fold(line).split()
    return has_digit(line) or is_delivery(folded) or folded[:1] in ([word] for word in URBANIZATION)


def is_delivery(segment: Segment) -> bool:
    """Tell whether a segment starts like a delivery line: a house number, a box, a route."""
    if not segment or is_unit_only(segment):
        return False
    if read_box(segment):
        return True
    rest = take_units(segment)[1]
    if len(rest) < 2:
        return False
    if has_digit(rest[0]):
        return not ordinal(rest[0]) or _is_named_street(rest)
    return bool(leading_number(rest)[1]) and _is_named_street(rest)


def _is_named_street(tokens: Segment) -> bool:
    return any(is_core(token) for token in tokens[1:])


def delivery_index(segments: list[Segment]) -> int:
    """Give which segment is the delivery line: the last of the kind, as the post office reads it."""
    found = [index for index, segment in enumerate(segments) if is_delivery(segment)]
    if found:
        return found[-1]
    likely = [index for index, segment in enumerate(segments) if _looks_like_street(segment)]
    return likely[0] if likely else 0


def _looks_like_street(segment: Segment) -> bool:
    return any(map(has_digit, segment)) or (len(segment) > 1 and any(token in ABBREVIATION for token in segment[1:]))


def split_name(segment: Segment) -> tuple[Segment, Segment]:
    """Give the name before a house number with no comma between ("Jane Roe 102 Main St"), and the delivery line."""
    for index in range(1, min(len(segment) - 1, _LONGEST_NAME + 1)):
        token = segment[index]
        if has_digit(token):
            before = segment[:index]
            is_name = not ordinal(token) and not any(_is_street_word(word) for word in before)
            return (before, segment[index:]) if is_name and len(before) > 1 else ([], segment)
    return [], segment


def _is_street_word(word: str) -> bool:
    return (
        word in UNITS
        or word in DIRECTIONS
        or is_core(word)
        or word in URBANIZATION
        or word in ("ROUTE", "COUNTY", "STATE", "CALLE")
    )
