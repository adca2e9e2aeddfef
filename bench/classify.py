"""The understanding of texts, per second, against one regular expression of the keywords; and its worst input."""

import itertools
import re
import time
from collections.abc import Callable, Sequence

from bench.figures import Aim, Figure, interleave
from bench.stack import Stack
from consent.classify.text import classify_text
from consent.classify.text_normal import LIMIT
from consent.classify.text_rules import KEYWORDS, ROWS

AIM = 10_000.0  # texts a second: 50 times the burst of 200 a second
HOSTILE_CHARACTERS = 100_000
_MIX = 4_000
_WRITTEN = (
    "{}", "{}.", "{}!", " {}\n", "{} please", "Please {}", "{}\n\nSent from my iPhone", "hi, {}, thanks", "{} 🙏",
)  # fmt: skip
WORST = {
    "a keyword over and over": "stop ",
    "beginnings of requests": "stop texting ",
    "negations": "do not do not ",
    "beginnings of removals": "remove me from your ",
    "clauses": "stop,",
    "sentences": "no more. ",
    "combining marks": "e\u0301\u0323",
    "zero-width characters": "s\u200bt\u200bo\u200bp\u200b ",
    "nested quotes": '“"«',
    "letters apart": "s t o p ",
    "one long word": "stopstop",
    "Cyrillic letters": "ѕтор тех ",
    "mathematical letters": "𝐒𝐓𝐎𝐏 ",
    "ideographs": "退订不要",
    "addresses": "a@a.",
    "slips": "unsusbcribe mesages ",
    "words never seen": "",
}


def measure(_: Stack) -> Figure:
    """Texts per second, in process: what the worker does with each text."""
    texts = mix()
    keywords = re.compile(rf"\b(?:{'|'.join(map(re.escape, KEYWORDS.by_words))})\b", re.IGNORECASE)
    for text in texts:  # the automaton makes its states when a text first needs them
        classify_text(text)
    ours, against = interleave(
        lambda: len(texts) / _seconds(lambda: [classify_text(text) for text in texts]),
        lambda: len(texts) / _seconds(lambda: [keywords.search(text) for text in texts]),
    )
    note = (
        f"{len(texts):,} texts, half of them keywords as people write them, half sentences (examples of every row), "
        "in process; against one regular expression of the bare keywords, which understands none of the sentences. "
        f"{_worst(ours, texts)}"
    )
    return Figure("classify", ours, against, "texts/s", "higher", Aim("ours", AIM), note)


def mix() -> list[str]:
    """Keywords in turn with the examples and counter-examples of all rows."""
    words = itertools.cycle(form.format(word) for form in _WRITTEN for word in _keywords())
    sentences = itertools.cycle(text for row in ROWS for text in (row.example, row.counter))
    return list(itertools.islice(itertools.chain.from_iterable(zip(words, sentences, strict=False)), _MIX))


def _keywords() -> list[str]:
    """As many are written: mostly STOP."""
    return [word for row in KEYWORDS.rows for word in ("STOP", "stop", row.example)]


def _worst(rate: float, texts: Sequence[str]) -> str:
    typical = sum(map(len, texts)) / len(texts) * rate  # characters a second
    taken = {name: _milliseconds(hostile(name, HOSTILE_CHARACTERS)) for name in WORST}
    name = max(taken, key=taken.__getitem__)
    half, whole = (_milliseconds(hostile(name, size)) for size in (LIMIT // 2, LIMIT))
    return (
        f"Worst of {len(WORST)} hostile texts of {HOSTILE_CHARACTERS // 1000} kB: {name}, {taken[name]:.1f} ms, or "
        f"{taken[name] * 1000 / HOSTILE_CHARACTERS * 1024:.0f} µs per kB sent; the {LIMIT:,} characters that are read "
        f"cost {taken[name] / 1000 / LIMIT * typical:.1f} times what ordinary ones do, and twice the text takes "
        f"{whole / half:.1f} times as long."
    )


def hostile(name: str, size: int) -> str:
    """A text of one kind of `WORST`."""
    piece = WORST[name]
    if not piece:
        return " ".join(f"{number:x}q" for number in range(size // 4))[:size]
    return (piece * (size // len(piece) + 1))[:size]


def _milliseconds(text: str) -> float:
    return min(_seconds(lambda: classify_text(text)) for _ in range(9)) * 1000  # the least: other work only adds


def _seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
