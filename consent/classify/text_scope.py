"""How far a request reaches: which channels its own words name."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from consent.classify import text_data
from consent.classify.text_keywords import Scope
from consent.classify.text_normal import words_of
from consent.intake.contract import Channel

_MARKERS = text_data.word_sets("markers.tsv")
_NOT_A_CONTACT, _AND_SO, _BY, _PAPER = (_MARKERS[name] for name in ("not_a_contact", "and_so", "by", "paper"))
_FARTHEST = 6  # words


def _channels() -> tuple[dict[str, str], dict[str, str]]:
    exact: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for channel, written, _ in text_data.lines("channels.tsv"):
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
    return frozenset(
        channel
        for word, following in pairwise([*words, ""])
        if (channel := channel_of(word)) and not (channel == "everything" and following in _NOT_A_CONTACT)
    )


def extent(words: Sequence[str], rest: Sequence[str]) -> tuple[str, ...]:
    """The words of a request with what it is carried on to: `no more texts` or calls, `stop contacting me` by mail."""
    end = 0
    while end < min(len(rest), _FARTHEST) and (rest[end] in _AND_SO or channel_of(rest[end])):
        end += 1
    return (*words, *rest[:end])


def scope_of(words: Sequence[str], rest: Sequence[str], own: Channel) -> Scope:
    """The scope of a request that arrived on channel `own`: its words, and those that follow in its sentence."""
    whole = extent(words, rest)
    written = channels(whole)
    if "post" in written or _names_a_list(whole):
        written -= {"mail"}  # snail mail, mailing letters; a mailing list may be of any channel
    named = {_resolved(channel, own, rest) for channel in written}
    if "everything" in named and _BY.isdisjoint(whole):
        return "everything"
    named.discard("everything")
    return _SCOPES[named.pop()] if len(named) == 1 and own not in named else "sender"


def _names_a_list(words: Sequence[str]) -> bool:
    return any(channel_of(word) == "mail" and following in _NOT_A_CONTACT for word, following in pairwise(words))


def _resolved(channel: str, own: Channel, rest: Sequence[str]) -> str:
    """A channel as it is meant on channel `own`. `mail` in an SMS is paper only where the text speaks of a place."""
    if channel in ("own", "call"):
        return own
    if channel == "mail":
        return "post" if any(word in _PAPER or word.isdigit() for word in rest) else own
    return channel
