"""Postal addresses found in a letter, however the person laid them out.

A postal code (or a city with its state) anchors an address; from there it is read upwards: the lines above it, or the
words before it in the same sentence. Labelled lines ("Name: … ZIP: …") are put together first. What is found counts
only where `parse_post` can make a key of it.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from consent.classify.mail_labels import labelled_addresses
from consent.classify.mail_one_line import code_first, joined_places
from consent.normalise.errors import InvalidAddress
from consent.normalise.post import PostalAddress, parse_post
from consent.normalise.post_model import Home


class FoundAddress(msgspec.Struct, frozen=True):
    """An address as the person wrote it, and its normal forms: `name` (`""` without one) and `household`; its parts."""

    text: str
    name: str
    household: str
    home: Home | None = None


Lines = tuple[str, ...]
Readings = list[Lines]
"""One address as its lines, in every way that it may be meant, the likeliest first."""

ADDRESSES: Final = 20
LINES: Final = 300
LINE_CHARS: Final = 400
LINES_ABOVE: Final = 6

CODE: Final = re.compile(
    r"(?<![\w#-])(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z][ -]?\d[A-Z]\d|"
    r"\d{4}\s?[A-Z]{2}(?=\s)|\d{4}-\d{3}|"
    r"\d{2}-\d{3}|\d{3}-\d{4}|\d{3}\s\d{2}(?=\s+[A-ZÅÄÖ])|(?<=NSW )\d{4}|(?<=VIC )\d{4}|"
    r"(?<=QLD )\d{4}|(?<=TAS )\d{4}|(?<=ACT )\d{4}|"
    r"(?:[A-Z]{1,2}-)?\d{4}(?=\s+[A-ZÄÖÜ][a-zäöüß]))(?![\w-])"
)
CITY_STATE: Final = re.compile(r"[A-Za-z.'’]{2,30}(?:,\s*|\s+)(?:[A-Z]{2})\.?$")
COUNTRY: Final = re.compile(
    r"[\s,]*\b(?:U\.?S\.?A\.?|United States(?: of America)?|Canada|UK|United Kingdom|England|Scotland|Wales|"
    r"Deutschland|Germany|France|"
    r"España|Spain|Italia|Italy|Nederland|The Netherlands|Netherlands|Portugal|Österreich|Austria|Schweiz|Suisse|"
    r"Switzerland|"
    r"Belgium|België|Belgique|Ireland|Australia|Sweden|Sverige|Danmark|Denmark)\b[\s.]*$",
    re.IGNORECASE,
)
STREET_START: Final = re.compile(
    r"(?<![\w#.-])(?:(?:P\.?\s?O\.?\s?)?Box\s+\d|(?:RR|HC)\s*#?\s*\d|"
    r"\d{1,6}(?:-\d{1,5})?[A-Za-z]?(?:\s+1/2)?\s+(?:[NSEW]{1,2}\.?\s+)?[\w'’.]{1,30})",
    re.IGNORECASE,
)
UNIT_BEFORE: Final = re.compile(
    r"(?:apt|apartment|unit|suite|ste|floor|fl|room|rm|no|number|lot|#)[.\s#]*$", re.IGNORECASE
)
INTRODUCES: Final = re.compile(
    r"(?:^|[,:;(–—]|\b(?:to|at|is|of|from|for|in|address|addressed|near|lives?|home)|\s-)\s*$", re.IGNORECASE
)
STREET_WORDS: Final = re.compile(
    r"\b(?:st|street|ave?|avenue|rd|road|dr|drive|ln|lane|blvd|boulevard|ct|court|pl|place|way|ter|terrace|cir|"
    r"circle|hwy|highway|"
    r"pkwy|parkway|sq|square|loop|trl|trail|pike|run|row|box|route|rr|str|strasse|straße|weg|platz|rue|calle|via|"
    r"straat|laan)\b\.?",
    re.IGNORECASE,
)
FIRM: Final = re.compile(
    r"\b(?:inc|llc|corp|co|ltd|gmbh|company|dept|department|university|church|school|attn|c/o)\b|& sons", re.IGNORECASE
)
SAID_NAME: Final = re.compile(
    r"\b(?:[Mm]y name is|[Nn]ame is|I am|I'm|[Nn]ame:)\s+([A-ZÀ-Ý][\w'’.-]*(?:\s+[A-ZÀ-Ý][\w'’.-]*){1,4})"
)
NAME_WORD: Final = r"(?:[A-ZÀ-ÝŁŚŻČŠŽ][\w'’.-]*|&|and|und|y|et|de|del|la|van|von|der|den|di|da|dos|al|bin)"
NAME_BEFORE: Final = re.compile(
    rf"({NAME_WORD}(?:\s+{NAME_WORD}){{0,6}})\s*(?:[,:;(–—-]|\b(?:at|of|in|living at|who lives at))?\s*$"
)
NOT_NAMES: Final = frozenset(
    {
        "please", "remove", "take", "stop", "delete", "dear", "hi", "hello", "hey", "to", "my", "i", "we", "our", "the",
        "this", "is", "address", "addressed", "name", "from", "for", "thanks", "thank", "regards", "sincerely", "best",
        "cheers", "no", "not", "do", "don't", "dont", "send", "sending", "mail", "mails", "mailing", "mailings",
        "letter", "letters", "catalog", "catalogs", "zip", "home", "at", "of", "off", "me", "us", "and", "your", "list",
        "lists", "yours", "truly", "kind", "warm", "snail", "mail:", "it", "should", "be", "go", "going", "goes",
        "current", "thx", "sent", "in", "on", "with", "you",
    }
)  # fmt: skip
COUNTRY_OF: Final = {
    "de": "Germany", "fr": "France", "es": "Spain", "it": "Italy", "nl": "Netherlands", "pt": "Portugal",
    "sv": "Sweden", "pl": "Poland", "da": "Denmark", "tr": "Turkey",
}  # fmt: skip
SENTENCE_ENDS: Final = (".", "!", "?", ":", ";")
WORDS_IN_NAME: Final = 7


def find_addresses(text: str, language: str | None = None) -> tuple[FoundAddress, ...]:
    """Give the usable addresses of a text in the order in which they stand, each person and household once.

    `language` (ISO 639-1) tells in which country "Lindenweg 3, 80331 München" lies, where the address does not.
    """
    country = COUNTRY_OF.get(language or "", "")
    found: dict[tuple[str, str], FoundAddress] = {}
    said = SAID_NAME.search(text[: LINES * LINE_CHARS])
    for readings in _candidates(text):
        usable = (_usable(lines, said[1] if said else "", country) for lines in readings)
        address = next((address for address in usable if address), None)
        if address is None:
            continue
        if address.name:
            found.pop((address.household, ""), None)
        elif any(household == address.household for household, _ in found):
            continue
        found.setdefault((address.household, address.name), address)
        if len(found) >= ADDRESSES:
            break
    return tuple(found.values())


def _usable(lines: Lines, said_name: str, country: str) -> FoundAddress | None:
    text = "\n".join(lines)
    parsed = _parse(text) or _parse(COUNTRY.sub("", text)) or (_parse(f"{text}\n{country}") if country else None)
    if parsed and not parsed.name and said_name:
        parsed = _parse(f"{said_name}\n{text}") or parsed
    return FoundAddress(text, parsed.name, parsed.household, parsed.home) if parsed else None


def _parse(text: str) -> PostalAddress | None:
    try:
        return parse_post(text)
    except InvalidAddress:
        return None


def _candidates(text: str) -> Iterator[Readings]:
    lines = [re.sub(r"\s\|\s|\s/\s", ", ", line).strip(" \t>*•|") for line in text.split("\n")][:LINES]
    labelled, rest = labelled_addresses(lines)
    yield from ([tuple(address)] for address in labelled)
    rest = joined_places(rest)
    for line in rest:
        for before, street, place in code_first(line[:LINE_CHARS]):
            name = _name_before(before)
            yield [(name, street, place), (street, place)] if name else [(street, place)]
    rest = ["" if any(code_first(line[:LINE_CHARS])) else line for line in rest]
    for at, line in enumerate(rest):
        for piece, is_whole_line in _pieces(line[:LINE_CHARS]):
            readings = _readings(rest, at, piece, is_whole_line)
            country = _country_below(rest, at) if is_whole_line else ""
            yield [*((*lines, country) for lines in readings if country), *readings]


def _country_below(lines: list[str], at: int) -> str:
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return below if below and COUNTRY.fullmatch(below) else ""


def _pieces(line: str) -> list[tuple[str, bool]]:
    """Cut a line after each postal code, so that a line with two addresses gives both."""
    bare = COUNTRY.sub("", line)
    if CITY_STATE.search(bare) and not CODE.search(bare):
        return [(bare, True)]
    codes = [code for code in CODE.finditer(bare) if not _is_house_number(bare, code)]
    pieces: list[tuple[str, bool]] = []
    begin = 0
    for code in codes:
        before_city = (
            re.match(r"\s+[A-ZÀ-Ý][\w.'’ -]{1,40}", bare[code.end() :])
            if not bare[begin : code.start()].strip(" ,;.")
            else None
        )
        end = code.end() + (before_city.end() if before_city else 0)
        pieces.append((bare[begin:end].strip(" ,;.-"), not bare[end:].strip(" ,;.!)")))
        begin = end
    return pieces


def _is_house_number(line: str, code: re.Match[str]) -> bool:
    """Five digits may be a house number: "12345 Main St, Reno, NV 89501"."""
    after = line[code.end() :]
    same_phrase = re.split(r"[,;:.\n]", after[:40])[0]
    return bool(code[0].isdigit() and STREET_WORDS.search(same_phrase) and CODE.search(after))


def _readings(lines: list[str], at: int, piece: str, is_whole_line: bool) -> Readings:
    start = _street_start(piece)
    if start is None:
        above = _lines_above(lines, at)
        return [(*above[skip:], _tail(piece)) for skip in range(min(2, len(above)))]
    street, before = piece[start:], piece[:start]
    name = _name_before(before)
    if not name and is_whole_line and not before.strip(" ,:;.-"):
        line = next((line for line in reversed(lines[max(0, at - 2) : at]) if line), "")
        name = line.strip(" ,") if _is_name(line) else ""
    return [(name, street), (street,)] if name else [(street,)]


def _tail(piece: str) -> str:
    """Of a last line that is part of a sentence, keep what follows the last colon or stop."""
    return re.split(r"[:!?]\s+|(?<=[a-z]{3})\.\s+", piece)[-1]


def _street_start(piece: str) -> int | None:
    """Find where the street begins in a line that holds a whole address."""
    code = list(CODE.finditer(piece))
    end = code[-1].start() if code else len(piece)
    places = [
        found.start()
        for found in STREET_START.finditer(piece[:end])
        if not UNIT_BEFORE.search(piece[: found.start()]) and len(piece[found.start() : end].split()) >= 2
    ]
    places = [place for place in places if re.search(r"[A-Za-z]{2}", piece[place:end])]
    introduced = [place for place in places if INTRODUCES.search(piece[:place]) or _name_before(piece[:place])]
    chosen = [place for place in introduced if STREET_WORDS.search(piece[place:end])] or introduced or places
    return chosen[0] if chosen else None


def _name_before(before: str) -> str:
    found = NAME_BEFORE.search(before[-120:])
    if not found:
        return ""
    words = found[1].split()
    while words and words[0].casefold().strip(".,:") in NOT_NAMES:
        words.pop(0)
    return " ".join(words) if _is_name(" ".join(words)) else ""


def _is_name(line: str) -> bool:
    words = line.strip(" ,.").split()
    if not 0 < len(words) <= WORDS_IN_NAME or any(letter.isdigit() for letter in line) or "@" in line:
        return False
    if words[0].casefold().strip(".,:!") in NOT_NAMES:
        return False
    return (
        all(word[0].isupper() or not word[0].isalpha() or re.fullmatch(NAME_WORD, word) for word in words)
        or line.islower()
    )


def _lines_above(lines: list[str], at: int) -> list[str]:
    """Give the lines of the address above its last one: street and what is beside it, at most one name."""
    above: list[str] = []
    gaps = 0
    for line in reversed(lines[max(0, at - 2 * LINES_ABOVE) : at]):
        if not line:
            gaps += 1
            if gaps > 1:
                break
            continue
        if len(above) >= LINES_ABOVE or not _belongs(line, above):
            break
        gaps = 0
        above.insert(0, line.strip(" ,"))
        if _is_name(line) and not FIRM.search(line):
            break
    return above if _has_street(above) else []


def _has_street(lines: list[str]) -> bool:
    return any(any(letter.isdigit() for letter in line) for line in lines)


def _belongs(line: str, above: list[str]) -> bool:
    """Tell whether a line can be part of an address: a street, a unit, a firm or a name, but no sentence and no other
    address.
    """
    if len(line) > 80 or "@" in line or (CODE.search(line) and not _starts_street(line)):
        return False
    if any(letter.isdigit() for letter in line):
        return not line.endswith(("!", "?", ":")) and not (
            above and _has_street(above) and not _starts_street(line) and not UNIT_BEFORE.search(line)
        )
    if line.endswith(SENTENCE_ENDS) and not re.search(r"\b(?:Jr|Sr|Inc|Co|Ltd|Esq|St|Ave|Rd|Dr|Ln|Blvd)\.$", line):
        return False
    return _is_name(line) or bool(STREET_WORDS.search(line) and len(line.split()) <= WORDS_IN_NAME)


def _starts_street(line: str) -> bool:
    found = STREET_START.match(line)
    return bool(found) or bool(re.search(r"[a-zäöüß]\.?\s\d{1,4}[a-z]?$", line))
