"""The normal form of a household → the parts of its home, as far as it tells them."""

from consent.normalise.post_foreign import ENGLISH
from consent.normalise.post_model import Home, Kind, Street
from consent.normalise.post_suffixes import FULL_NAME
from consent.normalise.post_text import has_digit
from consent.normalise.post_words import DIRECTION_NAMES, MILITARY_UNITS, UNITS

_KINDS: tuple[tuple[str, Kind], ...] = (
    ("PO BOX ", "box"), ("RR ", "route"), ("HC ", "route"), ("GENERAL DELIVERY", "general"),
    *((f"{word} ", "military") for word in sorted(MILITARY_UNITS)),
)  # fmt: skip
_DESIGNATORS = frozenset(UNITS.values()) - {""}


def home_of_household(household: str) -> Home:
    """The home of what `parse_post` gave as `household`. The town's name is lost where there was a postal code."""
    country, *town, line, unit = household.split("|")
    street = _street_of(line, country, tuple(unit.split(" ")) if unit else ())
    if len(town) == 1:
        return Home(country, street, postal_code=town[0])
    return Home(country, street, city=town[0], region=town[1])


def _street_of(line: str, country: str, unit: tuple[str, ...]) -> Street:
    kind = next((kind for start, kind in _KINDS if line.startswith(start)), None)
    if kind:
        return Street(kind, number=line)
    words = line.split(" ")
    count = _number_words(words, country)
    number, body = " ".join(words[:count]), words[count:]
    after = body.pop() if len(body) > 1 and body[-1] in DIRECTION_NAMES else ""
    suffix = body.pop() if len(body) > 1 and body[-1] in FULL_NAME else ""
    before = body.pop(0) if len(body) > 1 and body[0] in DIRECTION_NAMES else ""
    return Street(
        "street",
        number=number,
        predirection=before,
        words=tuple(body),
        suffix=suffix,
        postdirection=after,
        units=_units(unit),
    )


def _number_words(words: list[str], country: str) -> int:
    """How many words are the house number: in English one, or two with a fraction; elsewhere all that have digits."""
    if country == "US" or country in ENGLISH:
        return (1 + ("/" in "".join(words[1:2]))) if has_digit(words[0]) else 0
    return next((at for at, word in enumerate(words) if not has_digit(word)), len(words))


def _units(words: tuple[str, ...]) -> tuple[str, ...]:
    """Units in their normal form stand side by side: "4B", "FL 2", "BLDG C 4"."""
    units: list[str] = []
    for word in words:
        if units and units[-1] in _DESIGNATORS:
            units[-1] += f" {word}"
        else:
            units.append(word)
    return tuple(sorted(units))
