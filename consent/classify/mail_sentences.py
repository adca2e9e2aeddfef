"""A letter's words made ready for the tables: unwrapped, cut into sentences, folded."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

SENTENCE_CHARS: Final = 600
SENTENCES: Final = 400
WRAPPED_LINE: Final = 45
"""A line at least this long that ends without punctuation was broken by a program and goes on in the next."""

SENTENCE_END: Final = re.compile(r"[.!?。！？;]+(?=\s|$)|\n")
LINK: Final = re.compile(r"<?\(?(?:https?://|www\.)\S+|<?mailto:\S+", re.IGNORECASE)
ADDRESS: Final = re.compile(r"<?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}>?")
PERSONAL: Final = re.compile(
    r"\b(?:i|me|us|my|our|please|pls|bitte|mich|uns|mir|moi|nous|svp|me|por favor|mi|noi|mij|ons|mim|eu|mig|beni)\b",
    re.IGNORECASE,
)
APOSTROPHES: Final = str.maketrans("", "", "'’‘`´")
DOTLESS: Final = str.maketrans({"ı": "i", "ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d"})


def unwrap(text: str) -> str:
    """Join lines that a program broke, and leave out lines that are only a link with its caption."""
    joined = ""
    for line in text.split("\n"):
        if is_bare_link(line):
            joined += "\n"
            continue
        joined += line.strip() + (" " if len(line) >= WRAPPED_LINE and line.rstrip()[-1:].isalnum() else "\n")
    return joined


def is_bare_link(line: str) -> bool:
    """`Unsubscribe: https://…` is what a program put there; "please unsubscribe me from https://…" is a person's."""
    caption = LINK.sub(" ", line)
    return caption != line and len(caption.split()) <= 8 and not PERSONAL.search(caption)


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """Give the sentences of a text, each with what ends it, as written and folded."""
    begin = 0
    unwrapped = unwrap(text)
    ends = [match.end() for match in islice(SENTENCE_END.finditer(unwrapped), SENTENCES)]
    for end in [*ends, len(unwrapped)]:
        sentence = unwrapped[begin:end][:SENTENCE_CHARS]
        folded = fold(ADDRESS.sub(" this address ", sentence))
        if folded:
            yield sentence, folded
        begin = end


def fold(text: str) -> str:
    """Give the words of a text in lower case, without accents, apostrophes and punctuation, single blanks between."""
    letters = bare_letters(text.translate(APOSTROPHES)).casefold().translate(DOTLESS)
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


def bare_letters(text: str) -> str:
    """Give a text, or a pattern for folded text, with its letters taken apart and without their marks."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
