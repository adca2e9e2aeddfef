"""The page by link alone, perhaps of a forwarded message: it shows nothing of the owner but the masked address, and
does nothing but say no and narrow."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict

from consent.choices import EVERY_TOPIC, Choices, Word
from consent.choosing import less_of, word
from consent.configuration import TopicRule
from consent.interpret.link import WIDER
from consent.models.vocabulary import TopicClass
from consent.owners import Owned
from subscriptions.preferences import shown
from subscriptions.preferences.form import NothingChosen, UndoExpired, UnknownTopic
from subscriptions.preferences.mask import masked
from subscriptions.preferences.months import UnknownMonths, until_in
from subscriptions.preferences.saved import Saved, ticket_of, undo_in
from subscriptions.preferences.visit import (
    Offered,
    Visit,
    here,
    keep,
    path_of,
    saved_in,
    sharing_noes,
    shown_with,
    with_signal,
)

PROBLEMS = (NothingChosen, UndoExpired, UnknownTopic, UnknownMonths)


def show_page(
    visit: Visit, *, problem: str = "", marked: Sequence[str] = (), fewer: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    """The page. `problem` says why a save was refused; what it wanted is marked still."""
    saved = saved_in(visit)
    context = {
        "masked": masked(visit.address.contact),
        "topics": [visit.offered(topic, visit.address.channel) for topic in _messages(visit)],
        "shares": bool(visit.sharing),
        "code_path": path_of("preferences-code", visit),
        "shown": shown.sign(_seen(visit), visit.link),
        "saved": told(visit, saved) if saved else None,
        "problem": problem,
        "marked": marked,
        "marked_fewer": fewer,
    }
    return shown_with(visit, "preferences/by_link.html", context, status)


def _messages(visit: Visit) -> list[TopicRule]:
    """What can be stopped, apart from sharing, which has a place of its own."""
    return [topic for topic in visit.page.topics if topic.topic_class != TopicClass.SHARING]


def _seen(visit: Visit) -> shown.Seen:
    return shown.seen(visit.now, visit.language, [topic.slug for topic in visit.page.topics])


def told(visit: Visit, saved: Saved) -> Mapping[str, Any]:
    """What a save said, for the page that follows it: of the link's address, and how far it reached by its button."""
    own = [one for one in saved.choices.words if one.keys[0] == visit.address.key.hex()]
    until = next((one.until for one in own if one.until), None)
    return {
        "id": saved.id,
        "act": saved.choices.act,
        "whole": any(one.topic == EVERY_TOPIC for one in own),
        "until": until,
        "stopped": _named(visit, (one.topic for one in own if one.wanted == "off")),
        "paused": _named(visit, (one.topic for one in own if one.wanted == "pause")),
        "fewer": _named(visit, (one.topic for one in own if one.wanted == "fewer")),
        "signal": bool(saved.choices.signal),
        "undo": "" if saved.choices.undoes else ticket_of(saved.id, visit.link),
    }


def _named(visit: Visit, slugs: Iterable[str]) -> list[Offered]:
    known = visit.page.snapshot.topics_by_slug
    topics = [known.get((visit.controller_id, slug)) for slug in slugs]
    return [visit.offered(topic, visit.address.channel) for topic in topics if topic]


def save(visit: Visit, form: QueryDict) -> HttpResponse:
    """Take in what the form says. What it refuses to take changes nothing, and the page says so."""
    try:
        choices, addresses = _choices(visit, form)
    except PROBLEMS as error:
        marked, fewer = form.getlist("topic"), form.getlist("fewer")
        return show_page(visit, problem=type(error).__name__, marked=marked, fewer=fewer, status=400)
    accepted = keep(visit, choices, addresses)
    return HttpResponseRedirect(here(visit, saved=ticket_of(accepted.id, visit.link)), status=303)


def _choices(visit: Visit, form: QueryDict) -> tuple[Choices, Sequence[Owned]]:
    act = _act(form)
    addresses = [visit.address, *visit.others()]
    made = undo_in(form, visit.link) if act == "undo" else Choices(act, tuple(_ACTS[act](visit, form, addresses)))
    return with_signal(visit, _with_evidence(visit, made, form), addresses), addresses


def _act(form: QueryDict) -> str:
    """A form without a button is one of a page that was opened before there were several."""
    act = str(form.get("act") or ("nothing" if form.get("scope") == WIDER else "stop"))
    if act not in _ACTS and act != "undo":
        raise NothingChosen
    return act


def _with_evidence(visit: Visit, choices: Choices, form: QueryDict) -> Choices:
    """A no counts whatever its page was; what the page had shown is told where it is proved."""
    try:
        was = shown.read(str(form.get("shown", "")), visit.link, visit.now).as_evidence()
    except shown.StaleShown:
        return choices
    return Choices(choices.act, choices.words, was, undoes=choices.undoes)


# --- what each button says ---


def _stop(visit: Visit, form: QueryDict, addresses: Sequence[Owned]) -> Iterable[Word]:
    stopped, fewer = _chosen(visit, form, "topic"), _chosen(visit, form, "fewer")
    if not stopped + fewer:
        raise NothingChosen
    yield from _fewer(visit, fewer)
    yield from (word(visit.address, topic.slug, "off", shown="offered") for topic in stopped if topic not in fewer)


def _fewer(visit: Visit, topics: Sequence[TopicRule]) -> Iterable[Word]:
    for topic in topics:
        less = less_of(visit.page.snapshot, topic, visit.address.channel)
        if less is None:
            raise UnknownTopic
        yield word(visit.address, topic.slug, "fewer", shown="offered", instead=less.slug)


def _pause(visit: Visit, form: QueryDict, addresses: Sequence[Owned]) -> Iterable[Word]:
    topics, until = _chosen(visit, form, "topic"), until_in(form, visit.now)
    if not topics:
        raise NothingChosen
    return [word(visit.address, topic.slug, "pause", shown="offered", until=until) for topic in topics]


def _pause_all(visit: Visit, form: QueryDict, addresses: Sequence[Owned]) -> Iterable[Word]:
    return [word(visit.address, EVERY_TOPIC, "pause", until=until_in(form, visit.now))]


def _nothing(visit: Visit, form: QueryDict, addresses: Sequence[Owned]) -> Iterable[Word]:
    return [word(visit.address, EVERY_TOPIC, "off")]


def _everywhere(visit: Visit, form: QueryDict, addresses: Sequence[Owned]) -> Iterable[Word]:
    return [word(address, EVERY_TOPIC, "off") for address in addresses]


def _no_sharing(visit: Visit, form: QueryDict, addresses: Sequence[Owned]) -> Iterable[Word]:
    return sharing_noes(visit, addresses)


def _chosen(visit: Visit, form: QueryDict, name: str) -> list[TopicRule]:
    slugs, offered = set(form.getlist(name)), visit.page.topics
    if not slugs <= {topic.slug for topic in offered}:
        raise UnknownTopic
    return [topic for topic in offered if topic.slug in slugs]


_ACTS: dict[str, Callable[[Visit, QueryDict, Sequence[Owned]], Iterable[Word]]] = {
    "stop": _stop,
    "pause": _pause,
    "pause_all": _pause_all,
    "nothing": _nothing,
    "everywhere": _everywhere,
    "sharing": _no_sharing,
    "gpc": _no_sharing,  # what the page's script saves by itself
}
