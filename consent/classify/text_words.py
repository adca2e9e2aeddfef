"""From a written word to the word that is meant: usual spellings, look-alike letters, digits for letters, slips.

A word that the tables know, or that the list of ordinary words names, is never changed.
"""

import re
from collections.abc import Callable, Iterable

from consent.classify.text_data import lines
from consent.classify.text_normal import CONFUSABLES, words_of

LONGEST_WORD = 40  # characters
_KEPT_WORDS = 50_000
_SLIP_LENGTH = 6  # shorter words differ by one letter from too many others
_REPEATED = re.compile(r"(.)\1{2,}")
_LEET = str.maketrans("013457$@", "oieast" + "sa")
_LEET_LENGTH = 4
_KEY_LENGTH = 7  # a wrong key makes too many other words out of shorter ones
_KEYBOARD = (
    ("qwertyuiop", 0.0),
    ("asdfghjkl", 0.25),
    ("zxcvbnm", 0.75),
)  # rows, and by how many keys they are indented
_PLACE = {
    letter: (row, column + indent) for row, (keys, indent) in enumerate(_KEYBOARD) for column, letter in enumerate(keys)
}


def ordinary_words() -> frozenset[str]:
    """Words that stand one letter beside a word of the tables and are not it."""
    return frozenset(word for fields in lines("ordinary.tsv") for word in words_of(fields[1]))


def spellings() -> dict[str, str]:
    """Usual short spellings, to the word that is meant."""
    return {variant: meant for meant, variants, _ in lines("spellings.tsv") for variant in words_of(variants)}


def mistyped_words() -> list[str]:
    """Words of requests whose slips are forgiven."""
    return sorted(word for fields in lines("slips.tsv") for word in words_of(fields[1]) if len(word) >= _SLIP_LENGTH)


ORDINARY = ordinary_words()
MISTYPED = mistyped_words()
SPELLINGS = spellings()


def unleet(word: str) -> str:
    """`st0p`, `$top` and `5top` to `stop`."""
    return word.translate(_LEET)


def squeezed(word: str) -> tuple[str, str]:
    """A word with each run of three or more of a letter cut to two, and to one."""
    return _REPEATED.sub(r"\1\1", word), _REPEATED.sub(r"\1", word)


def deletions(word: str, count: int) -> set[str]:
    """The word, and all that is left of it when up to `count` letters are taken out."""
    found = {word}
    last = {word}
    for _ in range(count):
        last = {left[:at] + left[at + 1 :] for left in last for at in range(len(left))}
        found |= last
    return found


def distance(a: str, b: str) -> int:
    """Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours, each one."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for row, left in enumerate(a, 1):
        current = [row]
        for column, right in enumerate(b, 1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (left != right))
            if row > 1 and column > 1 and left == b[column - 2] and a[row - 2] == right:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]


class Lexicon:
    """What the words of a text mean, for words that the patterns know."""

    def __init__(self, known: Iterable[str], begins_known: Callable[[str], bool]) -> None:
        self._known = frozenset(known)
        self._begins_known = begins_known
        self._slips: dict[str, str] = {}
        for word in MISTYPED:
            for left in deletions(word, 1):
                self._slips.setdefault(left, word)
        self._cached: dict[str, str] = {}

    def meant(self, word: str) -> str:
        """The known word that is written so, or the word itself."""
        cached = self._cached.get(word)
        if cached is None:
            cached = self._read(word[:LONGEST_WORD], self._slip)
            if len(self._cached) >= _KEPT_WORDS:
                self._cached.clear()
            self._cached[word] = cached
        return cached

    def spelt(self, word: str) -> str:
        """As `meant`, but without forgiving slips: for a word alone, which the keywords judge by their own measure."""
        return self._read(word[:LONGEST_WORD], self._itself)

    @staticmethod
    def _itself(word: str) -> str:
        return word

    def _read(self, word: str, otherwise: Callable[[str], str]) -> str:
        word = SPELLINGS.get(word, word)
        if word in self._known or word in ORDINARY or self._begins_known(word):
            return word
        for candidate in self._candidates(word):
            meant = SPELLINGS.get(candidate, candidate)
            if meant in self._known:
                return meant
        return otherwise(word)

    def _candidates(self, word: str) -> Iterable[str]:
        if not word.isascii():
            yield word.translate(CONFUSABLES)
        if len(word) >= _LEET_LENGTH and not word.isalpha() and not word.isdigit():
            yield unleet(word)
        yield from squeezed(word)

    def _slip(self, word: str) -> str:
        """One letter too many, too few, two swapped or a neighbouring key hit; any wrong letter would be too much."""
        if len(word) < _SLIP_LENGTH - 1 or not word.isalpha() or not word.isascii():
            return word
        for left in sorted(deletions(word, 1)):
            meant = self._slips.get(left)
            if meant and _slipped(word, meant):
                return meant
        return word


def _slipped(word: str, meant: str) -> bool:
    """A letter too many or too few, but not the last one, an ending perhaps; two swapped; or a neighbouring key."""
    if len(word) != len(meant):
        return word[-1] == meant[-1]
    at = next((at for at, (left, right) in enumerate(zip(word, meant, strict=True)) if left != right), len(word))
    if word[at + 1 :] == meant[at + 1 :]:
        return len(word) >= _KEY_LENGTH and _neighbours(word[at], meant[at])
    return word[at : at + 2] == meant[at : at + 2][::-1] and word[at + 2 :] == meant[at + 2 :]


def _neighbours(key: str, meant: str) -> bool:
    """Whether two letters touch on a QWERTY keyboard."""
    if key not in _PLACE or meant not in _PLACE:
        return False
    (row, column), (other_row, other_column) = _PLACE[key], _PLACE[meant]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= (1 if row == other_row else 0.75)
