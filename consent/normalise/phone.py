"""The normal form of a telephone number: E.164, `+` and the digits; of a short code: its digits alone.

The policy is the same on every path: a number is kept when libphonenumber calls it *possible* (a known calling code and
a length that exists there). Whether it is in use, or of a range that was ever assigned, is not asked: a wrong "invalid"
would lose an opt-out. An extension is dropped, since a text message reaches the line. A short code has no `+`, so the
two forms never meet.
"""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from consent.normalise.errors import InvalidAddress
from consent.normalise.plain import PHONE

MAX_INPUT = 250  # characters; libphonenumber's own limit

_PLAIN = re.compile(PHONE)
_SHORT = re.compile(r"[0-9]{3,8}")
_LONGEST_CERTAIN_SHORT = 6  # digits; from seven on it may as well be a whole number with its calling code


def normalise_phone(text: str, region: str | None = None, *, allow_short: bool = False) -> str:
    """Give the normal form of a number as people write it. Raise `InvalidAddress`.

    `region` is the ISO 3166 country that national formats are read in; without it a number needs `+` or `00`. With
    `allow_short` 3 to 8 digits that are no valid number of the region are a short code.
    """
    if _PLAIN.fullmatch(text):
        return text
    return normalise_slowly(text, region, allow_short=allow_short)


def normalise_msisdn(text: str, *, allow_short: bool = False) -> str:
    """Give the normal form of a number as gateways post it: international digits, with or without `+`.

    With `allow_short` up to 6 digits are a short code, and up to 8 where they are no possible number.
    """
    digits = text.strip()
    if allow_short and _SHORT.fullmatch(digits):
        return _short_or_whole(digits)
    international = "+" + digits.removeprefix("+").removeprefix("00")
    return normalise_phone(international)


def _short_or_whole(digits: str) -> str:
    if len(digits) <= _LONGEST_CERTAIN_SHORT:
        return digits
    return _possible("+" + digits, None) or digits


def normalise_slowly(text: str, region: str | None = None, *, allow_short: bool = False) -> str:
    """Give the same as `normalise_phone`, without its short cut."""
    if len(text) > MAX_INPUT:
        raise InvalidAddress("too_long", "The text is longer than any number may be.")
    written = unicodedata.normalize("NFKC", text).strip()
    digits = _digits(written)
    if not digits:
        raise InvalidAddress("not_a_number", "There are no digits in it.")
    region = region.upper() if region else None
    number = _possible(written, region) or _possible_abroad(written, digits, region)
    if allow_short and _SHORT.fullmatch(digits) and "+" not in written and not (number and _is_valid(number)):
        return digits
    if number is None:
        raise _refusal(written, region)
    return number


def _digits(written: str) -> str:
    return "".join(str(unicodedata.decimal(character, "")) for character in written)


def _possible(written: str, region: str | None) -> str | None:
    """Read a number as libphonenumber does, and give it in E.164 where it is possible."""
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    number.extension = None
    normal = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    # Of several national prefixes in a row each reading drops one: a normal form has none left to drop.
    return normal if normal == written else _possible(normal, None) or normal


def _possible_abroad(written: str, digits: str, region: str | None) -> str | None:
    """Read a number that is none of its region as an international one: after `00`, or with the `+` left out.

    Without `00` it must be a valid number, as a mistyped one of the region is more likely than a foreign one.
    """
    if "+" in written or not _is_punctuated_digits(written):
        return None
    if digits.startswith("00"):
        return _possible("+" + digits[2:], None)
    number = _possible("+" + digits, None) if region else None
    return number if number and _is_valid(number) else None


def _is_punctuated_digits(written: str) -> bool:
    kinds = {unicodedata.category(character) for character in written}
    return not any(kind.startswith("L") or kind in ("Sc", "Sk", "So") for kind in kinds)


def _is_valid(number: str) -> bool:
    return bool(phonenumbers.is_valid_number(phonenumbers.parse(number)))


def _refusal(written: str, region: str | None) -> InvalidAddress:
    if region is None and "+" not in written:
        return InvalidAddress("ambiguous", "A number without its country needs a region.")
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        return InvalidAddress("unknown_region", "The region is no ISO 3166 country code with telephones.")
    try:
        phonenumbers.parse(written, region)
    except NumberParseException as error:
        return InvalidAddress("not_a_number", f"{error}.")
    return InvalidAddress("not_possible", "No number of that country has this length.")
