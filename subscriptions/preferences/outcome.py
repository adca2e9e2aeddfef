"""What came of a save of the owner's, sentence by sentence: read from what was committed and from what holds now."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from consent.choices import EVERY_TOPIC, Meanwhile, Word
from consent.choosable import Board
from subscriptions.preferences.owner_seen import Seen
from subscriptions.preferences.places import day, to_address, topic_by
from subscriptions.preferences.saved import ticket_of
from subscriptions.preferences.visit import Visit

_SAID = ("on", "resume", "off", "pause", "fewer")


def outcome_of(seen: Seen) -> Mapping[str, Any]:
    """For the page that follows a save."""
    saved = seen.saved
    if saved is None:
        return {}
    choices = saved.choices
    return {
        "id": saved.id,
        "act": choices.act,
        "sentences": [] if choices.undoes else list(dict.fromkeys(_sentences(seen, choices.words))),
        "language": dict(settings.LANGUAGES).get(choices.prefers, ""),
        "news": [changed(seen.visit, one) for one in choices.meanwhile],
        "refused": [_refused(seen.visit, one) for one in choices.refused],
        "signal": bool(choices.signal),
        "undo": "" if choices.undoes or not choices.words else ticket_of(saved.id, seen.visit.link),
        "post": any(one.channel == "post" for one in choices.words),
    }


def _sentences(seen: Seen, words: Iterable[Word]) -> Iterable[str]:
    for word in words:
        if word.wanted in _SAID:
            about = {"what": _what(seen, word), "day": day(word.until), "less": _name(seen.visit, word.instead)}
            yield _sentence(seen, word) % about


def _sentence(seen: Seen, word: Word) -> str:
    if word.wanted == "off":
        return _("Stopped: %(what)s")
    if word.wanted == "pause":
        return _("Paused until %(day)s: %(what)s")
    return _FEWER[_came_on(seen, word)]() if word.wanted == "fewer" else _ON[_came_on(seen, word)]()


_ON: dict[str, Callable[[], str]] = {
    "on": lambda: _("Turned on: %(what)s"),
    "waiting": lambda: _("Being turned on: %(what)s"),
    "off": lambda: _("Not turned on: %(what)s. The reason stands beside it."),
}
_FEWER: dict[str, Callable[[], str]] = {
    "on": lambda: _("Less often from now on: %(less)s instead of %(what)s"),
    "waiting": lambda: _("Stopped: %(what)s. Being turned on instead: %(less)s"),
    "off": lambda: _("Stopped: %(what)s. Not turned on instead: %(less)s. The reason stands beside it."),
}


def _came_on(seen: Seen, word: Word) -> str:
    """`on`, `waiting` for the pipeline, or `off`: by what holds, whatever was wanted."""
    board = _board(seen, word)
    row = board.row(word.instead or word.topic) if board else None
    if word.topic == EVERY_TOPIC or (row and row.state == "on"):
        return "on"
    return "waiting" if seen.saved and seen.saved.waiting else "off"


def _board(seen: Seen, word: Word) -> Board | None:
    return next((one for one in seen.boards if one.address.key.hex() == word.keys[0]), None)


def _what(seen: Seen, word: Word) -> str:
    if word.topic != EVERY_TOPIC:
        return topic_by(_name(seen.visit, word.topic), word.channel)
    board = _board(seen, word)
    return to_address(board.address) if board else _("Everything")


def _name(visit: Visit, slug: str) -> str:
    topic = visit.page.snapshot.topics_by_slug.get((visit.controller_id, slug))
    return visit.offered(topic).words.name if topic else slug


def changed(visit: Visit, one: Meanwhile) -> str:
    """What changed while a page was open."""
    at = date_format(one.since, "TIME_FORMAT") if one.since else ""
    what = {"what": topic_by(_name(visit, one.topic), one.channel), "time": at}
    if one.state == "off":
        return _("In another window or message, %(what)s was stopped at %(time)s (UTC).") % what
    if one.state == "paused":
        return _("In another window or message, %(what)s was paused at %(time)s (UTC).") % what
    return _("In another window or message, %(what)s was turned on.") % what


def _refused(visit: Visit, one: Meanwhile) -> str:
    what = {"what": topic_by(_name(visit, one.topic), one.channel)}
    if one.state == "signal":
        return _("Not turned on: %(what)s. Your browser's signal says no; switch it off for this site first.") % what
    return _("Not turned on: %(what)s. The reason stands beside it.") % what
