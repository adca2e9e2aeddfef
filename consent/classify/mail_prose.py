"""What of a longer letter is worth reading for a request.

A letter to a mailbox that is not for opting out is mostly about something else: an answer to an order, a post to a
list whose marks were lost, a page of code. There a request is a sentence in which a person speaks of themself or to us,
or the first or last thing that they say; the word alone, somewhere in between, is none.
"""

import re
from typing import Final

from consent.classify.mail_feet import speaks_of_self
from consent.classify.mail_sentences import bare_letters, sentences

FEW_SENTENCES: Final = 6
FEW_WORDS: Final = 12
COMMAND_WORDS: Final = 9
"""A first or last sentence longer than this is no command."""

CODE: Final = re.compile(
    r"[{}\\\[\]|]|==|=>|->|::|\(\)|</|;\s*$|\w\(\w|\w\)\.|\w=[\w\"']|\w_\w|^\s{0,3}[-+@#$%*]{1,3}(?=[\w(@/.])|"
    r"\b\w+\.(?:c|h|cc|cpp|py|pl|pm|js|ts|go|rs|java|sh|am|in|md|txt|patch|diff|org|texi?)\b:?|^\s{4,}\S.*[:=(]|"
    r"\"\"\"|\'\'\'|``|^\s*:\w+ |^\s*#:? msg|^\s*msg(?:id|str|ctxt)\b|^\s*b?'[^']*',\s*$|"
    r"^\s*(?:end|else|break|try:)\W*$|"
    r"\b(?:list|resent|x|content|dkim|arc|in|message|return|delivered|envelope)-[a-z-]{2,40}:|\blist-unsubscribe\b|"
    r"^\s*(?:def|class|import|return|if|else|for|while|commit|index|diff|static|void|int|char|struct)\s.*[:;{(]"
)
SPOKEN: Final = re.compile(
    r"\b(?:i|ive|im|id|me|us|my|our|we|please|pls|plz|kindly|you|your|yours|he|she|him|her|his|husband|wife|mother|father|"
    r"this address|ich|mich|uns|mir|mein\w*|unser\w*|bitte|sie|ihr\w*|je|j|moi|nous|mon|mes|notre|nos|m|votre|vos|vous|"
    r"svp|yo|me|mi|mis|nos|nuestr\w*|su|sus|ustedes|por favor|io|mi|mio|mia|mie|ci|noi|vostr\w*|per favore|prego|"
    r"ik|mij|mijn|ons|onze|uw|u|jullie|graag|aub|alstublieft|eu|meu\w*|minha\w*|seu\w*|sua\w*|voces?|"
    r"jag|mig|min|mitt|mina|oss|er|ert|beni|bize?|benim|bana|lutfen|prosze|mnie|moj\w*|"
    r"prosim|nam|nas|nase\w*|venligst|vores|meidat|meille|bizi|пожалуиста|прошу|просим|нас|нам|наш\w*)\b|"
    + bare_letters("请|請|ください|下さい|お願い|주세요|주십시오|부탁|ارجو|الرجاء|من فضلك|कृपया|मुझे|हमें|দয়া|আমাকে|আমাদের")
)


MUCH_CODE: Final = 2
PATCH: Final = re.compile(
    r"^(?:diff --git a/|--- a/|\+\+\+ b/|Index: \S+$|signed-off-by: |@@ -\d)", re.IGNORECASE | re.MULTILINE
)
"""Whoever sends a patch writes of code, and to its other readers."""


def is_code(text: str) -> bool:
    """Tell whether a text is a patch or a page of code, whose lines that look like prose are its words too."""
    lines, left = (sum(1 for line in one.split("\n") if line.strip()) for one in (text, without_code(text)))
    much = lines - left >= MUCH_CODE and (lines - left) * 5 >= lines * 2
    return much or bool(PATCH.search(text))


def without_code(text: str) -> str:
    """Leave out the lines that no person says: code, patches, tables, changelogs."""
    return "\n".join("" if CODE.search(line[:400]) else line for line in text.split("\n"))


def spoken(text: str) -> str:
    """Give the sentences of a letter in which a request may stand: of a short one nearly all."""
    if PATCH.search(text):
        return ""
    said = list(sentences(without_code(text)))
    if is_code(text):
        said = [(sentence, folded) for sentence, folded in said if speaks_of_self(folded)]
    last = len(said) - 1
    return "\n".join(
        sentence.strip()
        for at, (sentence, folded) in enumerate(said)
        if SPOKEN.search(folded) or speaks_of_self(sentence) or len(sentence.split()) <= _words_of_a_command(at, last)
    )


def _words_of_a_command(at: int, last: int) -> int:
    if last < FEW_SENTENCES:
        return FEW_WORDS
    return COMMAND_WORDS if at in (0, last) else 0
