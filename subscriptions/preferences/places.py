"""What the owner's page says of a topic at an address, in plain words: what holds, since when, why, and what can be
chosen. All texts are whole sentences, so that they can be translated."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, gettext_noop
from django.utils.translation import gettext as _

from consent.choosable import Board, Row, Standing
from consent.models.vocabulary import Cause, TopicClass
from consent.owners import Owned
from subscriptions.preferences.mask import masked


class Option(NamedTuple):
    """Something to choose."""

    value: str
    label: str
    checked: bool


class Place(NamedTuple):
    """A topic at one address. Without options nothing can be chosen; `remark` says what else there is to know."""

    name: str
    label: str
    state: str
    options: tuple[Option, ...]
    remark: str = ""
    described_by: str = ""
    waiting: bool = False


def day(at: datetime | None) -> str:
    """A date as the visitor's language writes it."""
    return date_format(at, "DATE_FORMAT") if at else ""


def to_address(address: Owned) -> str:
    """What is sent where."""
    hidden = masked(address.contact)
    if hidden and get_language_bidi():
        hidden = f"\N{FIRST STRONG ISOLATE}{hidden}\N{POP DIRECTIONAL ISOLATE}"  # it runs the other way
    return _(_TO[address.channel]) % {"address": hidden} if hidden else _(_WHAT[address.channel])


_WHAT = {"email": gettext_noop("Email"), "sms": gettext_noop("Text messages"), "post": gettext_noop("Letters")}
_TO = {
    "email": gettext_noop("Email to %(address)s"),
    "sms": gettext_noop("Text messages to %(address)s"),
    "post": gettext_noop("Letters to %(address)s"),
}
_BY = {
    "email": gettext_noop("%(topic)s by email"),
    "sms": gettext_noop("%(topic)s by text message"),
    "post": gettext_noop("%(topic)s by post"),
}


def topic_by(name: str, channel: str) -> str:
    """A topic on a channel, within a sentence."""
    return _(_BY[channel]) % {"topic": name}


# --- what holds ---


def state_of(row: Row) -> str:
    """What holds for a topic at an address."""
    if row.state == "on":
        return _on(row)
    if row.state == "paused":
        return _("Paused until %(day)s") % {"day": day(_last([one.until for one in row.denials]))}
    if row.held and row.verdict.reason == "held":
        return _("Stopped, while we work on what you told us on %(day)s") % {"day": day(row.verdict.since)}
    hard = next((one for one in row.denials if not one.may_be_lifted), None)
    first = hard or next(iter(row.denials), None)
    return _denied(first) if first else _without_consent(row)


def _on(row: Row) -> str:
    if row.rule.topic_class == TopicClass.SERVICE:
        return _("You get these. They need no consent.")
    if row.rule.topic_class == TopicClass.SHARING:
        return _("You agreed on %(day)s") % {"day": day(row.verdict.since)} if row.verdict.since else _("Allowed")
    if row.verdict.since:
        return _("You get this. You agreed on %(day)s.") % {"day": day(row.verdict.since)}
    return _("You get this")


def _last(ends: Iterable[datetime | None]) -> datetime | None:
    known = [one for one in ends if one]
    return max(known) if known else None


def _without_consent(row: Row) -> str:
    since = {"day": day(row.verdict.since)}
    return {
        "no_consent": lambda: _("Off: you have not agreed to this"),
        "unconfirmed": lambda: _("Off: you have not confirmed it yet"),
        "expired": lambda: _("Off: what you agreed to on %(day)s has ended") % since,
        "reconsent_needed": lambda: _("Off: the wording has changed since you agreed on %(day)s") % since,
    }.get(row.verdict.reason, lambda: _("Off"))()


def _denied(one: Standing) -> str:
    return _DENIED[one.cause](one) % {"day": day(one.since), "number": one.sender, "until": day(one.until)}


def _choice(one: Standing) -> str:
    if not one.own:
        return _("Stopped on %(day)s for this home")
    if one.scope.controller_id is None:
        return _("Stopped on %(day)s, with everything from everyone")
    return _("Stopped on %(day)s, when you asked for nothing at all") if one.wide else _("Stopped on %(day)s")


