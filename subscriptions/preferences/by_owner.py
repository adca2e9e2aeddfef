"""The page of whoever proved to own the address: everything as it is now, on every channel, and all of it to change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import translation

from consent.choosable import Board, Row
from consent.choosing import less_of
from consent.configuration import TopicRule
from consent.models.vocabulary import Cause, SenderKind, TopicClass
from consent.runs import may_still_arrive
from subscriptions.preferences import by_link, history, shown
from subscriptions.preferences.form import NothingChosen, UndoExpired, UnknownTopic
from subscriptions.preferences.months import UnknownMonths
from subscriptions.preferences.notices import Wording, wording_of
from subscriptions.preferences.outcome import changed, outcome_of
from subscriptions.preferences.owner_form import (
    NothingChanged,
    NotPossible,
    Read,
    changed_since,
    choices_of,
    field,
    wanted_in,
)
from subscriptions.preferences.owner_seen import Seen, look
from subscriptions.preferences.places import Place, options_of, remark_of, state_of, to_address, warnings_of
from subscriptions.preferences.proof import forget
from subscriptions.preferences.reconsent_part import Asked, asked_of
from subscriptions.preferences.saved import ticket_of
from subscriptions.preferences.visit import Offered, Visit, here, keep, path_of, shown_with, with_signal

PROBLEMS = (*(NothingChosen, UndoExpired, UnknownTopic, UnknownMonths, shown.StaleShown, NothingChanged, NotPossible),)
# Pages beside this one, as far as they are there.
BESIDE = ("preferences-data", "preferences-address", "preferences-rights")


class Section(NamedTuple):
    """A topic with its places."""

    topic: Offered
    places: tuple[Place, ...]
    wording: Wording | None
    shares: bool


def show_page(
    seen: Seen, *, problem: str = "", marked: Mapping[str, str] = {}, news: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    """The page. `marked` is what a refused save wanted, by field; `news` what changed meanwhile."""
    visit = seen.visit
    with translation.override(visit.language):
        warnings = warnings_of(seen.boards)
        warned = {number: one.id for one in warnings for number in one.numbers}
        sections = [one for topic in _topics(visit) if (one := _section(seen, topic, marked, warned)).places]
        context = {
            "sections": [one for one in sections if not one.shares],
            "sharing": [one for one in sections if one.shares],
            "warnings": warnings,
            "more_addresses": len(seen.others),
            "paused": any(
                one.cause == Cause.PAUSED for board in seen.boards for row in board.rows for one in row.denials
            ),
            "shown": shown.sign(_signed(seen, sections), visit.link),
            "saved": outcome_of(seen) if seen.saved else None,
            "problem": problem,
            "news": news,
            "asked": _asked(seen),
            "languages": settings.LANGUAGES,
            "spoken": visit.address.language,
            "history": history.lines_of(visit, [board.address for board in seen.boards]),
            "due": _due(seen),
            "beside": [(name, path) for name in BESIDE if (path := path_of(name, visit))],
        }
        return shown_with(visit, "preferences/owner.html", context, status)


def _asked(seen: Seen) -> list[Asked]:
    """The wordings to be decided on anew. The boards know whether there is any: mostly nothing more is read."""
    visit, rows = seen.visit, (row for board in seen.boards for row in board.rows)
    waiting = any(row.verdict.reason == "reconsent_needed" for row in rows)
    return asked_of(visit.link, visit.page.token, visit.language) if waiting else []


def _topics(visit: Visit) -> list[TopicRule]:
    return [one for one in visit.page.snapshot.topics.values() if one.controller_id == visit.controller_id]


def _section(seen: Seen, topic: TopicRule, marked: Mapping[str, str], warned: Mapping[int, str]) -> Section:
    rows = [(place, board, row) for place, board in enumerate(seen.boards) if (row := board.row(topic.slug))]
    places = tuple(_place(seen, place, board, row, marked, warned.get(place, "")) for place, board, row in rows)
    agreed = next((row.agreed for _, _, row in rows if row.agreed), "")
    visit = seen.visit
    languages = (visit.language, visit.page.snapshot.controller_languages.get(visit.controller_id, ""))
    wording = wording_of(visit.page.snapshot, visit.controller_id, topic.id, agreed, languages)
    return Section(visit.offered(topic), places, wording, topic.topic_class == TopicClass.SHARING)


def _place(seen: Seen, number: int, board: Board, row: Row, marked: Mapping[str, str], warned: str) -> Place:
    visit, name = seen.visit, field(number, row.rule.slug)
    waiting = (board.address.key.hex(), row.rule.slug) in seen.turning
    state = "turning" if waiting else row.state
    wanted = marked.get(name, {"paused": "pause", "turning": "on"}.get(state, state))
    signal = visit.gpc and row.rule.topic_class == TopicClass.SHARING
    options = () if signal and row.state != "on" else options_of(row, _less(visit, board, row), wanted)
    return Place(
        name,
        to_address(board.address),
        translation.gettext("Being turned on") if waiting else state_of(row),
        options,
        remark_of(row, _numbers(visit), visit.page.snapshot.controller_contacts.get(visit.controller_id, "")),
        warned if row.wide and row.may_turn_on else "",
        waiting,
    )


def _less(visit: Visit, board: Board, row: Row) -> str:
    """The name of what brings the same less often, where a yes to it would work."""
    less = less_of(visit.page.snapshot, row.rule, board.address.channel)
    there = board.row(less.slug) if less else None
    return visit.offered(less).words.name if less and there and there.may_turn_on else ""


def _numbers(visit: Visit) -> Iterable[str]:
    senders = visit.page.snapshot.senders.items()
    return (address for (channel, address), (owner, kind) in senders if _sends(visit, channel, owner, kind))


def _sends(visit: Visit, channel: str, owner: int, kind: str) -> bool:
    return (channel, owner, kind) == ("sms", visit.controller_id, SenderKind.SENDER)


def _signed(seen: Seen, sections: Sequence[Section]) -> shown.Seen:
    states = {
        bytes(board.address.key): {
            row.rule.slug: "turning" if (board.address.key.hex(), row.rule.slug) in seen.turning else row.state
            for row in board.rows
        }
        for board in seen.boards
    }
    notices = {one.topic.slug: one.wording.seen for one in sections if one.wording}
    topics = [one.topic.slug for one in sections]
    return shown.seen(seen.visit.now, seen.visit.language, topics, states, notices)


def _due(seen: Seen) -> list[Any]:
    """The letters that may still arrive, whatever is saved now."""
    keys = [key for board in seen.boards if board.address.channel == "post" for key in board.address.said]
    return list(may_still_arrive(seen.visit.controller_id, keys, seen.visit.now))


# --- saving ---


def save(visit: Visit, form: QueryDict) -> HttpResponse:
    """Take in what the form says. What it refuses to take changes nothing, and the page says so."""
    if form.get("act") == "leave":
        return _left(visit)
    seen = look(visit)
    read = Read(seen.visit, form, seen.boards, seen.others)
    try:
        choices = choices_of(read)
    except PROBLEMS as error:
        return _refused(seen, read, error)
    choices = with_signal(seen.visit, choices, read.addresses)
    accepted = keep(seen.visit, choices, read.addresses)
    return HttpResponseRedirect(here(visit, saved=ticket_of(accepted.id, visit.link)), status=303)


def _refused(seen: Seen, read: Read, error: Exception) -> HttpResponse:
    """Show anew what holds, with what the form wanted marked."""
    status = 200 if isinstance(error, NothingChanged) else 400
    marked = {} if isinstance(error, NothingChanged) else wanted_in(read.form)
    return show_page(seen, problem=type(error).__name__, marked=marked, news=_news(seen, read), status=status)


def _news(seen: Seen, read: Read) -> list[str]:
    try:
        was = shown.read(str(read.form.get("shown", "")), read.visit.link, read.visit.now)
    except shown.StaleShown:
        return []
    with translation.override(seen.visit.language):
        return [changed(seen.visit, one) for one in changed_since(read, was)]


def _left(visit: Visit) -> HttpResponse:
    """End the proof on this device."""
    response = HttpResponseRedirect(here(visit), status=303)
    forget(response)
    return response


def not_proved(visit: Visit, form: QueryDict) -> HttpResponse:
    """The owner's form came when the proof had ended. Nothing at all is a no that a link may say too; anything else is
    shown again, as far as a link can do it, and nothing is lost."""
    if form.get("act") == "nothing":
        every = form.copy()
        every["act"] = "everywhere"
        return by_link.save(visit, every)
    own = [
        name.partition(".")[2].partition(".")[2]
        for name, want in wanted_in(form).items()
        if want == "off" and name.startswith("w.0.")
    ]
    return by_link.show_page(visit, problem="NotProved", marked=own, status=403)
