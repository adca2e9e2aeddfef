"""What a letter is answered, from what is to be told: the table `letters.tsv`, put together in its order. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import msgspec
from babel.dates import format_date

from consent.answers.texts import DEFAULT_LANGUAGE, read_table

TABLE = Path(__file__).parent / "letters.tsv"
MOST_HOMES, MOST_RUNS = 20, 20
_LINE_CHARACTERS = 400  # of a name, an address, a run: one line of the answer
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "subject": frozenset({"controller"}),
    "intro": frozenset({"controller"}),
    "intro_owner": frozenset({"controller"}),
    "email": frozenset({"controller", "address"}),
    "email_topic": frozenset({"controller", "address", "topic"}),
    "post": frozenset({"controller"}),
    "named": frozenset({"controller"}),
    "address_needed": frozenset(),
    "review": frozenset(),
    "runs": frozenset(),
    "run_item": frozenset({"name", "until"}),
    "soon": frozenset({"until"}),
    "service": frozenset(),
    "undo": frozenset(),
    "correct": frozenset({"contact"}),
    "correct_plain": frozenset(),
}
_PLACEHOLDER = re.compile(r"\{([a-z]{1,20})\}")
# Line breaks, controls, and what turns the direction of writing: a name must not leave its line or its place.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+")


class Run(msgspec.Struct, frozen=True):
    """A mailing that may still arrive until a day."""

    name: str
    until: date


class Told(msgspec.Struct, frozen=True):
    """What one answer tells.

    `address` is the e-mail address that gets no more marketing (`topic`: of that name alone), `homes` are postal
    addresses as lines, `named` says that staff decided about an address that the answer does not repeat.
    `address_needed` asks for a name and a postal address, `review` says that staff read the rest. `soon` is the day
    until which post may arrive that nobody knows of, where `runs` name none. `undo` is the link that takes it back.
    """

    controller: str
    contact: str = ""
    to_owner: bool = False
    address: str = ""
    topic: str = ""
    homes: tuple[str, ...] = ()
    named: bool = False
    address_needed: bool = False
    review: bool = False
    runs: tuple[Run, ...] = ()
    soon: date | None = None
    undo: str = ""


@cache
def table() -> Mapping[tuple[str, str], str]:
    """The texts by kind and language."""
    return read_table(TABLE)


@cache
def languages() -> frozenset[str]:
    """The languages (ISO 639-1) in which a letter can be answered."""
    return frozenset(language for _, language in table())


def known_language(language: str | None, otherwise: str = DEFAULT_LANGUAGE) -> str:
    """The language to answer in: that of the letter where there are texts in it."""
    return next(one for one in (language, otherwise, DEFAULT_LANGUAGE) if one in languages())


def subject(language: str, controller: str) -> str:
    """A subject of our own."""
    return _say("subject", language, controller=controller)


def body(language: str, told: Told) -> str:
    """The answer's text: paragraphs separated by empty lines, our name at the end."""
    return "\n\n".join([*_paragraphs(language, told), one_line(told.controller)]) + "\n"


def day(language: str, when: date) -> str:
    """A date as it is written in a language."""
    return format_date(when, "long", locale=language).replace("\u202f", " ")


def one_line(text: str) -> str:
    """A name, an address or a subject as a piece of one line, bounded."""
    return " ".join(_UNPRINTABLE.sub(" ", text[: 4 * _LINE_CHARACTERS]).split())[:_LINE_CHARACTERS]


def _paragraphs(language: str, told: Told) -> Iterator[str]:
    yield _say("intro_owner" if told.to_owner else "intro", language, controller=told.controller)
    yield from _done(language, told)
    yield from (_say(kind, language) for kind in ("address_needed", "review") if getattr(told, kind))
    yield from _due(language, told)
    if told.address or told.homes or told.named:
        yield _say("service", language)
    if told.undo:
        yield f"{_say('undo', language)}\n{told.undo}"
    if told.contact:
        yield _say("correct", language, contact=told.contact)
    else:
        yield _say("correct_plain", language)


def _done(language: str, told: Told) -> Iterator[str]:
    plain = {"controller": told.controller, "address": told.address}
    if told.address and told.topic:
        yield _say("email_topic", language, **plain, topic=told.topic)
    elif told.address:
        yield _say("email", language, **plain)
    if told.homes:
        lines = [f"  {one_line(home)}" for home in told.homes[:MOST_HOMES]]
        yield "\n".join([_say("post", language, controller=told.controller), *lines])
    if told.named:
        yield _say("named", language, controller=told.controller)


def _due(language: str, told: Told) -> Iterator[str]:
    """What may still arrive: the runs that are known, else until when post may that was made before."""
    if told.runs:
        items = [
            f"  {_say('run_item', language, name=run.name, until=day(language, run.until))}"
            for run in told.runs[:MOST_RUNS]
        ]
        yield "\n".join([_say("runs", language), *items])
    elif told.soon:
        yield _say("soon", language, until=day(language, told.soon))


def _say(kind: str, language: str, **values: str) -> str:
    clean = {name: one_line(value) for name, value in values.items()}
    return _PLACEHOLDER.sub(lambda found: clean.get(found[1], ""), table()[kind, known_language(language)])
