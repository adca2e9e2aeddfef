"""The addresses that a row of a file is about: who is named on the piece, and whether it also goes to anyone. Pure.

"John and Mary Smith" are two people, each of whom may have refused. "John Smith or current resident" is also anyone
there, and "Our neighbor at" is nobody by name: such a piece must not go to where somebody refused.
"""

import re
from collections.abc import Sequence

from consent.normalise.post import FIELDS
from consent.runs.columns import Places

MAX_NAME_CHARACTERS = 200
_MOST_PEOPLE = 4

# What stands in place of a name, or behind one.
_ANYONE = (
    r"(?:(?:our|the|all|to|an|die|alle|den|a|aux|al|el|los|le|les)\s+)*"
    r"(?:(?:current|present|valued|new|local|postal|good|aktuelle|actuel|actual)\s+)*"
    r"(?:residents?|occupants?|householders?|house\s?holds?|home\s?owners?|neighbou?rs?|customers?|patrons?|box\s?holders?"
    r"|tenants?|bewohner(?:in)?(?:nen)?|haushalte?|hausbewohner|anwohner|occupante?s?|residente?s?|vecinos?|ocupantes?)"
    r"(?:\s+(?:actual|actuels?|attuali))?(?:\s+(?:at|of|in|here|du|de|del|des)\b.*)?"
)
_NOBODY = re.compile(rf"{_ANYONE}", re.IGNORECASE)
_OR_ANYONE = re.compile(rf"[\s,/(]+(?:or|oder|ou|o)\s+{_ANYONE}\)?", re.IGNORECASE)
_AND = re.compile(r"\s*(?:&|\+|/|;|\band\b|\bund\b|\bet\b|\by\b)\s*", re.IGNORECASE)


def addresses_of(cells: Sequence[str], places: Places) -> list[dict[str, str]]:
    """The addresses of a row: one for each person, and one without a name where it also goes to anyone."""
    address = {field: _joined(cells, places[field]) for field in FIELDS if field in places}
    name, anyone = _without_anyone(" ".join(address.pop("name", "").split())[:MAX_NAME_CHARACTERS])
    named = [{**address, "name": one} for one in people_of(name)] if name else []
    return [*named, address] if anyone or not named else named


def _joined(cells: Sequence[str], places: Sequence[int]) -> str:
    return " ".join(text for place in places if place < len(cells) and (text := cells[place].strip()))


def _without_anyone(name: str) -> tuple[str, bool]:
    """A name without "or current resident", and whether the piece goes to anyone."""
    if _NOBODY.fullmatch(name):
        return "", True
    found = _OR_ANYONE.search(name)
    if found and found.end() == len(name):
        return name[: found.start()], True
    return name, False


def people_of(name: str) -> list[str]:
    """The people of a name: as it is written, and each of several. Who has no surname shares that of the others."""
    parts = [part for part in _AND.split(name) if part][:_MOST_PEOPLE]
    if len(parts) < 2:
        return [name]
    before, comma, _ = parts[0].partition(",")
    surname = before.strip() if comma else parts[-1].split()[-1]
    return [name, *(part if len(part.split()) > 1 else f"{part} {surname}" for part in parts)]
