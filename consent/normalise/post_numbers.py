"""Numbers that are written in words: "Nineteen oh one W El Segundo" → 1901, "Twenty-First St" → 21."""

import re

DIGITS = {
    word: value
    for value, words in enumerate(("ZERO OH", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"))
    for word in words.split()
}
TEENS = {
    word: value
    for value, word in enumerate(
        ["TEN", "ELEVEN", "TWELVE", "THIRTEEN", "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN"],
        start=10,
    )
}
TENS = {
    word: value * 10
    for value, word in enumerate(
        ["TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY"], start=2
    )
}
_IRREGULAR = {"FIRST": 1, "SECOND": 2, "THIRD": 3, "FIFTH": 5, "EIGHTH": 8, "NINTH": 9, "TWELFTH": 12}
_REGULAR = {f"{word}TH": value for word, value in (DIGITS | TEENS).items()}
_OF_TENS = {word.removesuffix("Y") + "IETH": value for word, value in TENS.items()}
ORDINALS = _REGULAR | _OF_TENS | _IRREGULAR

_SMALL = DIGITS | TEENS | TENS
_SPOKEN = frozenset({*_SMALL, "HUNDRED", "THOUSAND", "AND"})
_ORDINAL = re.compile(r"([0-9]+)(?:ST|ND|RD|TH)")
_LONGEST = 8  # words


def ordinal(token: str) -> str:
    """Give the digits of "51ST" or "FIFTH", or ""."""
    match = _ORDINAL.fullmatch(token)
    if match:
        return match[1].lstrip("0")
    return str(ORDINALS[token]) if token in ORDINALS else ""


def without_ordinals(words: list[str]) -> list[str]:
    """Give a street name with its ordinals as digits: FIFTH → 5, TWENTY FIRST → 21, 96TH → 96."""
    found: list[str] = []
    for word in words:
        digits = ordinal(word)
        if digits and len(digits) == 1 and found and found[-1] in TENS and not word[0].isdigit():
            found[-1] = str(TENS[found[-1]] + int(digits))
        else:
            found.append(digits or word)
    return found


def leading_number(words: list[str]) -> tuple[str, int]:
    """Read a number in words at the start of a line: its digits and how many words it took, or "" and 0.

    People say a house number by hundreds ("two hundred ten"), by pairs ("nineteen oh one") or by digits ("one two
    three").
    """
    count = 0
    while count < min(len(words), _LONGEST) and words[count] in _SPOKEN:
        count += 1
    spoken = [word for word in words[:count] if word != "AND"]
    if not spoken or spoken[0] not in _SMALL:
        return "", 0
    value = _by_hundreds(spoken) if {"HUNDRED", "THOUSAND"} & set(spoken) else _by_pairs(spoken)
    return value, count


def _by_hundreds(spoken: list[str]) -> str:
    total = group = 0
    for word in spoken:
        if word == "HUNDRED":
            group = (group or 1) * 100
        elif word == "THOUSAND":
            total, group = total + (group or 1) * 1000, 0
        else:
            group += _SMALL[word]
    return str(total + group)


def _by_pairs(spoken: list[str]) -> str:
    """Join what is said one after the other; a unit after a ten belongs to it."""
    parts: list[str] = []
    previous = ""
    for word in spoken:
        if previous in TENS and DIGITS.get(word):
            parts[-1] = str(TENS[previous] + DIGITS[word])
        else:
            parts.append(str(_SMALL[word]))
        previous = word
    return "".join(parts)
