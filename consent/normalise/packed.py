"""The normal forms of many addresses at once, as bytes, a line each: what a file of a million rows is read by.

Nearly all are plain: a run of plain lines is told by one match. What is not plain takes the way of a single address,
so that the result is the same.
"""

import re
from collections.abc import Callable, Sequence

from consent.normalise.email import FAST_LENGTH, PLAIN, normalise_email
from consent.normalise.errors import InvalidAddress
from consent.normalise.phone import PLAIN_NATIONAL, normalise_phone

_PHONE = r"\+(?:" + "|".join(code + national for code, national in PLAIN_NATIONAL.items()) + ")"
_RUNS = {
    "email": re.compile(rf"(?:{PLAIN}\n)*+".encode()),
    "sms": re.compile(rf"(?:{_PHONE}\n)*+".encode()),
}
_LONGEST_PHONE = 16


def normals_of(channel: str, cells: Sequence[bytes], region: str | None = None) -> list[bytes | None]:
    """The normal forms of e-mail addresses or numbers, in UTF-8; None for what is none."""
    if channel == "email":
        return _normals(channel, cells, b"\n".join(cells).lower(), FAST_LENGTH, normalise_email)
    longest = _LONGEST_PHONE
    return _normals(channel, cells, b"\n".join(cells), longest, lambda text: normalise_phone(text, region))


def _normals(
    channel: str, cells: Sequence[bytes], joined: bytes, longest: int, one: Callable[[str], str]
) -> list[bytes | None]:
    joined += b"\n"
    lines: list[bytes | None] = [*joined.split(b"\n")]
    lines.pop()
    if len(lines) != len(cells):  # a line end within a cell
        return [_normal(cell, one) for cell in cells]
    special = _not_plain(_RUNS[channel], joined)
    if max(map(len, cells), default=0) > longest:
        special += [place for place, cell in enumerate(cells) if len(cell) > longest]
    for place in special:
        lines[place] = _normal(cells[place], one)
    return lines


def _not_plain(run: "re.Pattern[bytes]", joined: bytes) -> list[int]:
    """The numbers of the lines that are not plain."""
    found: list[int] = []
    at = number = 0
    while at < len(joined):
        matched = run.match(joined, at)
        end = matched.end() if matched else at
        number += joined.count(b"\n", at, end)
        if end == len(joined):
            break
        found.append(number)
        number += 1
        at = joined.index(b"\n", end) + 1
    return found


def _normal(cell: bytes, one: Callable[[str], str]) -> bytes | None:
    try:
        return one(_text(cell)).encode()
    except (InvalidAddress, UnicodeError):
        return None


def _text(cell: bytes) -> str:
    """UTF-8, or else Windows-1252; a byte that is neither becomes a character that no address has."""
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return cell.decode("cp1252", "replace")
