"""What a mailing says to its readers, and nobody to us: its foot, and the captions of its links.

Where nothing in the header tells of a mailing, its words do: a letter that was passed on, an archive, a shop's own
program. `tables/mail_feet.tsv` has them. Where a person speaks of themself in between, they are read all the same.
"""

import re
from typing import Final, NamedTuple

from consent.classify import text_data
from consent.classify.mail_sentences import bare_letters, fold


class Foot(NamedTuple):
    """One line of the table."""

    kind: str
    language: str
    pattern: str
    example: str


FEET: Final = [Foot(*line) for line in text_data.lines("mail_feet.tsv")]
PARAGRAPH: Final = re.compile(r"\n[ \t]*\n")
SEPARATORS: Final = re.compile(r"[|·•»]|\s-\s|\n|(?<=[.!?。！？])\s")
STATE: Final = re.compile(r"\b[A-Z]{2},?[ ]+\d{5}")
"""Michigan's MI and Maine's ME are no words for oneself."""
CAPTIONS: Final = 5
FEW_WORDS: Final = 15
"""Beside fewer words than this, a command is no caption but all that somebody wants."""


def _any(kind: str) -> re.Pattern[str]:
    word = r"(?<!\w)(?:{})(?!\w)" if kind == "first" else "{}"
    return re.compile("|".join(word.format(bare_letters(foot.pattern)) for foot in FEET if foot.kind == kind))


_FOOT, _CAPTION, _FIRST, _WITHIN = _any("foot"), _any("caption"), _any("first"), _any("within")


def without_feet(text: str) -> str:
    """Leave out the paragraphs that a mailing puts below its text."""
    return "\n\n".join(paragraph for paragraph in PARAGRAPH.split(text) if not is_foot(paragraph))


def without_captions(text: str) -> str:
    """Leave out the captions of links, unless somebody speaks of themself.

    A command that stands first is a person's, and so is one beside few words.
    """
    said = [piece for piece in SEPARATORS.split(text) if fold(piece)]
    if not said or is_caption(said[0]) or speaks_of_self(text):
        return text
    others = sum(len(fold(piece).split()) for piece in said if not is_caption(piece))
    if others <= FEW_WORDS:
        return text
    return "\n".join(_without_last(line) for line in text.split("\n"))


def is_foot(paragraph: str) -> bool:
    return bool(_FOOT.search(fold(paragraph))) and not speaks_of_self(paragraph)


def is_caption(words: str) -> bool:
    return bool(_CAPTION.fullmatch(fold(words)))


def speaks_of_self(text: str) -> bool:
    """Tell whether somebody says I, me or my."""
    folded = fold(STATE.sub(" ", text))
    return bool(_FIRST.search(folded) or _WITHIN.search(folded))


def _without_last(line: str) -> str:
    """A line may end in several captions."""
    for _ in range(CAPTIONS):
        ends = [found.end() for found in SEPARATORS.finditer(line)]
        begin = next((end for end in reversed(ends) if fold(line[end:])), 0)
        if not is_caption(line[begin:]):
            return line
        line = line[:begin]
    return line
