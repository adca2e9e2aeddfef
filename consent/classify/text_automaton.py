"""All patterns at once over a sentence, in time linear in its words.

Patterns become one nondeterministic automaton; its deterministic states are made when a text first needs them and kept
up to a bound. No pattern repeats without a bound, so a match is at most `longest` words and a scan of n words takes at
most n x `longest` steps, whatever the text.
"""

from collections.abc import Iterable, Sequence

import msgspec

from consent.classify import text_pattern
from consent.classify.text_pattern import AnyWord, Choice, Node, OneOf

_KEPT_STATES = 20_000
_KEPT_WORDS = 50_000
_NO_GROUP = -1


class Found(msgspec.Struct, frozen=True):
    """Pattern number `rank` matches the words from `start` up to, not including, `end`."""

    rank: int
    start: int
    end: int


class _Edges:
    """The states that this one leads on to, and the group of words, or any kind, that leads to this one.

    Some 150,000 edges lead to 24,000 states: kept with each edge, the groups took as much memory as all else.
    """

    __slots__ = ("accepts", "group", "targets")

    def __init__(self, group: int) -> None:
        self.group = group
        self.targets: list[int] = []
        self.accepts: int | None = None


class _State:
    __slots__ = ("accepts", "members", "next")

    def __init__(self, members: frozenset[int], accepts: tuple[int, ...]) -> None:
        self.members = members
        self.accepts = accepts
        self.next: dict[int, _State | None] = {}


class Vocabulary:
    """Which groups of words (the sets that stand in the patterns) a word belongs to, as one small number."""

    def __init__(self) -> None:
        self.groups: dict[frozenset[str], int] = {}
        self.exact: dict[str, set[int]] = {}
        self.prefixes: dict[str, set[int]] = {}
        self.suffixes: dict[str, set[int]] = {}
        self.kinds: list[frozenset[int]] = []
        self._numbers: dict[frozenset[int], int] = {}
        self._cached: dict[str, int] = {}

    def group(self, words: frozenset[str]) -> int:
        number = self.groups.get(words)
        if number is None:
            number = self.groups[words] = len(self.groups)
            for word in words:
                table, key = self._place(word)
                table.setdefault(key, set()).add(number)
        return number

    def _place(self, word: str) -> tuple[dict[str, set[int]], str]:
        if word.endswith("*"):
            return self.prefixes, word[:-1]
        return (self.suffixes, word[1:]) if word.startswith("*") else (self.exact, word)

    def knows(self, word: str) -> bool:
        return word in self.exact or any(word[:size] in self.prefixes for size in range(1, len(word) + 1))

    def kind(self, word: str) -> int:
        """A number that is the same for all words that the patterns do not tell apart."""
        number = self._cached.get(word)
        if number is None:
            number = self._number(word)
            if len(self._cached) >= _KEPT_WORDS:
                self._cached.clear()
            self._cached[word] = number
        return number

    def _number(self, word: str) -> int:
        groups = set(self.exact.get(word, ()))
        for size in range(1, len(word) + 1):
            groups |= self.prefixes.get(word[:size], set())
            groups |= self.suffixes.get(word[-size:], set())
        if word in ("^", "$"):
            groups.add(_NO_GROUP)
        key = frozenset(groups)
        if key not in self._numbers:
            self.kinds.append(key)
            self._numbers[key] = len(self.kinds) - 1
        return self._numbers[key]


class Automaton:
    """Patterns in order; the number of a pattern is its rank."""

    def __init__(self, patterns: Iterable[Node], kept_states: int = _KEPT_STATES) -> None:
        self.vocabulary = Vocabulary()
        self._kept_states = kept_states
        self.longest = 0
        self._edges: list[_Edges] = []
        self._any: set[int] = set()
        starts: set[int] = set()
        for rank, node in enumerate(patterns):
            self.longest = max(self.longest, text_pattern.longest(node))
            ends = self._build(node, starts_into := {self._new()})
            starts |= starts_into
            for end in ends:
                self._edges[end].accepts = rank
        self._starts = frozenset(starts)
        self._forget()

    def _forget(self) -> None:
        self._states: dict[frozenset[int], _State] = {}
        self._root = self._state(self._starts)

    def kept(self) -> int:
        """How many deterministic states are held in memory."""
        return len(self._states)

    def _new(self, group: int = _NO_GROUP) -> int:
        self._edges.append(_Edges(group))
        return len(self._edges) - 1

    def _build(self, node: Node, sources: set[int]) -> set[int]:
        """Lead from each of the sources through the node; return where it ends."""
        if isinstance(node, text_pattern.Sequence):
            for part in node.parts:
                sources = self._build(part, sources)
            return sources
        if isinstance(node, Choice):
            return set().union(*(self._build(alternative, sources) for alternative in node.alternatives))
        return self._step(node, sources)

    def _step(self, node: OneOf | AnyWord, sources: set[int]) -> set[int]:
        target = self._new(self.vocabulary.group(node.words) if isinstance(node, OneOf) else _NO_GROUP)
        for source in sources:
            self._edges[source].targets.append(target)
        return {target}

    def _state(self, members: frozenset[int]) -> _State:
        state = self._states.get(members)
        if state is None:
            accepts = {self._edges[member].accepts for member in members} - {None}
            state = _State(members, tuple(sorted(rank for rank in accepts if rank is not None)))
            self._states[members] = state
        return state

    def _advance(self, state: _State, kind: int) -> _State | None:
        groups = self.vocabulary.kinds[kind]
        edge_of_text = _NO_GROUP in groups
        edges = self._edges
        reached = frozenset(
            target
            for member in state.members
            for target in edges[member].targets
            if ((group := edges[target].group) == _NO_GROUP and not edge_of_text)
            or (group != _NO_GROUP and group in groups)
        )
        following = self._state(reached) if reached else None
        state.next[kind] = following
        return following

    def kinds(self, words: Sequence[str]) -> list[int]:
        return [self.vocabulary.kind(word) for word in words]

    def scan(self, words: Sequence[str]) -> tuple[list[Found], int]:
        """Every match in a sentence (which begins with `^` and ends with `$`), and the number of steps it took."""
        if len(self._states) > self._kept_states:
            self._forget()
        kinds = self.kinds(words)
        found: list[Found] = []
        steps = 0
        for start in range(len(kinds)):
            steps += self._scan_from(kinds, start, found)
        return found, steps

    def _scan_from(self, kinds: list[int], start: int, found: list[Found]) -> int:
        state: _State | None = self._root
        for end in range(start, len(kinds)):
            kind = kinds[end]
            try:
                state = state.next[kind]  # type: ignore[union-attr]
            except KeyError:
                state = self._advance(state, kind)  # type: ignore[arg-type]
            if state is None:
                return end - start + 1
            found.extend([Found(rank, start, end + 1) for rank in state.accepts])
        return len(kinds) - start
