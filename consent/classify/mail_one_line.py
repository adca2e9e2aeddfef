"""Addresses that stand in one line with the postal code before the town, as outside of the United States:
"Klaus Bäumler, Gartenstr. 12, 79098 Freiburg"; and towns, states and codes that stand on lines of their own."""

import re
from collections.abc import Iterator
from typing import Final

from consent.normalise.post_words import STATES

CITY: Final = (
    r"[A-ZÀ-Ý][\w'’.-]{1,30}"
    r"(?:[ ](?:[A-ZÀ-Ý][\w'’.-]{0,30}|am|an|der|den|im|in|de|del|la|le|les|sur|en|di|do|da|aan)){0,4}"
)
CODE_CITY: Final = re.compile(
    r",\s*((?:(?:[A-Z]{1,2}-)?\d{4,5}|\d{4}-\d{3}|\d{4}\s?[A-Z]{2}|\d{2}-\d{3}|\d{3}\s\d{2})[ ]" + CITY + r")(?![\w,])"
)
STREET: Final = re.compile(r"(?:^|[,;:.!?]\s+)([^,;:!?]{3,80}(?:,\s*[^,;:!?]{1,20}\d[^,;:!?]{0,20})?)$")
ONLY_CODE: Final = re.compile(r"\d{5}(?:-\d{4})?")
STATE_AND_CODE: Final = re.compile(r"([A-Za-z. ]{2,20}?)[\s,]+(\d{5}(?:-\d{4})?)")
TOWN: Final = re.compile(r"[A-Za-z][A-Za-z.'’ -]{1,40},?")


def code_first(line: str) -> Iterator[tuple[str, str, str]]:
    """Give (what stands before, street, code and town) for each such address in a line."""
    begin = 0
    for found in CODE_CITY.finditer(line):
        street = STREET.search(line[begin : found.start()])
        if street and any(letter.isdigit() for letter in street[1]):
            yield line[begin : begin + street.start(1)], street[1].strip(), found[1]
        begin = found.end()


def joined_places(lines: list[str]) -> list[str]:
    """Put town, state and ZIP code into one line where a person gave each a line of its own."""
    result: list[str] = []
    for line in lines:
        place = line
        if ONLY_CODE.fullmatch(line) and result and _is_state(result[-1]):
            place = f"{result.pop().strip(' ,')} {line}"
        found = STATE_AND_CODE.fullmatch(place)
        if found and _is_state(found[1]) and result and TOWN.fullmatch(result[-1]):
            place = f"{result.pop().strip(' ,')}, {place}"
        result.append(place)
    return result


def _is_state(text: str) -> bool:
    bare = text.strip(" ,.").upper()
    return bare in STATES or bare in STATES.values()
