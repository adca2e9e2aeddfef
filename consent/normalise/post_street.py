"""One American or other English street line → its parts (USPS Publication 28, 23)."""

import re

from consent.normalise.post_box import read_box
from consent.normalise.post_model import Street
from consent.normalise.post_names import street_words
from consent.normalise.post_numbers import leading_number, ordinal
from consent.normalise.post_suffixes import ABBREVIATION, is_core
from consent.normalise.post_text import has_digit
from consent.normalise.post_units import first_unit, identifier, take_units
from consent.normalise.post_words import DIRECTIONS, HIGHWAY_OF, LANDMARK_WORDS, LONGEST_HIGHWAY

_FRACTION = re.compile(r"[0-9]/[0-9]{1,2}")
_GLUED_HIGHWAY = re.compile(r"(I|IH|US|SR|CR|FM|HWY|RTE|RT|SH)-?([0-9]+[A-Z]?)")
_AVENUES = frozenset({"AVENUE", "AVE", "AV"})
_HIGHWAYS_WITHIN_A_NAME = frozenset({"HIGHWAY", "HWY", "COUNTY", "STATE", "US", "ROUTE", "RTE", "INTERSTATE"})


def parse_street(tokens: list[str], *, city_follows: bool = False) -> Street:
    """Read a folded street line. With `city_follows` what stands after the street is its `rest`, not its name."""
    box = read_box(tokens)
    if box:
        return box
    units, tokens = _leading_units(tokens)
    number, tokens = take_number(tokens)
    tokens = _without_landmark(tokens)
    cut = first_unit(tokens)
    more_units, rest = take_units(tokens[cut:])
    street = _parse_body(tokens[:cut], city_follows=city_follows and cut == len(tokens))
    return Street(
        "street",
        number=number,
        predirection=street.predirection,
        words=street.words,
        suffix=street.suffix,
        postdirection=street.postdirection,
        units=tuple(sorted({*units, *more_units, *street.units})),
        rest=(*street.rest, *rest),
        direction_spelled_out=street.direction_spelled_out,
    )


