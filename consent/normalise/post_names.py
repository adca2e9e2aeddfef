"""Names of streets, cities and people in one form."""

from consent.normalise.post_numbers import without_ordinals
from consent.normalise.post_suffixes import FULL_NAME
from consent.normalise.post_text import fold, tokens
from consent.normalise.post_words import (
    DIRECTION_NAMES,
    GENERATIONS,
    HONOURS,
    NAME_WORDS,
    NAMED_AFTER_WORDS,
)

# Abbreviations of suffixes that are words of their own in a name: La Salle, Via Verde, Dr King, Saint.
_NOT_SUFFIXES_WITHIN = frozenset({"LA", "VIA", "DR", "ST", "EST", "IS", "UN", "VIS", "RUE"})
_TITLES = frozenset(
    {
        "MR", "MRS", "MS", "MISS", "MX", "MSTR", "DR", "DOCTOR", "PROF", "PROFESSOR", "REV", "REVEREND", "SIR", "DAME",
        "LORD", "LADY", "HON", "HERR", "FRAU", "MME", "MLLE", "SRA", "DON", "DONA",
    }
)  # fmt: skip
_CREDENTIALS = frozenset({"MD", "PHD", "DDS", "DVM", "ESQ", "CPA", "RN", "JD", "MBA", "OBE", "CBE", "MBE"})
_GENERATIONS = {"JR": "JR", "JUNIOR": "JR", "SR": "SR", "SENIOR": "SR", "II": "II", "III": "III", "IV": "IV"}
# Who is meant by such a name is whoever lives there. "Jane Roe or Current Resident" is Jane Roe.
_NOBODY = (
    "CURRENT RESIDENT", "CURRENT OCCUPANT", "CURRENT HOMEOWNER", "CURRENT OWNER", "CURRENT CUSTOMER", "RESIDENT",
    "RESIDENTS", "OCCUPANT", "OCCUPANTS", "OCCUPIER", "HOUSEHOLDER", "HOMEOWNER", "POSTAL CUSTOMER",
    "POSTAL PATRON", "BOX HOLDER", "BOXHOLDER", "OUR NEIGHBOR", "OUR NEIGHBOUR", "NEIGHBOR", "NEIGHBOUR",
    "AN ALLE BEWOHNER", "BEWOHNER", "HABITANT",
)  # fmt: skip
_NOBODY_WORDS = frozenset(tuple(phrase.split()) for phrase in _NOBODY)
_LAST_OF_NOBODY = frozenset(phrase[-1] for phrase in _NOBODY_WORDS)
_BEFORE_NOBODY = frozenset({"OR", "TO", "THE", "AND"})
_DROPPED = _CREDENTIALS | frozenset(_GENERATIONS)
_LONGEST_NAMED_AFTER = max(map(len, NAMED_AFTER_WORDS))


def street_words(name: list[str]) -> tuple[str, ...]:
    """Give the words of a street name in full: ST → SAINT, 96TH → 96, CRK → CREEK, MLK → MARTIN LUTHER KING."""
    words = _named_after(without_ordinals(name))
    return tuple(_full(word) for word in words) if len(words) > 1 else tuple(words)


def _full(word: str) -> str:
    if word == "ST":
        return "SAINT"
    if word in NAME_WORDS:
        return NAME_WORDS[word]
    return word if word in _NOT_SUFFIXES_WITHIN else FULL_NAME.get(word, word)


def _named_after(words: list[str]) -> list[str]:
    """Bring a street that is named after a person to one form, without honours and JR."""
    for start in range(len(words)):
        for size in range(_LONGEST_NAMED_AFTER, 0, -1):
            name = NAMED_AFTER_WORDS.get(tuple(words[start : start + size]))
            if name:
                before = [word for word in words[:start] if word not in HONOURS]
                after = [word for word in words[start + size :] if word not in GENERATIONS]
                return [*before, *name, *after]
    return words


def city_name(words: list[str]) -> str:
    """Give a city's name with its first words in full: W HOLLYWOOD → WEST HOLLYWOOD, NYC → NEW YORK."""
    if words in (["NYC"], ["NEW", "YORK", "CITY"]):
        return "NEW YORK"
    full = ["SAINT" if word == "ST" else NAME_WORDS.get(word, word) for word in words]
    if len(full) > 1:
        full[0] = DIRECTION_NAMES.get(full[0], full[0])
    return " ".join(full)


def person_name(text: str) -> str:
    """Give a person's name in one form, or "".

    Upper case, without diacritics, titles, degrees and middle initials, so that a refusal by "Jane Roe" also stops
    mail to "Ms. Jane Q. Roe". A generation stays (JR, III): father and son share an address, and one may not speak
    for the other. "Roe, Jane" is turned around where what follows the only comma is a given name.
    """
    if text.isascii() and text.replace(" ", "").isalpha():
        return _in_one_form(text.upper().split())
    before, comma, after = text.partition(",")
    if comma and "," not in after and _is_turned(tokens(before), tokens(after)):
        text = f"{after} {before}"
    return _in_one_form(fold(text).replace("-", " ").replace(".", " ").split())


def _in_one_form(folded: list[str]) -> str:
    words = _without_titles(folded)
    generation = [_GENERATIONS[word] for word in words[1:] if word in _GENERATIONS][:1]
    words = _without_nobody(words)
    names = [word for word in words if word not in _DROPPED]
    middle = [word for word in names[1:-1] if len(word) > 1]
    return " ".join([*names[:1], *middle, *names[1:][-1:], *generation])


def _without_nobody(words: list[str]) -> list[str]:
    """Drop the words at the end that name nobody."""
    if not words or words[-1] not in _LAST_OF_NOBODY:
        return words
    for size in (3, 2, 1):
        if tuple(words[-size:]) in _NOBODY_WORDS:
            words = words[:-size]
            while words and words[-1] in _BEFORE_NOBODY:
                words = words[:-1]
            return words
    return words


def _is_turned(before: list[str], after: list[str]) -> bool:
    given = [word for word in after if word not in _TITLES]
    return len(before) in (1, 2) and len(given) in (1, 2) and not (set(given) & (_CREDENTIALS | set(_GENERATIONS)))


def _without_titles(words: list[str]) -> list[str]:
    start = 0
    while start < len(words) - 1 and words[start] in _TITLES:
        start += 1
    return words[start:]
