"""The normal forms of many addresses at once, as bytes, a line each: what a file of a million rows is read by.

Nearly all are plain: a run of plain lines is told by one match. What is not plain takes the way of a single address,
so that the result is the same. That way is loaded when it is first taken: a process that only makes keys starts at
once.
"""

import re
from collections.abc import Callable, Sequence

from consent.normalise.errors import InvalidAddress
from consent.normalise.plain import EMAIL, EMAIL_LENGTH, PHONE, PHONE_LENGTH

_RUNS = {
    "email": (re.compile(rf"(?:{EMAIL}\n)*+".encode()), EMAIL_LENGTH),
    "sms": (re.compile(rf"(?:{PHONE}\n)*+".encode()), PHONE_LENGTH),
}
_One = Callable[[str], str]


def normals_of(channel: str, cells: Sequence[bytes], region: str | None = None) -> list[bytes | None]:
    """The normal forms of e-mail addresses or numbers, in UTF-8; None for what is none."""
    normals = normals_of_lines(channel, b"\n".join([*cells, b""]), len(cells), region)
    if normals is not None:
        return normals
    one = _way_of_one(channel, region)
    return [_normal(cell, one) for cell in cells]


def normals_of_lines(channel: str, cells: bytes, count: int, region: str | None = None) -> list[bytes | None] | None:
    """The same for cells with a line end behind each; None where a cell has one in it, which their number tells."""
    if not count:
        return []
    plain = cells.lower() if channel == "email" else cells
    lines: list[bytes | None] = [*plain.split(b"\n")]
    lines.pop()
    if len(lines) != count:
        return None
    run, longest = _RUNS[channel]
    special = _not_plain(run, plain)
    if max(map(len, lines)) > longest:  # type: ignore[arg-type]  # none of them is None yet
        special += [place for place, line in enumerate(lines) if len(line or b"") > longest]
    if special:
        written, one = cells.split(b"\n"), _way_of_one(channel, region)
        for place in special:
            lines[place] = _normal(written[place], one)
    return lines


def _not_plain(run: "re.Pattern[bytes]", joined: bytes) -> list[int]:
    """The numbers of the lines that are not plain."""
    found: list[int] = []
    at = number = 0
    while at < len(joined):
        matched = run.match(joined, at)
        end = matched.end() if matched else at
        if end == len(joined):
            break
        number += joined.count(b"\n", at, end)
        found.append(number)
        number += 1
        at = joined.index(b"\n", end) + 1
    return found


def _way_of_one(channel: str, region: str | None) -> _One:
    if channel == "email":
        from consent.normalise.email import normalise_email

        return normalise_email
    from consent.normalise.phone import normalise_phone

    return lambda text: normalise_phone(text, region)


def _normal(cell: bytes, one: _One) -> bytes | None:
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
