"""Keywords: a word or two that are the whole of a message, however written.

47 CFR 64.1200(a)(10) names words that always revoke; the gateways' documents name more (FACTS S1, S4). The file
`keywords.tsv` has the fields id, intent, in_reply, scope, reach, slips, words, counter-example:

    reach `bare`      only when nothing else at all stands in the message
    reach `message`   as the whole message, courtesies aside
    reach `sentence`  as a sentence of its own in a longer message too
    slips             how many wrong letters are forgiven
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from consent.classify import text_data
from consent.classify.text_tables import Intent, TableError, folded_words
from consent.classify.text_words import ORDINARY, deletions, distance, squeezed, unleet

Scope = Literal["sender", "everything", "email", "sms", "post"]
Reach = Literal["bare", "message", "sentence"]

_LONGEST_MISSPELT = 20  # characters
_JOINED_SLIP_LENGTH = 6  # two words are one misspelt keyword only from this length: `so top` is not `stop`
_SHORT = 8
_COMBINED = 12  # words
_SPACELESS = 40  # characters
_CODE_LENGTH = 4  # digits; shorter numbers are hardly a short code or a telephone number


class Keyword(msgspec.Struct, frozen=True):
    """One row of the keywords. `words` are its alternatives, folded; `example` is the first as it is written."""

    id: str
    language: str
    intent: Intent
    in_reply: Intent
    suggestion: Intent | None
    scope: Scope
    reach: Reach
    slips: int
    words: tuple[str, ...]
    example: str
    counter: str


def read_keyword(fields: list[str]) -> Keyword:
    """A keyword row from the fields of its line."""
    if len(fields) < 7:
        raise TableError(f"{fields[0]}: seven fields are needed")
    row_id, written, in_reply, scope, reach, slips, words, counter = [*fields, ""][:8]
    intent, _, suggestion = written.partition("/")
    return msgspec.convert(
        {
            "id": row_id,
            "language": row_id.split(".")[1],
            "intent": intent,
            "in_reply": intent if in_reply == "-" else in_reply,
            "suggestion": suggestion or None,
            "scope": scope,
            "reach": reach,
            "slips": int(slips),
            "words": [" ".join(folded_words(word)) for word in words.split("|")],
            "example": words.split("|")[0],
            "counter": counter,
        },
        Keyword,
    )


def keyword_rows() -> list[Keyword]:
    """All keywords, in the order in which they decide."""
    return [read_keyword(fields) for fields in text_data.lines("keywords.tsv")]


class Keywords:
    """The keywords, looked up by what is written."""

    def __init__(self, rows: Iterable[Keyword]) -> None:
        self.rows = list(rows)
        self.by_words: dict[str, Keyword] = {}
        self._spaceless: dict[str, Keyword] = {}
        self._slips: dict[str, list[str]] = {}
        for row in self.rows:
            for words in row.words:
                self.by_words.setdefault(words, row)
                if row.reach != "bare":
                    self._spaceless.setdefault(words.replace(" ", ""), row)
        for joined, row in self._spaceless.items():
            for left in deletions(joined, row.slips) if row.slips else ():
                self._slips.setdefault(left, []).append(joined)

    def exact(self, words: Sequence[str]) -> Keyword | None:
        """The keyword that these words are, in one piece or in several."""
        row = self.by_words.get(" ".join(words))
        return row if row is not None and row.reach != "bare" else self._joined("".join(words))

    def _joined(self, joined: str) -> Keyword | None:
        return self._spaceless.get(joined)

    def alone(self, words: Sequence[str]) -> Keyword | None:
        """The keyword that is the whole of a message: exact, in look-alike letters, combined, or misspelt."""
        if not words or len(words) > _COMBINED:
            return None
        return self.exact(words) or self.combined(words) or self.lookalike(words) or self.misspelt(words)

    def lookalike(self, words: Sequence[str]) -> Keyword | None:
        joined = "".join(words)
        if len(joined) > _SPACELESS or joined in ORDINARY:
            return None
        candidates = [*squeezed(joined)]
        if not joined.isalpha() and not any(word.isdigit() for word in words):
            candidates.append(unleet(joined))
        for candidate in candidates:
            if candidate not in ORDINARY and (row := self._joined(candidate)):
                return row
        return None

    def combined(self, words: Sequence[str]) -> Keyword | None:
        """`end remove`, `stop 55501`: nothing but keywords that refuse, and numbers. The first one decides.

        A short number may count something, so it stands only beside a word that counts in any sentence: `exit 42`.
        """
        found: list[Keyword] = []
        counts = False
        position = 0
        while position < len(words):
            row, position = self._next(words, position)
            if row is not None:
                found.append(row)
            elif not words[position - 1].isdigit():
                return None
            else:
                counts = counts or len(words[position - 1]) < _CODE_LENGTH
        if not found or any(row.intent != "opt_out" for row in found):
            return None
        return None if counts and all(row.reach != "sentence" for row in found) else found[0]

    def _next(self, words: Sequence[str], position: int) -> tuple[Keyword | None, int]:
        for size in (3, 2, 1):
            row = self.by_words.get(" ".join(words[position : position + size]))
            if row is not None and row.reach != "bare" and position + size <= len(words):
                return row, position + size
        return None, position + 1

    def misspelt(self, words: Sequence[str]) -> Keyword | None:
        """The nearest keyword within its number of slips. Ordinary words are themselves."""
        joined = "".join(words)
        if not self._may_be_misspelt(words, joined):
            return None
        candidates = {known for left in deletions(joined, 2) for known in self._slips.get(left, ())}
        near = [
            (distance(joined, known), known)
            for known in candidates
            if len(words) == 1 or len(known) >= _JOINED_SLIP_LENGTH
        ]
        within = [pair for pair in near if self._is_near(joined, *pair)]
        return self._spaceless[min(within)[1]] if within else None

    def _is_near(self, joined: str, slips: int, known: str) -> bool:
        """A second slip in a short word is forgiven only where the beginning is right: `opoit`, not `spout`."""
        begins = len(known) > _SHORT or joined[:2] == known[:2]
        return slips <= min(self._spaceless[known].slips, 2 if begins else 1)

    def _may_be_misspelt(self, words: Sequence[str], joined: str) -> bool:
        short = 3 <= len(joined) <= _LONGEST_MISSPELT and len(words) <= 2
        return short and joined not in ORDINARY and not (len(words) == 1 and words[0] in ORDINARY)

    def run_together(self, word: str, others: frozenset[str]) -> Keyword | None:
        """`stopstop`, `stop2quit`, `stopplease`: one word that is keywords and other known words without a space."""
        if len(word) > _SPACELESS or word in ORDINARY:
            return None
        reached: dict[int, Keyword | None] = {0: None}
        for start in range(len(word)):
            if start not in reached:
                continue
            for end in range(start + 1, len(word) + 1):
                part = word[start:end]
                row = self._spaceless.get(part)
                if row is not None and row.intent == "opt_out" and (row.slips or row.reach == "sentence"):
                    reached.setdefault(end, reached[start] or row)
                elif part in others:
                    reached.setdefault(end, reached[start])
        return reached.get(len(word))
