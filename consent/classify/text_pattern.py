"""The small pattern language of the tables, and its translation into states.

    word            that word
    wor*  *ord      any word that begins, or ends, so
    {a|b c|<d>}     one of these, each of one or more words
    (a|b)           one of these, or nothing
    <name>          the alternatives that `words.<language>.tsv` gives under this name
    _  ...  ...5    one word, up to three, up to five words of any kind
    ^  $            the beginning and the end of the sentence

Words are folded like any text, so `ARRÊTEZ` in a pattern is `arretez`.
"""

import re
from collections.abc import Callable, Iterable

import msgspec

from consent.classify.text_normal import fold, words_of

_PART = re.compile(r"\.\.\.\d*|<[\w.-]+>|[{}()|^$]|[^\s{}()|^$<>]+")
_GAP = 3

Resolve = Callable[[str], "Node"]
Words = Callable[[str], Iterable[str]]


class PatternError(ValueError):
    """A pattern that does not follow the language above."""


class OneOf(msgspec.Struct, frozen=True):
    """One word out of a set; a word that ends in `*` stands for every word that begins so."""

    words: frozenset[str]


class AnyWord(msgspec.Struct, frozen=True):
    """Any word, but neither end of the sentence."""


class Sequence(msgspec.Struct, frozen=True):
    parts: "tuple[Node, ...]"


class Choice(msgspec.Struct, frozen=True):
    alternatives: "tuple[Node, ...]"


Node = OneOf | AnyWord | Sequence | Choice

NOTHING = Sequence(())


class _Reader:
    def __init__(self, pattern: str, resolve: Resolve, words: Words) -> None:
        self.pattern = pattern
        self.parts: list[str] = _PART.findall(pattern)
        self.position = 0
        self.resolve = resolve
        self.words = words

    def peek(self) -> str:
        return self.parts[self.position] if self.position < len(self.parts) else ""

    def take(self) -> str:
        self.position += 1
        return self.parts[self.position - 1]

    def choice(self, closing: str) -> Node:
        alternatives = [self.sequence()]
        while self.peek() == "|":
            self.take()
            alternatives.append(self.sequence())
        if self.peek() != closing:
            raise PatternError(f"{self.pattern!r}: expected {closing or 'the end'}, found {self.peek() or 'the end'}")
        return _merged(alternatives)

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.peek() not in ("", "|", "}", ")"):
            parts.extend(self.item())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def item(self) -> list[Node]:
        part = self.take()
        if part in ("{", "("):
            inner = self.choice("}" if part == "{" else ")")
            self.take()
            return [inner if part == "{" else Choice((inner, NOTHING))]
        if part.startswith("..."):
            return [Choice((AnyWord(), NOTHING))] * int(part[3:] or _GAP)
        if part.startswith("<"):
            return [self.resolve(part[1:-1])]
        return self.literal(part)

    def literal(self, part: str) -> list[Node]:
        if part in ("^", "$"):
            return [OneOf(frozenset((part,)))]
        if part == "_":
            return [AnyWord()]
        if part.startswith("*"):
            return [OneOf(frozenset(("*" + words_of(fold(part[1:]))[0],)))]
        if part.endswith("*"):
            *before, stem = words_of(fold(part[:-1]))
            return [*(OneOf(frozenset((word,))) for word in before), OneOf(frozenset((stem + "*",)))]
        words = [OneOf(frozenset((word,))) for word in self.words(part)]
        if not words:
            raise PatternError(f"{self.pattern!r}: {part!r} is no word")
        return list(words)


def _merged(alternatives: list[Node]) -> Node:
    """Alternatives of one word each are one set, so that a long list costs a single step."""
    words: set[str] = set()
    longer: list[Node] = []
    for node in alternatives:
        for inner in node.alternatives if isinstance(node, Choice) else (node,):
            if isinstance(inner, OneOf):
                words |= inner.words
            else:
                longer.append(inner)
    if words:
        longer.append(OneOf(frozenset(words)))
    return longer[0] if len(longer) == 1 else Choice(tuple(longer))


def read(written: str, resolve: Resolve, words: Words) -> Node:
    """Read a pattern, or the alternatives of a `<name>`, which `resolve` gives for other names."""
    return _Reader(written, resolve, words).choice("")


def parse(pattern: str, resolve: Resolve, words: Words) -> Node:
    """Read a pattern. Raise `PatternError` where it is not one, `KeyError` for an unknown `<name>`."""
    node = read(pattern, resolve, words)
    if shortest(node) == 0:
        raise PatternError(f"{pattern!r} matches nothing at all")
    return node


def shortest(node: Node) -> int:
    """The least number of words that the pattern takes."""
    if isinstance(node, Sequence):
        return sum(map(shortest, node.parts))
    return min(map(shortest, node.alternatives)) if isinstance(node, Choice) else 1


def longest(node: Node) -> int:
    """The greatest number of words that the pattern takes: what bounds the work."""
    if isinstance(node, Sequence):
        return sum(map(longest, node.parts))
    return max(map(longest, node.alternatives)) if isinstance(node, Choice) else 1
