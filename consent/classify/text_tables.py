"""The ordered table: rows of phrases in the order in which they decide, and the words they are made of.

Files `phrases.<language>.tsv` have the fields id, intent, in_reply, pattern, example, counter-example; files
`words.<language>.tsv` name, alternatives. The kind of a row is the first part of its id and says how early it decides:

    tapback   a telephone tells that somebody liked our text, which it quotes: the whole text asks nothing
    firm      a request, whatever a guard says of its words
    copy      marketing copy that carries its own instruction: the sentence asks nothing
    guard     the words of a request in an ordinary sense
    hold      for a person to judge, though it looks like a request
    phrase    a request
    doubt     for a person to judge, where no other row speaks
"""

from collections.abc import Callable
from functools import cache
from typing import Literal, get_args

import msgspec

from consent.classify import text_data, text_pattern
from consent.classify.text_normal import fold, join_spelt, words_of
from consent.classify.text_words import SPELLINGS

Intent = Literal["opt_out", "opt_in", "help", "none", "review"]
Kind = Literal["tapback", "firm", "copy", "guard", "hold", "phrase", "doubt"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Row(msgspec.Struct, frozen=True):
    """One line of a table. `in_reply` is the intent where the text is known to answer a message of ours."""

    id: str
    kind: Kind
    language: str
    intent: Intent
    in_reply: Intent
    suggestion: Intent | None
    pattern: str
    example: str
    counter: str


class TableError(ValueError):
    """A line of a table that cannot be read."""


def folded_words(written: str) -> list[str]:
    """Words as the patterns know them."""
    return [SPELLINGS.get(word, word) for word in words_of(join_spelt(fold(written)))]


def _intent(written: str, where: str) -> Intent:
    for intent in get_args(Intent):
        if written == intent:
            return intent  # type: ignore[no-any-return]
    raise TableError(f"{where}: {written!r} is no intent")


def _kind(row_id: str) -> Kind:
    first = row_id.partition(".")[0]
    for kind in KINDS:
        if first == kind:
            return kind
    raise TableError(f"{row_id}: {first!r} is no kind of row")


def read_row(fields: list[str], language: str) -> Row:
    """A row from the fields of its line. `review/none` in the intent is a review with a suggestion."""
    fields = [*fields, "", ""][:6]
    row_id, written, in_reply, pattern, example, counter = fields
    intent, _, suggestion = written.partition("/")
    return Row(
        id=row_id,
        kind=_kind(row_id),
        language=language,
        intent=_intent(intent, row_id),
        in_reply=_intent(in_reply if in_reply != "-" else intent, row_id),
        suggestion=_intent(suggestion, row_id) if suggestion else None,
        pattern=pattern,
        example=example,
        counter=counter,
    )


def languages() -> list[str]:
    """English first: its words stand in texts of other languages more often than theirs in English ones."""
    named = [name.split(".")[1] for name in text_data.names("phrases.*.tsv")]
    return sorted(named, key=lambda language: (language != "en", language))


def phrase_rows() -> list[Row]:
    """All rows, in the order in which they decide."""
    tables = {language: text_data.lines(f"phrases.{language}.tsv") for language in languages()}
    rows = [read_row(fields, language) for language, table in tables.items() for fields in table]
    return sorted(rows, key=lambda row: KINDS.index(row.kind))


def word_classes(language: str) -> dict[str, str]:
    """The alternatives of each `<name>` of a language. A name may stand on several lines, which add up."""
    classes: dict[str, str] = {}
    for name, alternatives in text_data.lines(f"words.{language}.tsv"):
        classes[name] = f"{classes[name]}|{alternatives}" if name in classes else alternatives
    return classes


def _resolver(language: str) -> Callable[[str], text_pattern.Node]:
    classes = word_classes("common") | word_classes(language)

    @cache  # a name stands in many patterns
    def resolve(name: str) -> text_pattern.Node:
        if name not in classes:
            raise TableError(f"words.{language}.tsv: no <{name}>")
        return text_pattern.read(classes[name], resolve, folded_words)

    return resolve


def parse_rows(rows: list[Row]) -> list[text_pattern.Node]:
    """The pattern of each row, read with the word classes of its language."""
    resolvers = {language: _resolver(language) for language in {row.language for row in rows}}
    return [text_pattern.parse(row.pattern, resolvers[row.language], folded_words) for row in rows]
