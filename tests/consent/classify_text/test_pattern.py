"""The pattern language of the tables."""

import pytest

from consent.classify.text_automaton import Automaton
from consent.classify.text_pattern import Node, PatternError, longest, parse, read, shortest
from tests.each import each

CLASSES = {"pet": "cat|small <dog>", "dog": "dog"}

MATCHES = [
    ("stop", "stop", True),
    ("stop", "stops", False),
    ("stop*", "stopping", True),
    ("*ing", "stopping", True),
    ("*ing", "stopped", False),
    ("{a|b c} d", "b c d", True),
    ("{a|b c} d", "c d", False),
    ("a (b) c", "a c", True),
    ("a (b|c d) e", "a c d e", True),
    ("<pet>", "small dog", True),
    ("<pet>", "small cat dog", True),
    ("a ... b", "a 1 2 3 b", True),
    ("a ... b", "a 1 2 3 4 b", False),
    ("a ...1 b", "a b", True),
    ("a _ b", "a b", False),
    ("^ a", "a b", True),
    ("^ b", "a b", False),
    ("b $", "a b", True),
    ("a $", "a b", False),
    ("a _ $", "a $", False),
]


def class_of(name: str) -> Node:
    return read(CLASSES[name], class_of, str.split)


@each(("pattern", "text", "expected"), MATCHES)
def test_a_pattern(pattern: str, text: str, expected: bool) -> None:
    automaton = Automaton([parse(pattern, class_of, str.split)])
    found, _ = automaton.scan(["^", *text.removesuffix(" $").split(), "$"])
    assert bool(found) is expected


@each("pattern", ["", "(a)", "{a", "a)", "{a|b", "... ...", "{}", "a }"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse(pattern, class_of, str.split)


def test_an_unknown_class() -> None:
    with pytest.raises(KeyError):
        parse("<bird>", class_of, str.split)


def test_the_length_of_a_pattern_is_known() -> None:
    node = parse("a ...5 {b|c d} (e)", class_of, str.split)
    assert (shortest(node), longest(node)) == (2, 9)


def test_the_earlier_pattern_has_the_lower_rank() -> None:
    automaton = Automaton([parse(pattern, class_of, str.split) for pattern in ("a b", "b c", "a")])
    found, _ = automaton.scan(["a", "b", "c"])
    assert [(match.rank, match.start, match.end) for match in found] == [(2, 0, 1), (0, 0, 2), (1, 1, 3)]
