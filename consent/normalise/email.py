"""The normal form of an e-mail address (RFC 5321, RFC 6531).

One address is one key, however it was typed:

- The whole address is in lower case. RFC 5321 2.4 lets a server tell `Jane` from `jane`; none does in practice, and a
  refusal that case can evade is worse than two mailboxes sharing one. `lower` and not `casefold`, which would merge
  `straße` with `strasse`: two mailboxes.
- Dots and plus tags stay: only some servers ignore them.
- A domain is in Unicode (RFC 5891 U-labels, mapped by UTS 46), the form that people read and write; `xn--` labels are
  decoded.
- A local part is NFC (RFC 6532 3.1), without needless quotes (RFC 5321 4.1.2).

Spaces around the address, one pair of angle brackets, and `mailto:` are dropped. A display name, a comment, a list of
addresses or an IP literal is refused: it was not an address that somebody meant to type.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from urllib.parse import unquote

from consent.normalise.errors import InvalidAddress
from consent.normalise.plain import EMAIL, EMAIL_LENGTH

MAX_INPUT = (
    1_000  # characters; an address has at most 254 octets, a mailto: URI with its percent signs three times that
)
MAX_OCTETS = 254  # RFC 5321 4.5.3.1.3, with erratum 1690

_PLAIN = re.compile(EMAIL)
_PLAIN_LINES = re.compile(rf"(?:{EMAIL}\n)*+")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"  # what copying and pasting leaves at the ends


def normalise_email(text: str) -> str:
    """Give the normal form of an address. Raise `InvalidAddress`."""
    lowered = text.strip().lower()
    if len(lowered) <= EMAIL_LENGTH and _PLAIN.fullmatch(lowered):
        return lowered
    return normalise_slowly(text)


def normalise_emails(texts: Sequence[str]) -> list[str] | None:
    """The normal forms of many addresses where all of them are plain; None where one must be looked at by itself."""
    lowered = list(map(str.lower, map(str.strip, texts)))
    if max(map(len, lowered), default=0) > EMAIL_LENGTH:
        return None
    # Together they are read as one text, a line each: a call, not ten thousand.
    lines = "\n".join([*lowered, ""])
    return lowered if lines.count("\n") == len(lowered) and _PLAIN_LINES.fullmatch(lines) else None


def normalise_slowly(text: str) -> str:
    """Give the same as `normalise_email`, without its short cut."""
    address = _bare(text)
    validator = _validator()
    try:
        parsed = validator.validate_email(address, check_deliverability=False, allow_quoted_local=True)
    except validator.EmailSyntaxError as error:
        raise InvalidAddress(_code(address), str(error)) from error
    if any(unicodedata.category(character) in ("Pi", "Pf") for character in parsed.local_part):
        raise InvalidAddress("bad_local_part", "Typographic quotation marks are not part of an address.")
    return unicodedata.normalize("NFC", f"{parsed.local_part.lower()}@{parsed.domain}")


@cache
def _validator() -> ModuleType:
    """Loaded with the first address that is not plain: it takes a while."""
    import email_validator

    # Whether a name exists is not our question: an opt-out by a mailbox at an internal or reserved domain is kept just
    # the same.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    return email_validator


def _bare(text: str) -> str:
    """Drop what is not the address: space around it, `mailto:` (RFC 6068), one pair of angle brackets."""
    if len(text) > MAX_INPUT:
        raise InvalidAddress("too_long", "The address is longer than any address may be.")
    address = text.strip().strip(_INVISIBLE).strip()
    if address[:1] == "<" and address[-1:] == ">":
        address = address[1:-1].strip()
    if address[:7].lower() == "mailto:":
        address = unquote(address[7:].partition("?")[0]).strip()
    if not address:
        raise InvalidAddress("empty", "There is no address.")
    return address


def _code(address: str) -> str:
    _, at, domain = address.rpartition("@")
    if not at:
        return "no_at_sign"
    if address.endswith(">"):
        return "display_name"
    if len(address.encode("utf-8", "replace")) > MAX_OCTETS:
        return "too_long"
    return "bad_domain" if not domain or not _is_domain(domain) else "bad_local_part"


def _is_domain(domain: str) -> bool:
    validator = _validator()
    try:
        validator.validate_email(f"a@{domain}", check_deliverability=False)
    except validator.EmailSyntaxError:
        return False
    return True
