"""How far a request reaches: which channels its own words name."""

from collections.abc import Iterable
from itertools import pairwise

from consent.classify import text_data
from consent.classify.text_keywords import Scope
from consent.classify.text_normal import words_of

_NOT_A_CONTACT = text_data.word_sets("markers.tsv")["not_a_contact"]


def _channels() -> tuple[dict[str, str], dict[str, str]]:
    exact: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for channel, written in text_data.lines("channels.tsv"):
        for word in written.split():
            table, key = (prefixes, word[:-1]) if word.endswith("*") else (exact, word)
            table.setdefault(words_of(key.casefold())[0], channel)
    return exact, prefixes


_SCOPES: dict[str, Scope] = {"email": "email", "post": "post", "sms": "sms"}
_EXACT, _PREFIXES = _channels()
_SHORTEST = min(map(len, _PREFIXES))


def channel_of(word: str) -> str | None:
    """The channel that a word names: email, post, mail, sms, own, call, everything; or none."""
    named = _EXACT.get(word)
    if named is not None:
        return named
    for size in range(_SHORTEST, len(word) + 1):
        if word[:size] in _PREFIXES:
            return _PREFIXES[word[:size]]
    return None


def channels(words: Iterable[str]) -> frozenset[str]:
    """All channels that the words name. `my contact info` is no contact."""
    listed = [*words, ""]
    return frozenset(
        channel
        for word, following in pairwise(listed)
        if (channel := channel_of(word)) and not (channel == "everything" and following in _NOT_A_CONTACT)
    )


def scope_of(named: frozenset[str], own: str) -> Scope:
    """The scope of a request that arrived on channel `own` and names these channels."""
    others = {_resolved(channel, own) for channel in named}
    if not others or own in others:
        return "sender"
    if "everything" in others:
        return "everything"
    return _SCOPES.get(others.pop(), "sender") if len(others) == 1 else "sender"


def _resolved(channel: str, own: str) -> str:
    if channel in ("own", "call"):
        return own
    if channel == "mail":
        return own if own == "email" else "post"
    return channel
