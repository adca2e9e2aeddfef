"""Postal text → tokens: upper case, no diacritics, only the punctuation that carries meaning (`#`, `92-10`, `1/2`)."""

import re
import unicodedata

from consent.normalise.errors import InvalidAddress

MAX_INPUT = 500  # characters of a whole address

_FOLDS = str.maketrans(
    {
        "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "ß": "SS", "Æ": "AE", "æ": "AE", "Ø": "O", "ø": "O", "Ł": "L", "ł": "L",
        "Œ": "OE", "œ": "OE", "Đ": "D", "đ": "D", "'": "", "’": "", "‘": "", "`": "", "´": "", "&": " AND ",
        "#": " # ", "〒": " ",
        "№": " # ", "º": "", "ª": "",
    }
)  # fmt: skip
_DASHES = re.compile(r"[\u2010-\u2015\u2212\uff0d]|(?<=[0-9])\u30fc(?=[0-9])")
_LATIN_MARKS = re.compile(r"[\u0300-\u036f]")  # the marks of kana and of Indian scripts are letters of their own
_INITIALS_DOT = re.compile(r"(?<![A-Z])([A-Z])\. ?(?=[A-Z]\b)")  # P.O., N.E., D.C.
_LOOSE_DOT = re.compile(r"\.(?![0-9])|(?<![0-9])\.")
_LOOSE_SLASH = re.compile(r"/(?![0-9])|(?<![0-9])/")
_LOOSE_DASH = re.compile(r"(?<![A-Z0-9])-|-(?![A-Z0-9])")
_DASH_BETWEEN_LETTERS = re.compile(r"(?<=[A-Z])-(?=[A-Z])")
_DASH_BETWEEN_NUMBERS = re.compile(r"(?<=[0-9]) - (?=[0-9])")
_OTHER = re.compile(r"[^\w#/.\-]|_")

# What a sign means where it does not stand between digits, in the order in which it is asked.
_PUNCTUATION = (
    (".", _INITIALS_DOT, r"\1"),
    (".", _LOOSE_DOT, " "),
    ("-", _DASH_BETWEEN_NUMBERS, "-"),
    ("-", _DASH_BETWEEN_LETTERS, " "),
    ("-", _LOOSE_DASH, " "),
    ("/", _LOOSE_SLASH, " "),
)


def cut(text: str) -> str:
    """Give the text back, or raise `InvalidAddress` where it is too long or empty."""
    if len(text) > MAX_INPUT:
        raise InvalidAddress("too_long", f"A postal address has at most {MAX_INPUT} characters.")
    if not text.strip():
        raise InvalidAddress("empty", "There is no address.")
    return text


def fold(text: str) -> str:
    """Give text in upper case without diacritics, with single spaces and only the punctuation that carries meaning."""
    plain = _unmarked(text.translate(_FOLDS))
    if not plain.isalnum():
        for sign, pattern, replacement in _PUNCTUATION:
            if sign in plain:
                plain = pattern.sub(replacement, plain)
        plain = _OTHER.sub(" ", plain)
    return " ".join(plain.split())


def _unmarked(text: str) -> str:
    if text.isascii():
        return text.upper()
    plain = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text))
    return _DASHES.sub("-", unicodedata.normalize("NFC", plain).upper())


def tokens(text: str) -> list[str]:
    return fold(text).split()


def has_digit(token: str) -> bool:
    return any(character.isdigit() for character in token)


def squash(words: list[str] | tuple[str, ...]) -> str:
    return "".join(words)


def one_edit_apart(first: str, second: str) -> bool:
    """Tell whether one insertion, deletion, replacement or swap of neighbours turns one text into the other."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    left, right = first[start:], second[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:] and len(left) > 1
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped
