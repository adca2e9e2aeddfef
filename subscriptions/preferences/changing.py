"""`/preferences/{token}/address`: its owner tells of a new address. A new mailbox or number is proved by a code first.

What was refused goes along and stays where it was; what was allowed does not (docs/PEOPLE.md).
"""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.access import proofs
from consent.access.asking import CHANGE
from consent.access.codes import Address
from consent.access.ways import text_way
from consent.addresses import contact
from consent.configuration import Scope
from consent.models import ContactPoint
from consent.moves.move import Move
from consent.moves.told import accept_moves, told
from consent.normalise.errors import InvalidAddress
from consent.points import contact_of_point, readable
from consent.statement import Rejected
from consent.tokens import Token, make_token
from consent.whose import holder_of, holders_of
from subscriptions.preferences import pending
from subscriptions.preferences.asking import MAX_CHARACTERS, Wish, ask_for, region_of
from subscriptions.preferences.door import Visit, proved, see_other, visit_of
from subscriptions.preferences.proof import is_proved, prove

ACTOR = "code"
_PARTS = ("name", "line1", "line2", "city", "region", "postal_code", "country")


class Known(NamedTuple):
    """What is known of who visits: their id at the controller, and the address of the link, as far as we have it.
    `shared`: several people have it, and nobody can say which of them moves."""

    external_id: str
    own: str
    shared: bool


@proved("address")
def address(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form, and what it sends."""
    if request.method != "POST":
        return _form(request, visit)
    kind = str(request.POST.get("kind", ""))
    if kind == "post":
        return _post(request, visit)
    if kind in _channels(visit, _known(visit)):
        return _ask(request, visit, kind)
    return _form(request, visit, problem="kind", status=400)


address.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def _known(visit: Visit) -> Known:
    person = holder_of(visit.controller_id, visit.token.key)
    shared = person is None and bool(holders_of(visit.controller_id, visit.token.key))
    point = contact_of_point(ContactPoint.objects.filter(key=visit.token.key).first())
    return Known(person.external_id if person else "", point.normal if point else "", shared)


def _channels(visit: Visit, known: Known) -> list[str]:
    """Where there is something to be moved, and a code can be sent."""
    if known.shared:
        return []
    sends = ["email", *(["sms"] if text_way(visit.snapshot, visit.controller_id) else [])]
    return [channel for channel in sends if known.external_id or (channel == visit.token.channel and known.own)]


def _form(request: HttpRequest, visit: Visit, *, problem: str = "", status: int = 200, **more: Any) -> HttpResponse:
    known = _known(visit)
    context = {
        "own": readable(known.own),
        "channels": _channels(visit, known),
        "is_known": bool(known.external_id),
        "shared": known.shared,
        "problem": problem,
        "written": {name: str(value)[:MAX_CHARACTERS] for name, value in request.POST.items()},
        **more,
    }
    return visit.page(request, "address.html", status, **context)


def _ask(request: HttpRequest, visit: Visit, channel: str) -> HttpResponse:
    """Send a code to the new address."""
    written = str(request.POST.get("new", ""))[: MAX_CHARACTERS + 1].strip()
    try:
        new = contact(channel, written, region_of(visit.snapshot, visit.controller_id) if channel == "sms" else None)
    except InvalidAddress:
        return _form(request, visit, problem=channel, status=400)
    if new.said[0] == visit.token.key:
        return _form(request, visit, problem="same", status=400)
    wish = Wish(visit.controller_id, channel, new.said[0], new.normal, visit.link, CHANGE, "address")
    return ask_for(request, wish)


def change(request: HttpRequest, link: str, proved_one: Address, written: str) -> HttpResponse:
    """Move to an address that a code has proved, from that of the link, whose owner must still be here."""
    visit = visit_of(link)
    if not is_proved(request, visit.token):
        return see_other(f"{visit.path('code')}?for=address")
    try:
        _move(visit, _known(visit), proved_one.channel, new=written)
    except Rejected:
        return _form(request, visit, problem="same", status=400)
    moved = proved_one.channel == visit.token.channel
    own = Token(proved_one.channel, Scope(visit.controller_id, None), proved_one.key)
    home = visit._replace(link=make_token(own), token=own) if moved else visit
    response = home.page(request, "address_done.html", channel=proved_one.channel)
    if moved:
        proofs.end_all([visit.token.key])
        prove(response, own)
    pending.forget(response)
    return response


def _move(visit: Visit, known: Known, channel: str, *, new: str | dict[str, str], old: str = "") -> None:
    """Tell of a move: from the link's own address on its channel, else from whatever was the person's there."""
    left = old or (known.own if channel == visit.token.channel else "") or None
    move = Move(channel=_channel(channel), old=left, new=new, external_id=known.external_id, changes=1)
    accept_moves([told(move, visit.controller_id, timezone.now())], visit.controller_id, by="page", actor=ACTOR)


def _channel(name: str) -> Any:
    return name if name in ("email", "sms") else "post"


def _post(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A postal address is taken at their word: it can only deny, there and at the old one."""
    new = {part: str(request.POST.get(part, ""))[:200].strip() for part in _PARTS}
    old, known = str(request.POST.get("old", ""))[:600].strip(), _known(visit)
    if not known.external_id and not old:
        return _form(request, visit, problem="old", status=400)
    try:
        _move(visit, known, "post", new={part: text for part, text in new.items() if text}, old=old)
    except Rejected as error:
        return _form(request, visit, problem="old" if error.pointer == "/from" else "post", status=400)
    return visit.page(request, "address_done.html", channel="post")
