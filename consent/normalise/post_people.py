"""Do two names mean the same person, at one home? True, False, or "review" where a person has to look.

Names come in normal form (`post_names.person_name`): without titles, degrees, diacritics and middle initials.
"""

import re

from consent.normalise.post_model import Verdict
from consent.normalise.post_text import one_edit_apart

_GENERATIONS = frozenset({"JR", "SR", "II", "III", "IV"})
_TOGETHER = frozenset({"AND", "OR", "UND", "ET", "Y", "EN", "OG"})
_UNSAID = frozenset(
    {"THE", "FAMILY", "FAMILIE", "FAMILLE", "FAMILIA", "HOUSEHOLD", "MR", "MRS", "MS", "HERR", "FRAU", "MME", "SRA"}
)
_SHORTEST_FUZZY = 5  # letters, as of a street
# Müller is written Mueller too, Håkan Haakan, Sørensen Soerensen: the normal form has MULLER, HAKAN, SORENSEN.
_WRITTEN_OUT = re.compile(r"(?<=[AOU])E|(?<=A)A")

Words = tuple[str, ...]


def same_person(first: str, second: str) -> Verdict:
    """Weigh two names of people at one home. Without one of them nothing tells them apart: True."""
    if first == second or not first or not second:
        return True
    verdicts = {_same(one, other) for one in _people(first) for other in _people(second)}
    if verdicts == {True}:
        return True
    return "review" if verdicts != {False} else False


def first_and_last(name: str) -> str:
    """The first and the last word of a name, in an order of their own; "" without a name."""
    words, _ = _parted(tuple(name.split()))
    return " ".join(sorted({_plain(words[0]), _plain(words[-1])})) if words else ""


def name_tokens(name: str) -> frozenset[str]:
    """The words of a name, of which two spellings of it share one."""
    return frozenset(_plain(word) for word in name.split() if len(word) > 1 and word not in _GENERATIONS | _TOGETHER)


def _people(name: str) -> list[Words]:
    """The persons of a name: "JANE AND JOHN SMITH" names two with one surname."""
    people: list[list[str]] = [[]]
    for word in name.split():
        if word not in _TOGETHER:
            people[-1].append(word)
        elif people[-1]:
            people.append([])
    found = [person for person in people if person]
    surname = found[-1][1:][-1:] if found else []
    return [tuple(person if len(person) > 1 else person + surname) for person in found]


def _same(first: Words, second: Words) -> Verdict:
    (one, age_one), (other, age_other) = _parted(first), _parted(second)
    if not one or not other or (age_one and age_other and age_one != age_other):
        return False
    verdict = _same_words(one, other)
    return "review" if verdict is True and age_one != age_other else verdict


def _parted(words: Words) -> tuple[Words, str]:
    """The words without those that name a family or a title, and without the generation; and that."""
    age = words[-1] if len(words) > 1 and words[-1] in _GENERATIONS else ""
    return tuple(_plain(word) for word in (words[:-1] if age else words) if word not in _UNSAID), age


def _plain(word: str) -> str:
    return _WRITTEN_OUT.sub("", word)


def _same_words(first: Words, second: Words) -> Verdict:
    if sorted(first) == sorted(second) or "".join(first) == "".join(second):
        return True
    if len(first) == 1 or len(second) == 1:
        return "review" if first[-1] in second or second[-1] in first else False
    verdicts = {_same_ends(first, second)}
    verdicts |= {_same_ends(first, turned) for turned in _turned(second)}
    verdicts |= {_same_ends(turned, second) for turned in _turned(first)}
    return True if True in verdicts else "review" if "review" in verdicts else False


def _turned(words: Words) -> tuple[Words, Words]:
    """With the surname first, or the given name last."""
    return (words[-1], *words[:-1]), (*words[1:], words[0])


def _same_ends(first: Words, second: Words) -> Verdict:
    """Weigh two names in which the given name comes first: given name, what is between, surname."""
    given, surname = _same_given(first[0], second[0]), _same_surname(first[1:], second[1:])
    if given is False or surname is False:
        return False
    return True if given is True and surname is True else "review"


def _same_given(first: str, second: str) -> Verdict:
    """Weigh given names. With another end it is another name: Maria and Mario, Daniel and Daniela share homes."""
    return _same_word(first, second) if first[-1] == second[-1] or 1 in (len(first), len(second)) else False


def _same_word(first: str, second: str) -> Verdict:
    """An initial may be anybody's of that letter; one slip in a longer word may be one."""
    if first == second:
        return True
    if len(first) == 1 or len(second) == 1:
        return "review" if first[0] == second[0] else False
    is_slip = min(len(first), len(second)) >= _SHORTEST_FUZZY and one_edit_apart(first, second)
    return "review" if is_slip else False


def _same_surname(first: Words, second: Words) -> Verdict:
    """The last words, before which one side may have more ("MARIE SMITH"); of a double name one part may do."""
    if first[-1] == second[-1]:
        small, large = sorted((set(first), set(second)), key=len)
        return True if small <= large else "review"
    if "".join(first) == "".join(second):
        return True
    if set(first) & set(second):
        return "review"
    return _same_word(first[-1], second[-1])
