"""What is on record about the owner's addresses, in plain words: what they said, when, how, and to which wording."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from consent.models import ConsentEvent
from consent.models.vocabulary import Action, Cause
from consent.outside import naming
from consent.owners import Owned
from subscriptions.preferences.places import to_address
from subscriptions.preferences.visit import Visit

MOST = 30


class Told(NamedTuple):
    """A line for its owner. Each part is a phrase of its own."""

    at: datetime
    what: str
    where: str
    how: str
    wording: str


def lines_of(visit: Visit, addresses: Sequence[Owned]) -> list[Told]:
    """The newest lines, of this controller and of what reaches everyone."""
    places = {bytes(key): one for one in addresses for key in one.said}
    own = Q(controller_id=visit.controller_id) | Q(controller_id__isnull=True)
    lines = ConsentEvent.objects.filter(own, key__in=list(places)).select_related("notice").order_by("-seq")
    seen: dict[tuple[object, ...], Told] = {}
    for line in lines[: MOST * 2]:
        told = _told(visit, line, places[bytes(line.key)])
        seen.setdefault((line.inbound_id, *told[1:]), told)  # the keys of one home say the same
    return list(seen.values())[:MOST]


def _told(visit: Visit, line: ConsentEvent, address: Owned) -> Told:
    topic = visit.page.snapshot.topics.get(line.topic_id or 0)
    name = visit.offered(topic).words.name if topic else ""
    return Told(line.occurred_at, _what(line, name), to_address(address), _how(line), _wording(line))


def _what(line: ConsentEvent, topic: str) -> str:
    if line.undoes:
        return _("Taken back what was said before")
    known = _about_topic() if topic else _about_all()
    sentence = known.get((line.action, line.cause)) or known.get((line.action, "")) or line.get_action_display()
    return sentence % {"topic": topic}


def _about_topic() -> Mapping[tuple[str, str], str]:
    """By action and cause, in the visitor's language."""
    return {
        (Action.GRANT, ""): _("You said yes to %(topic)s"),
        (Action.CONFIRM, ""): _("You confirmed your yes to %(topic)s"),
        (Action.WITHDRAW, ""): _("You said no to %(topic)s"),
        (Action.WITHDRAW, Cause.PAUSED): _("You paused %(topic)s"),
        (Action.OBJECT, ""): _("You objected to %(topic)s"),
        (Action.EXPIRE, ""): _("Your yes to %(topic)s ended"),
        (Action.INVALIDATE, ""): _("Your yes to %(topic)s ended, since the address no longer worked"),
        (Action.LIFT, ""): _("A no to %(topic)s was ended"),
        (Action.LIFT, Cause.PAUSED): _("The pause of %(topic)s was ended"),
    }


def _about_all() -> Mapping[tuple[str, str], str]:
    return {
        (Action.GRANT, ""): _("You said yes to everything"),
        (Action.CONFIRM, ""): _("You confirmed your yes to everything"),
        (Action.WITHDRAW, ""): _("You asked for nothing at all"),
        (Action.WITHDRAW, Cause.PAUSED): _("You paused everything"),
        (Action.OBJECT, ""): _("You objected to everything"),
        (Action.OBJECT, Cause.COMPLAINT): _("A message was reported as unwanted"),
        (Action.OBJECT, Cause.LISTED): _("This address was found on a list of those who want no advertising"),
        (Action.EXPIRE, ""): _("Your yes to everything ended"),
        (Action.INVALIDATE, ""): _("What was agreed before ended, since the address no longer worked"),
        (Action.INVALIDATE, Cause.HARD_BOUNCE): _("Messages to this address came back"),
        (Action.INVALIDATE, Cause.DECEASED): _("We were told of a death at this address"),
        (Action.INVALIDATE, Cause.MINOR): _("We were told that this is the address of a child"),
        (Action.LIFT, ""): _("Your no to everything was ended"),
        (Action.LIFT, Cause.PAUSED): _("The pause of everything was ended"),
    }


def _how(line: ConsentEvent) -> str:
    if line.carried_from:
        return _("carried over from another address of yours")
    if naming.is_list(line.sender):
        return _("by a list that we have to obey")
    kind = line.source.partition(":")[0]
    if kind == "sms" and line.sender:
        return _("by your text to %(number)s") % {"number": line.sender}
    known = _hows()
    return known.get(line.source) or known.get(kind) or _("by another way")


def _hows() -> Mapping[str, str]:
    return {
        "page:owner": _("on this page"),
        "page:link": _("on this page, with the link of a message"),
        "link": _("with the link of a message"),
        "sms": _("by text message"),
        "mail": _("by email"),
        "esp": _("through the mail service that delivers our messages"),
        "api": _("as one of our systems told"),
        "staff": _("as our staff noted"),
        "reconcile": _("as the text message network told"),
        "move": _("with a change of address"),
        "merge": _("as two records turned out to be yours"),
    }


def _wording(line: ConsentEvent) -> str:
    if line.notice is None:
        return ""
    seen = {"name": line.notice.slug, "version": line.notice.version}
    language = dict(settings.LANGUAGES).get(line.notice.language, line.notice.language)
    return _("to the wording %(name)s, version %(version)s (%(language)s)") % {**seen, "language": language}
