"""Delivery that is no street: boxes, rural routes, military and general delivery (USPS Publication 28, 24 to 28)."""

import re
from collections.abc import Collection

from consent.normalise.post_model import Street
from consent.normalise.post_text import has_digit
from consent.normalise.post_units import identifier
from consent.normalise.post_words import (
    BOX_WORDS,
    GENERAL_DELIVERY,
    LONGEST_BOX,
    LONGEST_ROUTE,
    MILITARY_UNITS,
    ROUTE_OF,
)

_GLUED = re.compile(r"(POB|POBOX|BOX|RR|RFD|HC|PSC|CMR)([0-9][0-9A-Z]*)")
_LONGEST_START = 6  # tokens
_SIGNS = frozenset({"#", "NO", "NUMBER", "NUM"})


def read_box(tokens: list[str]) -> Street | None:
    """Read a box, route, military unit or general delivery; what follows it is the `rest`."""
    tokens = _unglued(tokens)
    return _general(tokens) or _military(tokens) or _route(tokens) or _post_office_box(tokens)


def _unglued(tokens: list[str]) -> list[str]:
    """Part a word from its number: BOX12, RR2."""
    apart: list[str] = []
    for token in tokens[:_LONGEST_START]:
        match = _GLUED.fullmatch(token)
        apart.extend(match.groups() if match else [token])
    return apart + tokens[_LONGEST_START:]


def _general(tokens: list[str]) -> Street | None:
    if tuple(tokens[:2]) in GENERAL_DELIVERY:
        return Street("general", number="GENERAL DELIVERY", rest=tuple(tokens[2:]))
    return None


def _military(tokens: list[str]) -> Street | None:
    """`PSC 802 BOX 74`, `UNIT 2050 BOX 4190` (Publication 28, 225)."""
    if len(tokens) < 4 or tokens[0] not in MILITARY_UNITS or tokens[2] != "BOX":
        return None
    number = f"{tokens[0]} {identifier(tokens[1])} BOX {identifier(tokens[3])}"
    return Street("military", number=number, rest=tuple(tokens[4:]))


def _route(tokens: list[str]) -> Street | None:
    for size in range(LONGEST_ROUTE, 0, -1):
        kind = ROUTE_OF.get(tuple(tokens[:size]))
        if kind:
            after = _without_sign(tokens[size:])
            if len(after) > 1 and has_digit(after[0]) and after[1] in ("BOX", "BX", "#"):
                return _route_box(kind, after[0], _without_sign(after[2:]))
    return None


def _route_box(kind: str, route: str, after: list[str]) -> Street | None:
    if not after or not has_digit(after[0]):
        return None
    number, taken = _number(after)
    return Street("route", number=f"{kind} {identifier(route)} BOX {number}", rest=tuple(after[taken:]))


def _post_office_box(tokens: list[str]) -> Street | None:
    for size in range(LONGEST_BOX, 0, -1):
        if tuple(tokens[:size]) in BOX_WORDS:
            after = _without_sign(tokens[size:])
            if after and _is_box_number(after):
                number, taken = _number(after)
                return Street("box", number=f"PO BOX {number}", rest=tuple(after[taken:]))
    return None


def _is_box_number(after: list[str]) -> bool:
    return has_digit(after[0]) or (len(after[0]) == 1 and len(after) == 1)


def _number(after: list[str]) -> tuple[str, int]:
    """Read a box number: 87A, 87 A at the end, A-12."""
    if len(after) == 2 and after[0].isdigit() and len(after[1]) == 1:
        return identifier(after[0] + after[1]), 2
    return identifier(after[0]), 1


def _without_sign(tokens: list[str], signs: Collection[str] = _SIGNS) -> list[str]:
    return tokens[1:] if tokens and tokens[0] in signs else tokens
