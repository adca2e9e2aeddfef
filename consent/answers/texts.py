"""What is said to a person, by kind and language: the table `texts.tsv`, and what an account says otherwise."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from consent.answers.segments import segments

TABLE = Path(__file__).parent / "texts.tsv"
DEFAULT_LANGUAGE = "en"
MAX_SEGMENTS = 2
_NAME_CHARACTERS = 40  # of a controller's or a topic's name: the rest of the text must have room
PLACEHOLDERS = {
    "stopped": {"controller"},
    "stopped_menu": {"controller", "topics"},
    "menu_item": {"number", "topic"},
    "help": {"controller", "contact"},
    "help_plain": {"controller"},
    "started": {"controller"},
}
NEEDED = {"stopped_menu": {"topics"}, "menu_item": {"number", "topic"}, "help": {"contact"}}
_PLACEHOLDER = re.compile(r"\{([a-z]{1,20})\}")


@cache
def table() -> Mapping[tuple[str, str], str]:
    """The texts by kind and language."""
    return read_table(TABLE)


def read_table(path: Path) -> Mapping[tuple[str, str], str]:
    """The texts of a file by kind and language. Lines that begin with `#` are for people."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return {(row[0], row[1]): row[2] for row in rows if len(row) == 3 and not row[0].startswith("#")}


@cache
def languages() -> frozenset[str]:
    """The languages (ISO 639-1) in which everything can be said."""
    return frozenset(language for _, language in table())


def stopped(language: str, controller: str, options: Mapping[str, str], topics: Sequence[str] = ()) -> str:
    """The confirmation of a STOP, which asks what to keep where names of topics are given."""
    if not topics:
        return _say("stopped", language, options, controller=controller)
    items = [
        _say("menu_item", language, options, number=str(number), topic=name)
        for number, name in enumerate(topics, start=1)
    ]
    return _say("stopped_menu", language, options, controller=controller, topics=", ".join(items))


def helped(language: str, controller: str, contact: str, options: Mapping[str, str]) -> str:
    """The reply to HELP."""
    if not contact:
        return _say("help_plain", language, options, controller=controller)
    return _say("help", language, options, controller=controller, contact=contact)


def started(language: str, controller: str, options: Mapping[str, str]) -> str:
    """The reply to a START that took a STOP back."""
    return _say("started", language, options, controller=controller)


def _say(kind: str, language: str, options: Mapping[str, str], **values: str) -> str:
    short = {
        name: value[:_NAME_CHARACTERS] if name in ("controller", "topic") else value for name, value in values.items()
    }
    return _PLACEHOLDER.sub(lambda found: short.get(found[1], ""), _template(kind, language, options))


def _template(kind: str, language: str, options: Mapping[str, str]) -> str:
    """An account's own text in the language, ours in it, the account's or ours in the default language."""
    for known in (language, DEFAULT_LANGUAGE):
        own = options.get(f"text.{kind}.{known}") or table().get((kind, known))
        if own:
            return own
    raise KeyError(kind)


def problem_of(kind: str, text: str) -> str:
    """What is wrong with an account's own text; empty if nothing is."""
    named = set(_PLACEHOLDER.findall(text))
    if unknown := sorted(named - PLACEHOLDERS[kind]):
        return f"the placeholder {{{unknown[0]}}} has no meaning here"
    if missing := sorted(NEEDED.get(kind, set()) - named):
        return f"the placeholder {{{missing[0]}}} is missing"
    count = segments(text)
    return f"takes {count} SMS; at most {MAX_SEGMENTS} may be sent" if count > MAX_SEGMENTS else ""
