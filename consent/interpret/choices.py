"""Saves of the preference page: each word becomes ledger entries. The page's address is proved by its link or by a
code that was sent there, the rest by what the page knew (consent/choices.py)."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from consent import status
from consent.choices import BY_OWNER, NARROWING, Choices, Word, choices_in
from consent.configuration import Scope, Snapshot, TopicRule
from consent.decision import Arrived, Decision, Spoken
from consent.models import Notice
from consent.models.vocabulary import Action, Basis, Cause
from consent.narrowing import Wide
from consent.near import NOBODY, near_of
from consent.normalise.keys import Key
from consent.owners import address_of

_JUST_BEFORE = timedelta(microseconds=1)
_NO: dict[str, Any] = {"action": Action.WITHDRAW, "cause": Cause.CHOICE}


class NotTheirs(ValueError):
    """A link alone asks for what takes the owner."""


class _At(NamedTuple):
    """A word with its scope, and whether the owner said it."""

    arrived: Arrived
    snapshot: Snapshot
    word: Word
    scope: Scope
    by_owner: bool


def interpret_choices(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What a save means. Words about topics that are gone mean nothing any more."""
    choices = choices_in(arrived.envelope.body)
    taken = _undone(arrived, snapshot, choices) if choices.undoes else _said(arrived, snapshot, choices.words)
    said = [*taken, *_said(arrived, snapshot, choices.signal)]
    entries = tuple(arrived.entry(place, **one) for place, one in enumerate(said))
    spoken = tuple(Spoken(Key(bytes.fromhex(key)), choices.prefers) for key in choices.prefers_at)
    outcome = "undo" if choices.undoes else _outcome(choices)
    return Decision(outcome, f"page.{outcome}", entries, spoken=spoken)


def _outcome(choices: Choices) -> str:
    wanted = {word.wanted for word in (*choices.words, *choices.signal)}
    if wanted <= NARROWING:
        return "opt_out" if wanted else "language"
    return "choices" if wanted & NARROWING else "opt_in"


def _said(arrived: Arrived, snapshot: Snapshot, words: Iterable[Word]) -> Iterable[dict[str, Any]]:
    by_owner = arrived.source == BY_OWNER
    for word in words:
        scope = word.scope(arrived.controller_id, snapshot)
        if not by_owner and word.wanted not in NARROWING:
            raise NotTheirs(word.wanted)
        if scope is not None:
            yield from _MEANS[word.wanted](_At(arrived, snapshot, word, scope, by_owner))


def _undone(arrived: Arrived, snapshot: Snapshot, choices: Choices) -> Iterable[dict[str, Any]]:
    """One line a key and scope: it takes back the words of that save there, and no earlier one (docs/adr/0005)."""
    places = {
        (key, word.channel): word.scope(arrived.controller_id, snapshot) or Scope(arrived.controller_id, None)
        for word in choices.words
        for key in word.said
    }
    for (key, channel), scope in places.items():
        undo = {"action": Action.LIFT, "cause": Cause.CHOICE, "undoes": choices.undoes}
        yield {"key": key, "channel": channel, "scope": scope, **undo}


def _everywhere(at: _At, said: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """A no is about all the keys of an address."""
    yield from ({"key": key, "channel": at.word.channel, "scope": at.scope, **said} for key in at.word.said)


def _here(at: _At, said: dict[str, Any]) -> dict[str, Any]:
    """A yes, and the end of a no, is about the person's own key."""
    return {"key": at.word.said[0], "channel": at.word.channel, "scope": at.scope, **said}


def _off(at: _At) -> Iterable[dict[str, Any]]:
    yield from _everywhere(at, _NO)


def _pause(at: _At) -> Iterable[dict[str, Any]]:
    """The owner's pause replaces an earlier one; whoever has but a link cannot shorten it."""
    if at.by_owner:
        yield from _everywhere(at, {"action": Action.LIFT, "cause": Cause.PAUSED})
    until = {"action": Action.WITHDRAW, "cause": Cause.PAUSED, "expires_at": at.word.until}
    yield from _everywhere(at, until)


def _resume(at: _At) -> Iterable[dict[str, Any]]:
    yield from _everywhere(at, {"action": Action.LIFT, "cause": Cause.PAUSED})


def _kept(at: _At) -> Iterable[dict[str, Any]]:
    yield _here(at, _wide(at.word).kept())


def _ended(at: _At) -> Iterable[dict[str, Any]]:
    """With a topic that was made since the page was saved."""
    wide, newest = _wide(at.word), at.word.newest
    for rule in wide.others(at.arrived.controller_id, (), at.snapshot) if newest else ():
        if rule.id > newest:
            yield {**_here(at, wide.kept()), "scope": rule.line[-1]}
    yield _here(at, wide.ended())


def _wide(word: Word) -> Wide:
    return Wide(word.cause, word.sender, word.sender_only, word.until)


def _on(at: _At) -> Iterable[dict[str, Any]]:
    rule = at.snapshot.topics[at.scope.topic_id or 0]
    if at.word.channel in rule.channels:
        yield _granted(at, rule)


def _granted(at: _At, rule: TopicRule) -> dict[str, Any]:
    days, since = rule.channels[at.word.channel].grant_days, at.arrived.received_at
    grant = {
        "action": Action.GRANT,
        # Control of an address on record was proved for this visit.
        "basis": Basis.CONFIRMED_OPT_IN,
        "notice": _notice(at),
        "expires_at": since + timedelta(days=days) if days else None,
    }
    return _here(at, {**grant, "scope": Scope(rule.controller_id, rule.id)})


def _notice(at: _At) -> tuple[int, str, int] | None:
    seen = at.word.notice
    if seen is None:
        return None
    same = {"slug": seen.slug, "version": seen.version, "language": seen.language}
    notice = Notice.objects.filter(controller_id=at.arrived.controller_id, **same).first()
    return (notice.pk, notice.slug, notice.version) if notice else None


def _fewer(at: _At) -> Iterable[dict[str, Any]]:
    """A no to the topic, and a yes to the one that brings it less often. By link alone that yes must narrow: it counts
    only if the topic might have been sent at that moment."""
    yield from _everywhere(at, _NO)
    less = at.snapshot.topics_by_slug.get((at.arrived.controller_id, at.word.instead))
    if less and at.word.channel in less.channels and (at.by_owner or _was_allowed(at)):
        yield _granted(at, less)


def _was_allowed(at: _At) -> bool:
    address = address_of(at.word.channel, at.word.said[0])
    before = at.arrived.received_at - _JUST_BEFORE
    post = [address.contact] if address.contact and address.channel == "post" else []
    [near] = near_of(post, ever=True) or [NOBODY]
    asked = (at.arrived.controller_id, at.word.topic, at.word.channel, address.asked, before)
    try:
        return status.check_at(*asked, near=near)[1].allowed
    except status.Unknown:
        return False


_MEANS: dict[str, Callable[[_At], Iterable[dict[str, Any]]]] = {
    "on": _on,
    "off": _off,
    "pause": _pause,
    "resume": _resume,
    "fewer": _fewer,
    "kept": _kept,
    "ended": _ended,
}
