"""Do two addresses name the same home? True, False, or "review" where a person has to look.

The worst error is True for two homes. What both sides say must agree; what only one side says decides nothing by
itself.
"""

from consent.normalise.post_model import Home, Street, Verdict
from consent.normalise.post_names import city_name
from consent.normalise.post_suffixes import FULL_NAME
from consent.normalise.post_text import one_edit_apart
from consent.normalise.post_words import DIRECTION_NAMES

# Which of two homes on one lot is meant: the other one's address is the bare one.
_SECOND_HOMES = frozenset({"REAR", "BSMT", "FRNT", "LOWR", "UPPR", "SIDE"})
_MUTUAL_DESIGNATORS = frozenset({"STE", "RM", "LOT", "SPC", "TRLR", "SLIP", "OFC", "PH"})
SHORTEST_FUZZY = 5  # letters; shorter names are too alike by nature
_SHORTEST_ALIAS = 4


def same_home(first: Home, second: Home) -> Verdict:
    """Weigh two addresses. Names of people are not looked at."""
    if first.country != second.country:
        return False if first.has_place and second.has_place else "review"
    return weakest(_same_street(first.street, second.street), _same_place(first, second))


def weakest(*verdicts: Verdict) -> Verdict:
    if False in verdicts:
        return False
    return "review" if "review" in verdicts else True


def _same_street(first: Street, second: Street) -> Verdict:
    if first.kind != second.kind:
        return False
    if first.kind != "street":
        return first.number == second.number
    return weakest(
        _same_number(first.number, second.number),
        _same_name(first, second),
        _same_units(first.units, second.units),
    )


def _same_number(first: str, second: str) -> Verdict:
    if first == second:
        return True
    if not first or not second:
        return "review"
    if "-" in first or "-" in second:
        same_digits = first.replace("-", "") == second.replace("-", "")
        same_start = first.partition("-")[0] == second.partition("-")[0]
        return "review" if same_digits or same_start else False
    return False


def _same_name(first: Street, second: Street) -> Verdict:
    if first.name == second.name and first.name:
        return weakest(_same_directions(first, second), _same_suffix(first.suffix, second.suffix))
    if _spelled(first) & _spelled(second) and _one_lacks_suffix(first, second):
        return True
    return _nearly_same_name(first, second)


def _same_directions(first: Street, second: Street) -> Verdict:
    before, after = (first.predirection, second.predirection), (first.postdirection, second.postdirection)
    if before[0] == before[1] and after[0] == after[1]:
        return True
    if first.predirection == second.postdirection and first.postdirection == second.predirection:
        return "review"
    return False if _conflict(*before) or _conflict(*after) else "review"


def _conflict(first: str, second: str) -> bool:
    return bool(first and second and first != second)


def _same_suffix(first: str, second: str) -> Verdict:
    return not _conflict(first, second)


def _one_lacks_suffix(first: Street, second: Street) -> bool:
    return not _conflict(first.suffix, second.suffix) or bool(
        _full(first) & _spelled(second) or _full(second) & _spelled(first)
    )


def _spelled(street: Street) -> set[str]:
    """Give the ways to spell the name in one word: with a direction that was written out, and with its suffix."""
    if not street.name or (street.predirection and not street.direction_spelled_out):
        return set()
    base = DIRECTION_NAMES.get(street.predirection, "") + street.name
    return {base} | _full(street, base)


def _full(street: Street, base: str = "") -> set[str]:
    return {(base or street.name) + FULL_NAME.get(street.suffix, "")} if street.suffix else set()


def _nearly_same_name(first: Street, second: Street) -> Verdict:
    if _conflict(first.predirection, second.predirection):
        return False
    if _same_suffix(first.suffix, second.suffix) is True and (
        _is_slip(first, second) or _is_direction_or_name(first, second)
    ):
        return "review"
    return "review" if _is_alias(first.words, second.words) else False


def _is_slip(first: Street, second: Street) -> bool:
    """Tell whether two names may be one slip of the pen apart. Numbers and single letters are no slips."""
    if _digits(first.name) != _digits(second.name) or _letters(first) != _letters(second):
        return False
    if _digits(first.name):
        return one_edit_apart(_ordinal_like(first.name), _ordinal_like(second.name))
    return min(len(first.name), len(second.name)) >= SHORTEST_FUZZY and one_edit_apart(first.name, second.name)


def _ordinal_like(name: str) -> str:
    return f"{name}TH" if name.isdigit() else name


def _letters(street: Street) -> list[str]:
    return [word for word in street.words if len(word) == 1]


def _is_direction_or_name(first: Street, second: Street) -> bool:
    """Tell whether two names are one when a direction is read as a word: "W Wood" and "Westwood"."""
    return _with_direction(first) == _with_direction(second)


def _with_direction(street: Street) -> str:
    words = [DIRECTION_NAMES.get(word, word) for word in street.words]
    return DIRECTION_NAMES.get(street.predirection, "") + "".join(words)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _is_alias(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Tell whether one name is the surname of the other ("King" of "Martin Luther King")."""
    small, large = sorted((first, second), key=len)
    return (
        len(small) == 1 and len(large) > len(small) + 1 and small[0] == large[-1] and len(small[0]) >= _SHORTEST_ALIAS
    )


def _same_units(first: tuple[str, ...], second: tuple[str, ...]) -> Verdict:
    if first == second:
        return True
    only_first, only_second = set(first) - set(second), set(second) - set(first)
    if only_first and only_second:
        return _same_unit_otherwise(only_first, only_second)
    return False if (only_first | only_second) & _SECOND_HOMES else "review"


def _same_unit_otherwise(first: set[str], second: set[str]) -> Verdict:
    """Weigh units with another word: "# 200" may be "Ste 200" (Publication 28, 213); "Apt 2" and "Ste 2" may be two."""
    numbers = {unit.split()[-1] for unit in first}, {unit.split()[-1] for unit in second}
    words = {unit.split()[0] for unit in first | second if " " in unit}
    if numbers[0] != numbers[1] or not words <= _MUTUAL_DESIGNATORS:
        return False
    return "review"


def _same_place(first: Home, second: Home) -> Verdict:
    if not first.has_place and not second.has_place:
        return True
    if not first.has_place or not second.has_place:
        return _names_city(first, second) or _names_city(second, first) or "review"
    city = _same_city(first.city, second.city)
    if _conflict(first.region, second.region):
        return "review" if _both_equal(first.postal_code, second.postal_code) else False
    if _both_equal(first.postal_code, second.postal_code):
        return True
    if _conflict(first.postal_code, second.postal_code):
        return "review" if city is True else False
    return city


def _names_city(without: Home, other: Home) -> bool:
    """Tell whether an address without a town has the other's city behind its street, with no comma between."""
    return bool(other.city) and not without.has_place and city_name(list(without.street.rest)) == other.city


def _both_equal(first: str, second: str) -> bool:
    return bool(first) and first == second


def _same_city(first: str, second: str) -> Verdict:
    if not first or not second:
        return "review"
    if first == second or first.replace(" ", "") == second.replace(" ", ""):
        return True
    return "review" if one_edit_apart(first, second) and len(first) >= SHORTEST_FUZZY else False