def _leading_units(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Give the units before the house number ("unit 111 501 S Mill St"), and the tokens after them."""
    units, rest = take_units(tokens)
    if units and rest and (has_digit(rest[0]) or leading_number(rest)[1]):
        return units, rest
    return [], tokens[1:] if tokens[:1] in (["#"], ["NO"]) else tokens


def _without_landmark(tokens: list[str]) -> list[str]:
    """Drop what only helps to find the house: "12 W 56th St between 5th and 6th Ave"."""
    index = next((index for index, token in enumerate(tokens) if index > 1 and token in LANDMARK_WORDS), len(tokens))
    return tokens[:index] if any(map(is_core, tokens[1:index])) else tokens


def take_number(tokens: list[str]) -> tuple[str, list[str]]:
    """Give the house number, in digits or words, and the tokens after it: 123A, 123 1/2, 92-10, 3012-16, N6W23001."""
    if not tokens:
        return "", tokens
    if not has_digit(tokens[0]):
        number, taken = leading_number(tokens)
        return (number, tokens[taken:]) if len(tokens) > taken else ("", tokens)
    if ordinal(tokens[0]):
        return "", tokens
    number, rest = _plain(tokens[0]), tokens[1:]
    if rest and _FRACTION.fullmatch(rest[0]):
        return f"{number} {rest[0]}", rest[1:]
    if _is_range(tokens):
        return f"{number}-{rest[0]}", rest[1:]
    if _is_number_letter(rest):
        return number + rest[0], rest[1:]
    return number, rest


def _plain(number: str) -> str:
    """Drop leading zeros, and the hyphen before a letter (12-A). Between digits it is part of the number in Queens."""
    return re.sub(r"(?<=[0-9])-(?=[A-Z])", "", number).lstrip("0") or number


def _is_range(tokens: list[str]) -> bool:
    """Tell "3012 16 E 92ND ST" (a range) from "120 96 ST" and "842 1700 S" (a numbered street)."""
    if len(tokens) < 4 or not (tokens[0].isdigit() and tokens[1].isdigit()) or len(tokens[1]) > len(tokens[0]):
        return False
    return tokens[2] in DIRECTIONS and not is_core(tokens[3])


def _is_number_letter(rest: list[str]) -> bool:
    """Tell "123 A MAIN ST" (house 123A) from "123 A ST" and "123 N MAIN ST"."""
    if len(rest) < 3 or len(rest[0]) != 1 or not rest[0].isalpha() or rest[0] in DIRECTIONS:
        return False
    return rest[1] not in ABBREVIATION and any(map(is_core, rest[2:]))


def _parse_body(body: list[str], *, city_follows: bool) -> Street:
    direction, body = _take_predirection(body)
    end = _fixed_name(body)
    if end:
        tail = body[end + 1 :] if body[end : end + 1] in (["RD"], ["ROAD"]) else body[end:]
        return _finish(direction, _standard_highway(body[:end]), "", tail)
    if not city_follows:
        whole = _whole(direction, body)
        if whole:
            return whole
    suffix_at = _core_suffix(body)
    if suffix_at:
        return _finish(direction, body[:suffix_at], ABBREVIATION[body[suffix_at]], body[suffix_at + 1 :])
    if city_follows:
        return Street("street", predirection=direction[0], rest=tuple(body))
    name, post = _split_direction(body)
    return _street(direction, name, "", post)


def _take_predirection(body: list[str]) -> tuple[tuple[str, bool], list[str]]:
    """Give the direction before the name and whether it was spelled out; none where it is the name ("North Ave")."""
    if len(body) < 2 or body[0] not in DIRECTIONS:
        return ("", False), body
    first = DIRECTIONS[body[0]]
    if len(body) > 2 and first in "NS" and DIRECTIONS.get(body[1]) in ("E", "W") and not is_core(body[2]):
        return (first + DIRECTIONS[body[1]], len(body[0]) > 2), body[2:]
    after = body[1:]
    if is_core(after[0]) and not any(map(is_core, after[1:])) and not _is_saint(after, 0) and not _fixed_name(after):
        return ("", False), body
    return (first, len(body[0]) > 2), after


def _is_saint(body: list[str], index: int) -> bool:
    """Tell Saint from Street: ST at the start of a name, or before its last word ("Mount St Helens Dr")."""
    if body[index] != "ST" or index + 1 >= len(body) or body[index + 1] in DIRECTIONS or has_digit(body[index + 1]):
        return False
    return index == 0 or (index + 2 < len(body) and is_core(body[index + 2]))


def _fixed_name(body: list[str]) -> int:
    """Give how many tokens a name takes that ends in a number or letter: "Avenue N", "County Road 441", "I-10"."""
    if len(body) > 1 and body[0] in _AVENUES and len(body[1]) == 1 and not (len(body) > 2 and is_core(body[2])):
        return 2
    if body and _GLUED_HIGHWAY.fullmatch(body[0]):
        return 1
    return _highway(body, 0) or (_highway(body, 1) if len(body) > 1 and body[1] in _HIGHWAYS_WITHIN_A_NAME else 0)


def _highway(body: list[str], start: int) -> int:
    for size in range(LONGEST_HIGHWAY, 0, -1):
        end = start + size
        if tuple(body[start:end]) in HIGHWAY_OF and end < len(body):
            if has_digit(body[end]) and not ordinal(body[end]):
                return end + 1
            if size > 1 and len(body[end]) == 1 and body[end] not in DIRECTIONS:
                return end + 1
    return 0


def _standard_highway(name: list[str]) -> list[str]:
    glued = _GLUED_HIGHWAY.fullmatch(name[0])
    if glued:
        name = [glued[1], glued[2]]
    for start in (0, 1):
        standard = HIGHWAY_OF.get(tuple(name[start:-1]))
        if standard:
            return [*name[:start], *standard.split(), name[-1]]
    return ["AVENUE", *name[1:]] if name[0] in _AVENUES else name


def _whole(direction: tuple[str, bool], body: list[str]) -> Street | None:
    """Read a body that ends in its suffix, or in its suffix and direction."""
    name, post = _split_direction(body)
    if len(name) > 1 and name[-1] in ABBREVIATION and (is_core(name[-1]) or not _core_suffix(name)):
        return _street(direction, name[:-1], ABBREVIATION[name[-1]], post)
    return None


def _split_direction(body: list[str]) -> tuple[list[str], str]:
    if len(body) > 1 and body[-1] in DIRECTIONS:
        return body[:-1], DIRECTIONS[body[-1]]
    return body, ""


def _core_suffix(body: list[str]) -> int:
    """Give where the suffix stands that ends the street, the last of a run ("Park Ave Ct"); 0 where there is none."""
    for index in range(1, len(body)):
        if is_core(body[index]) and not _is_saint(body, index):
            return _end_of_run(body, index)
    return 0


def _end_of_run(body: list[str], index: int) -> int:
    while index + 1 < len(body) and is_core(body[index + 1]) and not _is_saint(body, index + 1):
        index += 1
    return index


def _finish(direction: tuple[str, bool], name: list[str], suffix: str, tail: list[str]) -> Street:
    """Read what follows the street: a direction, a bare unit ("123 Main St 4B"), and the rest."""
    post = ""
    if tail and tail[0] in DIRECTIONS and (len(tail[0]) < 3 or len(tail) == 1 or has_digit(tail[1])):
        post, tail = DIRECTIONS[tail[0]], tail[1:]
    units: tuple[str, ...] = ()
    if tail and (has_digit(tail[0]) or (len(tail[0]) == 1 and tail[0].isalpha())):
        units, tail = (identifier(tail[0]),), tail[1:]
    return _street(direction, name, suffix, post, units, tuple(tail))


def _street(
    direction: tuple[str, bool],
    name: list[str],
    suffix: str,
    post: str,
    units: tuple[str, ...] = (),
    rest: tuple[str, ...] = (),
) -> Street:
    return Street(
        "street",
        predirection=direction[0],
        words=street_words(name),
        suffix=suffix,
        postdirection=post,
        units=units,
        rest=rest,
        direction_spelled_out=direction[1],
    )
