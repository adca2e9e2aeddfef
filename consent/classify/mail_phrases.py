"""Requests that people make by letter, beyond what the tables for any text hold: on post, on everything, on their data.

`tables/mail_phrases.tsv` has the fields row, language, scope, pattern, example; `<name>` in a pattern stands for a
line of `tables/mail_words.tsv`. Patterns are read against one folded sentence (see `mail_sentences.fold`). Guards
stand first: where one matches, its sentence asks for nothing. Of the other rows all that match count together.
"""

import re
from functools import cache
from typing import Final, Literal, NamedTuple

import msgspec

from consent.classify import text_data
from consent.classify.mail_sentences import bare_letters, sentences

Scope = Literal["nothing", "post", "email", "sms", "everything", "mailing", "data", "doubt"]
"""What a sentence asks to be free of. `everything` is e-mail and post; `mailing` too, in words that speak of either
as the case is; `data` is a deletion, and so an opt-out of e-mail; `doubt` is for a person to judge; `nothing`
guards."""

ANY_ROW: Final = "any.receive"
"""What is not to be received stands elsewhere in the sentence, where another row knows it, or is what the mailbox is
for."""
LAST_ROWS: Final = frozenset({"post.removed", "doubt.threat"})
"""Rows beside which no later one counts: a list of paper is no list of e-mail."""
ASKED_OF_READERS: Final = re.compile(
    r"(?:dont|do not|no longer|not|tired of|want|wish|prefer|too many|no more|had enough|keine?|nicht|zu viele|plus|"
    r"pas|vous ne|no mas|ya no|no quieres?|non vuoi|niente|troppe|geen|te veel|wil je|wilt u|chega|nao quer)\b"
    r"(?!.*\b(?:me|us|please|bitte)\b)"
)
"""How the foot of a newsletter asks its readers: "Don't want these e-mails?" """
MACRO: Final = re.compile(r"<([a-z]{2}\.[a-z]+)>")


class Phrase(msgspec.Struct, frozen=True):
    """One line of the table."""

    row: str
    language: str
    scope: Scope
    pattern: str
    example: str


class Found(NamedTuple):
    row: str
    language: str
    scope: Scope


def _phrases() -> list[Phrase]:
    words = dict(text_data.lines("mail_words.tsv"))
    rows = [dict(zip(Phrase.__struct_fields__, line, strict=True)) for line in text_data.lines("mail_phrases.tsv")]
    phrases = [msgspec.convert(row, Phrase) for row in rows]
    return [
        msgspec.structs.replace(phrase, pattern=MACRO.sub(lambda macro: words[macro[1]], phrase.pattern))
        for phrase in phrases
    ]


PHRASES: Final = _phrases()


@cache
def _compiled() -> list[tuple[Phrase, re.Pattern[str]]]:
    """With the first letter: most processes read none, and this takes a tenth of a second."""
    return [(phrase, re.compile(bare_letters(phrase.pattern))) for phrase in PHRASES]


def read_phrases(text: str) -> tuple[list[Found], str]:
    """Give what the sentences of a person's own words ask for, in order, and the text of those that no row speaks
    of.
    """
    found: list[Found] = []
    rest: list[str] = []
    for sentence, folded in sentences(text):
        if sentence.rstrip().endswith(("?", "？")) and ASKED_OF_READERS.match(folded):
            continue
        rows = rows_of(folded)
        found += rows
        if not rows:
            rest.append(sentence)
    return [row for row in found if row.scope != "nothing"], "".join(rest)


def rows_of(sentence: str) -> list[Found]:
    """Give every row that matches a folded sentence; a guard, and a row of `LAST_ROWS`, stands alone."""
    found: list[Found] = []
    for phrase, pattern in _compiled():
        if (found and phrase.row == ANY_ROW) or not pattern.search(sentence):
            continue
        found.append(Found(f"{phrase.language}.{phrase.row}", phrase.language, phrase.scope))
        if phrase.scope == "nothing" or phrase.row in LAST_ROWS:
            return found[-1:]
    return found
