"""Units within a house (USPS Publication 28, 213 and Appendix C2): found, and brought to one form."""

import re

from consent.normalise.post_numbers import ordinal
from consent.normalise.post_text import has_digit
from consent.normalise.post_words import PLACES_IN_HOUSE, UNITS

_GLUED = re.compile(
    r"(APT|APARTMENT|UNIT|STE|SUITE|RM|ROOM|BLDG|LOT|TRLR|SPC|FL|PH|PMB|FLAT)([0-9][0-9A-Z]*|-[0-9A-Z]+)"
)
_NUMBER_SIGNS = frozenset({"#", "NO", "NUM", "NUMBER"})
_FLOOR_WORDS = frozenset({"FL", "FLOOR", "FLR"})
# These words mean a part of the house wherever they stand; FRONT, UPPER… are also names of streets and cities, so
# only at the end.
_PLAIN_PLACES = frozenset({"BSMT", "BASEMENT", "FRNT", "LBBY", "LOWR", "UPPR", "REAR"})

Found = tuple[str, int]  # the unit in normal form and how many tokens it took; ("", 0) for none
_NONE: Found = ("", 0)


def identifier(token: str) -> str:
    """Give a unit's number in one form: F-4 → F4, 007 → 7."""
    bare = re.sub(r"[^0-9A-Z]", "", token)
    return bare.lstrip("0") or bare[:1]


def unit_at(tokens: list[str], index: int) -> Found:
    """Read the unit that starts at a token."""
    token = tokens[index]
    glued = _GLUED.fullmatch(token)
    if glued:
        return _form(UNITS[glued[1]], identifier(glued[2])), 1
    following = tokens[index + 1 :]
    if following and following[0] in _FLOOR_WORDS and ordinal(token):
        return _form("FL", ordinal(token)), 2
    if token in UNITS:
        found = _with_identifier(token, following)
        if found[1]:
            return found
    return _place(token, following)


def _with_identifier(word: str, following: list[str]) -> Found:
    signs = 0
    while signs < len(following) and following[signs] in _NUMBER_SIGNS:
        signs += 1
    after = following[signs:]
    if not after or not _is_identifier(after[0], word):
        return _NONE
    taken, number = 1, identifier(after[0])
    if len(after) == 2 and _belong_together(after[0], after[1]):
        taken, number = 2, number + after[1]
    designator = UNITS[word]
    if designator == "FL":
        number = ordinal(number) or number
    return _form(designator, number), 1 + signs + taken


def _is_identifier(token: str, word: str) -> bool:
    if has_digit(token):
        return True
    if word in _NUMBER_SIGNS - {"#"}:
        return False
    return len(token) == 1 or (len(token) == 2 and UNITS[word] == "")


def _belong_together(first: str, second: str) -> bool:
    return (first.isdigit() and len(second) == 1 and second.isalpha()) or (len(first) == 1 and second.isdigit())


def _place(token: str, following: list[str]) -> Found:
    if token in _PLAIN_PLACES or (token in PLACES_IN_HOUSE and not following):
        return PLACES_IN_HOUSE[token], 1
    return _NONE


def _form(designator: str, number: str) -> str:
    return f"{designator} {number}".strip()


def take_units(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Give the units at the start of the tokens, and the tokens after them."""
    units: list[str] = []
    index = 0
    while index < len(tokens):
        unit, taken = unit_at(tokens, index)
        if not taken:
            break
        units.append(unit)
        index += taken
    return units, tokens[index:]


def first_unit(tokens: list[str]) -> int:
    """Give where the first unit starts, after at least one other token, or the number of tokens where there is none."""
    for index in range(1, len(tokens)):
        if unit_at(tokens, index)[1]:
            return index
    return len(tokens)


def is_unit_only(tokens: list[str]) -> bool:
    units, rest = take_units(tokens)
    return bool(units) and not rest
