"""What is on record about the owner's addresses, in plain words: what they said, when, how, and to which wording."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consent.models import ConsentEvent
from consent.models.vocabulary import Action, Cause
from consent.outside import naming
from consent.owners import Owned
from subscriptions.preferences.places import to_address
from subscriptions.preferences.visit import Visit

MOST = 30


class Told(NamedTuple):
    """A line for its owner. Each part is a phrase of its own; `at` is for machines, `when` for people."""

    at: str
    when: str
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
    when = date_format(line.occurred_at, "DATETIME_FORMAT")
    return Told(line.occurred_at.isoformat(), when, _what(line, name), to_address(address), _how(line), _wording(line))


def _what(line: ConsentEvent, topic: str) -> str:
    if line.undoes:
        return _("Taken back what was said before")
    known = _ABOUT_TOPIC if topic else _ABOUT_ALL
    sentence = known.get((line.action, line.cause)) or known.get((line.action, ""))
    return _(sentence) % {"topic": topic} if sentence else line.get_action_display()


_ABOUT_TOPIC: Mapping[tuple[str, str], str] = {
    (Action.GRANT, ""): gettext_noop("You said yes to %(topic)s"),
    (Action.CONFIRM, ""): gettext_noop("You confirmed your yes to %(topic)s"),
    (Action.WITHDRAW, ""): gettext_noop("You said no to %(topic)s"),
    (Action.WITHDRAW, Cause.PAUSED): gettext_noop("You paused %(topic)s"),
    (Action.OBJECT, ""): gettext_noop("You objected to %(topic)s"),
    (Action.EXPIRE, ""): gettext_noop("Your yes to %(topic)s ended"),
    (Action.INVALIDATE, ""): gettext_noop("Your yes to %(topic)s ended, since the address no longer worked"),
    (Action.LIFT, ""): gettext_noop("A no to %(topic)s was ended"),
    (Action.LIFT, Cause.PAUSED): gettext_noop("The pause of %(topic)s was ended"),
}


_ABOUT_ALL: Mapping[tuple[str, str], str] = {
    (Action.GRANT, ""): gettext_noop("You said yes to everything"),
    (Action.CONFIRM, ""): gettext_noop("You confirmed your yes to everything"),
    (Action.WITHDRAW, ""): gettext_noop("You asked for nothing at all"),
    (Action.WITHDRAW, Cause.PAUSED): gettext_noop("You paused everything"),
    (Action.OBJECT, ""): gettext_noop("You objected to everything"),
    (Action.OBJECT, Cause.COMPLAINT): gettext_noop("A message was reported as unwanted"),
    (Action.OBJECT, Cause.LISTED): gettext_noop("This address was found on a list of those who want no advertising"),
    (Action.EXPIRE, ""): gettext_noop("Your yes to everything ended"),
    (Action.INVALIDATE, ""): gettext_noop("What was agreed before ended, since the address no longer worked"),
    (Action.INVALIDATE, Cause.HARD_BOUNCE): gettext_noop("Messages to this address came back"),
    (Action.INVALIDATE, Cause.DECEASED): gettext_noop("We were told of a death at this address"),
    (Action.INVALIDATE, Cause.MINOR): gettext_noop("We were told that this is the address of a child"),
    (Action.LIFT, ""): gettext_noop("Your no to everything was ended"),
    (Action.LIFT, Cause.PAUSED): gettext_noop("The pause of everything was ended"),
}


def _how(line: ConsentEvent) -> str:
    if line.carried_from:
        return _("carried over from another address of yours")
    if naming.is_list(line.sender):
        return _("by a list that we have to obey")
    kind = line.source.partition(":")[0]
    if kind == "sms" and line.sender:
        return _("by your text to %(number)s") % {"number": line.sender}
    how = _HOWS.get(line.source) or _HOWS.get(kind) or gettext_noop("by another way")
    return _(how)


_HOWS: Mapping[str, str] = {
    "page:owner": gettext_noop("on this page"),
    "page:link": gettext_noop("on this page, with the link of a message"),
    "link": gettext_noop("with the link of a message"),
    "sms": gettext_noop("by text message"),
    "mail": gettext_noop("by email"),
    "esp": gettext_noop("through the mail service that delivers our messages"),
    "api": gettext_noop("as one of our systems told"),
    "staff": gettext_noop("as our staff noted"),
    "reconcile": gettext_noop("as the text message network told"),
    "move": gettext_noop("with a change of address"),
    "merge": gettext_noop("as two records turned out to be yours"),
}


def _wording(line: ConsentEvent) -> str:
    if line.notice is None:
        return ""
    seen = {"name": line.notice.slug, "version": line.notice.version}
    language = dict(settings.LANGUAGES).get(line.notice.language, line.notice.language)
    return _("to the wording %(name)s, version %(version)s (%(language)s)") % {**seen, "language": language}
