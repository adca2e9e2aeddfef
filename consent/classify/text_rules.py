"""The phrases over one sentence: which rows match which words, and which of them stand.

Rows are ordered (text_tables). Where two matches share a word, the earlier row stands and the other falls; so a guard
takes its words away from a request, and leaves a request elsewhere in the sentence alone.
"""

from collections.abc import Sequence
from functools import cache

import msgspec

from consent.classify import text_data
from consent.classify.text_automaton import Automaton, Found
from consent.classify.text_keywords import Keywords, keyword_rows
from consent.classify.text_normal import words_of
from consent.classify.text_tables import Row, folded_words, parse_rows, phrase_rows
from consent.classify.text_words import Lexicon

ROWS = phrase_rows()
KEYWORDS = Keywords(keyword_rows())
_REST = 40  # words: without a bound, each of many matches would copy the rest of the sentence


class Standing(msgspec.Struct, frozen=True):
    """A row that stands, the words of the sentence that it stands on, and those that follow, up to `_REST`."""

    row: Row
    words: tuple[str, ...]
    rest: tuple[str, ...]


def _fillers() -> dict[str, list[tuple[str, ...]]]:
    """Words that change nothing, by the first of them, the longest first."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for _, alternatives, _ in text_data.lines("fillers.tsv"):
        for written in alternatives.split("|"):
            words = tuple(folded_words(written))
            table.setdefault(words[0], []).append(words)
    return {first: sorted(several, key=len, reverse=True) for first, several in table.items()}


_FILLERS = _fillers()
FILLER_WORDS = frozenset(word for several in _FILLERS.values() for words in several for word in words)
SINGLE_FILLERS = frozenset(words[0] for several in _FILLERS.values() for words in several if len(words) == 1)
_KEYWORD_WORDS = frozenset(word for row in KEYWORDS.rows for words in row.words for word in words.split())


@cache
def automaton() -> Automaton:
    """All rows at once."""
    return Automaton(parse_rows(ROWS))


@cache
def _lexicon() -> Lexicon:
    known = automaton().vocabulary
    return Lexicon({*known.exact, *FILLER_WORDS, *_KEYWORD_WORDS}, known.knows)


def prepare() -> None:
    """Build the tables, which takes a quarter of a second, and which a process that reads no words is spared. Who must
    be quick from the first text on calls this as it starts.
    """
    _lexicon()


def read_words(sentence: str) -> tuple[str, ...]:
    """The words of a folded sentence, as the tables spell them."""
    words, lexicon = words_of(sentence), _lexicon()
    return tuple([lexicon.meant(word) for word in words]) if len(words) > 1 else tuple(map(lexicon.spelt, words))


def without_fillers(words: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    position = 0
    while position < len(words):
        length = _filler_length(words, position)
        if not length:
            kept.append(words[position])
        position += length or 1
    return tuple(kept)


def _filler_length(words: Sequence[str], position: int) -> int:
    for filler in _FILLERS.get(words[position], ()):
        if tuple(words[position : position + len(filler)]) == filler:
            return len(filler)
    return 0


def standing(found: Sequence[Found]) -> list[Found]:
    """Those matches that no earlier row takes a word from; of one row, the longest."""
    taken: set[int] = set()
    stand: list[Found] = []
    for match in sorted(found, key=_precedence):
        span = range(match.start, match.end)
        if taken.isdisjoint(span):
            taken.update(span)
            stand.append(match)
    return stand


def _precedence(match: Found) -> tuple[int, int, int]:
    return match.rank, match.start - match.end, match.start


def matches(words: Sequence[str]) -> list[Standing]:
    """The rows that stand in a sentence whose words are without fillers, in the order in which they decide."""
    if not words:
        return []
    framed = ("^", *words, "$")
    found, _ = automaton().scan(framed)
    if not found:
        return []
    last = len(framed) - 1
    return [
        Standing(ROWS[match.rank], framed[match.start : match.end], framed[match.end : min(match.end + _REST, last)])
        for match in standing(found)
    ]
