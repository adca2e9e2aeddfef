"""Time is linear in the text, whatever it says: counted in steps and sizes, not in seconds."""

from consent.classify import text_rules
from consent.classify.text import classify_text
from consent.classify.text_automaton import Automaton
from consent.classify.text_normal import LIMIT, sentences
from consent.classify.text_pattern import Node, parse
from consent.classify.text_rules import automaton, read_words
from consent.classify.text_words import LONGEST_WORD
from tests.each import each

ADVERSARIES = {
    "one letter": "a",
    "letters apart": "s ",
    "dots": ".",
    "quotes": '"',
    "apostrophes": "n't",
    "beginnings": "stop texting ",
    "half requests": "do not do not ",
    "remove me": "remove me from your ",
    "gaps": "if you want to ",
    "commas": "stop,",
    "at signs": "a@",
    "capitals": "a STOP! ",
    "marks": "e\u0301\u0323",
    "ideographs": "退",
    "rings": "Ⓢ",
    "invisible": "\u200b",
    "spaces": " ",
    "lines": ">\n",
    "one-letter words": "x y ",
}


@each("name", ADVERSARIES)
def test_the_steps_of_a_scan_are_bounded_by_its_words(name: str) -> None:
    for part in sentences((ADVERSARIES[name] * LIMIT)[:LIMIT]):
        words = ("^", *text_rules.without_fillers(read_words(part)), "$")
        _, steps = automaton().scan(words)
        assert steps <= len(words) * automaton().longest
        assert max(map(len, words)) <= max(LONGEST_WORD, LIMIT)


@each("name", ADVERSARIES)
def test_a_text_is_cut_before_anything_else(name: str) -> None:
    endless = ADVERSARIES[name] * 1_000_000
    assert sum(map(len, sentences(endless))) <= 4 * LIMIT
    assert classify_text(endless).version


def test_twice_the_words_are_twice_the_steps() -> None:
    words = ["stop", "texting", "the", "bus"] * 100
    (_, once), (_, twice) = automaton().scan(words), automaton().scan(words * 2)
    assert twice <= 2 * once + automaton().longest * automaton().longest


def test_states_are_kept_up_to_a_bound() -> None:
    no_classes: dict[str, Node] = {}
    automaton = Automaton([parse("a ...5 b", no_classes.__getitem__, str.split)], kept_states=4)
    for number in range(50):
        automaton.scan(f"a {'x ' * (number % 6)}b".split())
    assert automaton.kept() <= 4 + 7


def test_what_follows_the_cut_is_not_read() -> None:
    assert classify_text("We had a lovely week. " * 100 + "Stop texting me").intent == "none"