def _stop(one: Standing) -> str:
    return _("Stopped on %(day)s by your text to %(number)s") if one.sender else _("Stopped on %(day)s by your text")


_DENIED: dict[str, Callable[[Standing], str]] = {
    Cause.CHOICE: _choice,
    Cause.STOP: _stop,
    Cause.PAUSED: lambda _one: _("Paused until %(until)s"),
    Cause.HARD_BOUNCE: lambda _one: _("Off: messages to this address came back on %(day)s"),
    Cause.COMPLAINT: lambda _one: _("Off: a message was reported as unwanted on %(day)s"),
    Cause.DECEASED: lambda _one: _("Off: we were told on %(day)s of a death at this address"),
    Cause.MINOR: lambda _one: _("Off: we were told on %(day)s that this is the address of a child"),
    Cause.LISTED: lambda _one: _("Off: this address is on a list of those who want no advertising"),
}


# --- what can be chosen ---


def options_of(row: Row, less: str, wanted: str) -> tuple[Option, ...]:
    """What the owner can choose. `less` is the name of what brings the same less often, `wanted` what is marked."""
    if not row.may_turn_on or (row.rule.topic_class == TopicClass.SERVICE and row.state == "on"):
        return ()
    running = row.state != "off" and row.rule.topic_class == TopicClass.MARKETING
    offered = [("on", _("Yes"))]
    if running:
        offered.append(("pause", _("Pause")))
    if running and less:
        offered.append(("fewer", _("Less often: %(topic)s") % {"topic": less}))
    offered.append(("off", _("No")))
    return tuple(Option(value, label, value == wanted) for value, label in offered)


def remark_of(row: Row, numbers: Iterable[str], contact: str) -> str:
    """What else stands in the way of a yes, and who can help."""
    stopped = [one for one in row.denials if one.cause == Cause.STOP]
    if stopped:
        known = list(dict.fromkeys(one.sender for one in stopped if one.sender)) or list(numbers)
        if known:
            return _("The network may block these texts too, until you text START to %(number)s.") % {
                "number": known[0]
            }
    if row.may_turn_on or row.state == "on" or not contact:
        return ""
    if row.held:
        return ""
    return _("This page cannot change that. Please write to %(contact)s.") % {"contact": contact}


class Warned(NamedTuple):
    """A warning, and where it applies: the numbers of its addresses on the page. `where` is empty where it is all."""

    text: str
    numbers: tuple[int, ...]
    where: str

    @property
    def id(self) -> str:
        return f"wide{self.numbers[0]}"


def warnings_of(boards: Sequence[Board]) -> list[Warned]:
    """What turning one topic on ends: said once for all the addresses of which the same is true."""
    numbers: dict[str, list[int]] = {}
    for number, board in enumerate(boards):
        if text := warning_of(board):
            numbers.setdefault(text, []).append(number)
    return [Warned(text, tuple(at), _where(boards, at)) for text, at in numbers.items()]


def _where(boards: Sequence[Board], numbers: Sequence[int]) -> str:
    return "" if len(numbers) == len(boards) > 1 else ", ".join(to_address(boards[one].address) for one in numbers)


def warning_of(board: Board) -> str:
    """What turning one topic on ends, at an address where every topic is stopped or paused."""
    wide = [one for row in board.rows for one in row.wide if row.may_turn_on]
    causes = {one.cause for one in wide}
    since = {"day": day(min((one.since for one in wide), default=None))}
    if Cause.CHOICE in causes:
        return (
            _("You asked for nothing at all on %(day)s. Turning one thing on ends that; everything else stays stopped.")
            % since
        )
    if Cause.STOP in causes:
        return (
            _("You texted us to stop on %(day)s. Turning one thing on ends that; everything else stays stopped.")
            % since
        )
    if Cause.PAUSED in causes:
        return _("Everything is paused. What you turn on starts again now; everything else stays paused.")
    return ""
