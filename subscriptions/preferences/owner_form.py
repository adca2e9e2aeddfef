"""The form of the owner's page → the words of a save: what differs from what the page had shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.http import QueryDict

from consent.choices import EVERY_TOPIC, Choices, Meanwhile, Shown, Word
from consent.choosable import Board, turning_on
from consent.choosing import Chosen, Terms, differences, meanwhile, refused, word, words_of
from consent.models.vocabulary import Cause, TopicClass
from consent.owners import Owned
from subscriptions.preferences import shown
from subscriptions.preferences.form import NothingChosen, UnknownTopic
from subscriptions.preferences.months import until_in
from subscriptions.preferences.saved import undo_in
from subscriptions.preferences.visit import Visit, sharing_noes

_WANTED = frozenset({"on", "off", "pause", "fewer"})
_AS_SHOWN = {"on": "on", "off": "off", "paused": "pause", "turning": "on"}


class NothingChanged(ValueError):
    """The form says what was there already."""


class NotPossible(ValueError):
    """All that the form wants cannot be done here."""


class Read(NamedTuple):
    """A form beside what holds at this moment."""

    visit: Visit
    form: QueryDict
    boards: Sequence[Board]
    others: Sequence[Owned]  # further addresses, which the page has no room for

    @property
    def addresses(self) -> list[Owned]:
        return [*(board.address for board in self.boards), *self.others]


def field(place: int, slug: str) -> str:
    """The name of a choice's field."""
    return f"w.{place}.{slug}"


def wanted_in(form: QueryDict) -> dict[str, str]:
    """What a form marks, by field; for showing it again."""
    return {name: str(form[name]) for name in form if name.startswith("w.") and form[name] in _WANTED}


def choices_of(read: Read) -> Choices:
    """What the form says. Raise `StaleShown`, `UnknownTopic`, `UnknownMonths`, `UndoExpired`, `NothingChosen`,
    `NothingChanged` or `NotPossible`; then nothing was changed."""
    act = str(read.form.get("act", ""))
    if act == "undo":
        return undo_in(read.form, read.visit.link)
    if act == "save":
        return _save(read)
    if act not in _ACTS:
        raise NothingChosen
    words = tuple(_ACTS[act](read))
    if not words:
        raise NothingChanged
    return Choices(act, words, _evidence(read))


def _evidence(read: Read) -> Shown | None:
    try:
        return _seen(read).as_evidence()
    except shown.StaleShown:
        return None


def _seen(read: Read) -> shown.Seen:
    return shown.read(str(read.form.get("shown", "")), read.visit.link, read.visit.now)


# --- one button for all of it ---


def _nothing(read: Read) -> Iterable[Word]:
    return [word(address, EVERY_TOPIC, "off") for address in read.addresses]


def _pause_all(read: Read) -> Iterable[Word]:
    until = until_in(read.form, read.visit.now)
    return [word(address, EVERY_TOPIC, "pause", until=until) for address in read.addresses]


def _resume_all(read: Read) -> Iterable[Word]:
    for board in read.boards:
        paused = [one for row in board.rows for one in row.denials if one.cause == Cause.PAUSED and one.may_be_lifted]
        if any(one.wide for one in paused):
            yield word(board.address, EVERY_TOPIC, "resume")
        for row in board.rows:
            if any(one.cause == Cause.PAUSED and not one.wide and one.may_be_lifted for one in row.denials):
                yield word(board.address, row.rule.slug, "resume", shown=row.state)


def _no_sharing(read: Read) -> Iterable[Word]:
    return sharing_noes(read.visit, read.addresses)


_ACTS: dict[str, Callable[[Read], Iterable[Word]]] = {
    "nothing": _nothing,
    "pause_all": _pause_all,
    "resume_all": _resume_all,
    "sharing": _no_sharing,
    "gpc": _no_sharing,
}


# --- topic by topic ---


def _save(read: Read) -> Choices:
    seen = _seen(read)
    chosen = _chosen(read, seen)
    said = [(board, _signalled(read, each)) for board, each in zip(read.boards, chosen, strict=True)]
    terms = _terms(read, seen, said)
    words = tuple(one for board, each in said for one in words_of(board, each, terms[board.address.key]))
    prefers = _language(read)
    cannot = tuple(one for board, each in zip(read.boards, chosen, strict=True) for one in _cannot(read, board, each))
    if not (words or prefers or read.visit.gpc):
        raise NotPossible if cannot else NothingChanged
    return Choices(
        "save",
        words,
        seen.as_evidence(),
        prefers,
        tuple(board.address.key.hex() for board in read.boards) if prefers else (),
        meanwhile=tuple(changed_since(read, seen)),
        refused=cannot,
    )


def changed_since(read: Read, seen: shown.Seen) -> list[Meanwhile]:
    """What changed since the form's page was shown."""
    return [one for board in read.boards for one in meanwhile(board, seen.states.get(board.address.key.hex(), {}))]


def _chosen(read: Read, seen: shown.Seen) -> list[list[Chosen]]:
    """What the form says of each board. A page that showed other addresses than are the owner's now is stale."""
    if [key for key, _ in seen.rows] != [bytes(board.address.key) for board in read.boards]:
        raise shown.StaleShown
    return [
        [_one(read, board, place, slug, state) for slug, state in seen.states[board.address.key.hex()].items()]
        for place, board in enumerate(read.boards)
    ]


def _one(read: Read, board: Board, place: int, slug: str, state: str) -> Chosen:
    as_shown = _AS_SHOWN[state]
    wanted = str(read.form.get(field(place, slug), as_shown))
    if wanted != as_shown and (wanted not in _WANTED or board.row(slug) is None):
        raise UnknownTopic
    return Chosen(slug, state, wanted)


def _signalled(read: Read, chosen: Sequence[Chosen]) -> list[Chosen]:
    """Without the yeses to sharing that the browser's signal contradicts."""
    return [one for one in chosen if not (read.visit.gpc and _shares(read, one.slug) and one.wanted == "on")]


def _shares(read: Read, slug: str) -> bool:
    topic = read.visit.page.snapshot.topics_by_slug.get((read.visit.controller_id, slug))
    return topic is not None and topic.topic_class == TopicClass.SHARING


def _cannot(read: Read, board: Board, chosen: Sequence[Chosen]) -> Iterable[Meanwhile]:
    yield from refused(board, chosen, read.visit.page.snapshot)
    taken = {one.slug for one in _signalled(read, chosen)}
    for one in differences(chosen):
        if one.slug not in taken:
            yield Meanwhile(board.address.channel, one.slug, "signal")


def _terms(read: Read, seen: shown.Seen, said: Sequence[tuple[Board, list[Chosen]]]) -> Mapping[bytes, Terms]:
    pauses = any(one.wanted == "pause" for _, each in said for one in differences(each))
    until = until_in(read.form, read.visit.now) if pauses else None
    wide = {board.address.key: [one.since for row in board.rows for one in row.wide] for board in read.boards}
    turning = turning_on(read.visit.controller_id, {key: max(since) for key, since in wide.items() if since})
    common = Terms(read.visit.page.snapshot, read.visit.controller_id, until, seen.notices)
    return {
        board.address.key: common._replace(turning=turning.get(board.address.key, frozenset())) for board in read.boards
    }


def _language(read: Read) -> str:
    wanted = str(read.form.get("language", ""))
    known = {board.address.language for board in read.boards}
    return wanted if wanted in dict(settings.LANGUAGES) and known != {wanted} else ""
