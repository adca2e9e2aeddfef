"""Addresses as reports write them: `rfc822;<jane@home.example>`, xtext (RFC 3461 §4), UTF-8 (RFC 6533 §3)."""

import re
from typing import Final

ADDRESS: Final = re.compile(r"[^\s<>@\"'(),;:\[\]]{1,64}@[\w.-]{1,255}")
_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.){1,64}\"@[\w.-]{1,255}")
_ESCAPED: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_XTEXT: Final = re.compile(r"\+(2B|3D)")
_CHARS: Final = 600


def addresses_in(text: str) -> list[str]:
    """Every address in a text, as written."""
    return [found.strip(".") for found in ADDRESS.findall(text)]


def recipient_of(field: str) -> str:
    """The address of an Original-Recipient or Final-Recipient, `""` where it is none (a path, a name alone)."""
    kind, mark, rest = field[:_CHARS].partition(";")
    if not mark:
        kind, rest = "", kind
    if kind.strip().casefold() == "utf-8":
        rest = _ESCAPED.sub(_character, rest)
    found = _QUOTED.search(rest) or ADDRESS.search(rest)
    return _unxtext(found[0].strip(".")) if found else ""


def local_of(field: str) -> str:
    """The name of a recipient that is written without its domain, `""` where it is no such thing."""
    rest = field[:_CHARS].rpartition(";")[2].strip(" <>\t")
    return rest if re.fullmatch(r"[\w.+=-]{1,64}", rest) else ""


def _unxtext(address: str) -> str:
    """Undo xtext, which writes `+` and `=` as +2B and +3D. An address with a `+` of another kind was never xtext."""
    local, _, domain = address.rpartition("@")
    if "=" in local or local.count("+") != len(_XTEXT.findall(local)):
        return address
    return f"{_XTEXT.sub(lambda sign: chr(int(sign[1], 16)), local)}@{domain}"


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1], 16)
    return chr(number) if 0x20 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
