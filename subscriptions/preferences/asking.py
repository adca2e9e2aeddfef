"""`/preferences/`: who has no link asks for a code, by e-mail or text. `/preferences/{token}/code`: who has one.

What is answered, and what is done for it, is the same for every address: what we know of it is seen later, by the
pipeline. Only what is no address at all is said to be none.
"""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from consent import configuration
from consent.access import limits
from consent.access.asking import CHANGE, ENTER, Asked, accept_code, new_request
from consent.access.ways import text_way
from consent.addresses import Contact, contact
from consent.configuration import Snapshot
from consent.models.vocabulary import ControllerKind
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from subscriptions.preferences import pending
from subscriptions.preferences.door import GOALS, Visit, answering, see_other, visit_of
from subscriptions.preferences.forms import is_from_here, stale
from subscriptions.preferences.look import language_of, show
from subscriptions.preferences.pending import Pending
from subscriptions.preferences.too_many import limits_exceeded, too_many

MAX_CHARACTERS = 320


class Wish(NamedTuple):
    """A code that somebody wants. Either `address`, in normal form, or `link` says where to; `key` is its key."""

    controller_id: int
    channel: str
    key: Key
    address: str = ""
    link: str = ""
    purpose: str = ENTER
    goal: str = ""
    own: bool = False  # the address is the link's own, which the pipeline looks up


@csrf_exempt
@answering
def ask(request: HttpRequest) -> HttpResponseBase:
    """The page for whoever has no link."""
    snapshot = configuration.recent()
    controller_id = _controller(request, snapshot)
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    if controller_id is None:
        choices = [(snapshot.controllers[one], snapshot.controller_names[one]) for one in _offered(snapshot)]
        return show(request, "preferences/which.html", {"choices": choices})
    if request.method != "POST":
        return _form(request, snapshot, controller_id)
    if not is_from_here(request):
        return stale(request)
    try:
        found = read_address(str(request.POST.get("address", "")), snapshot, controller_id)
    except InvalidAddress:
        return _form(request, snapshot, controller_id, problem=True)
    wish = Wish(controller_id, found.channel, found.said[0], found.normal)
    return ask_for(request, wish)


def _controller(request: HttpRequest, snapshot: Snapshot) -> int | None:
    """The one that is named, else our own if it is the only one."""
    named = str(request.POST.get("controller") or request.GET.get("controller") or "")
    try:
        return snapshot.controller_id(named)
    except KeyError:
        own = [number for number, kind in snapshot.controller_kinds.items() if kind == ControllerKind.OWN]
        return own[0] if len(own) == 1 and not named else None


def _offered(snapshot: Snapshot) -> list[int]:
    """Clients' names are nobody else's business: their people come by a link that names them."""
    return [number for number, kind in snapshot.controller_kinds.items() if kind != ControllerKind.CLIENT]


def read_address(written: str, snapshot: Snapshot, controller_id: int) -> Contact:
    """An e-mail address, or a number where texts can be sent. Raise `InvalidAddress`."""
    written = written.strip()
    if len(written) > MAX_CHARACTERS:
        raise InvalidAddress("too_long", f"at most {MAX_CHARACTERS} characters")
    if "@" in written or text_way(snapshot, controller_id) is None:
        return contact("email", written)
    return contact("sms", written, region_of(snapshot, controller_id))


def region_of(snapshot: Snapshot, controller_id: int) -> str | None:
    """The country of numbers that name none."""
    way = text_way(snapshot, controller_id)
    return (snapshot.accounts[way.provider, way.endpoint].region if way else "") or None


def _form(request: HttpRequest, snapshot: Snapshot, controller_id: int, *, problem: bool = False) -> HttpResponse:
    context = {
        "controller": snapshot.controller_names[controller_id],
        "slug": snapshot.controllers[controller_id],
        "texts": text_way(snapshot, controller_id) is not None,
        "problem": problem,
        "written": str(request.POST.get("address", ""))[:MAX_CHARACTERS],
    }
    status = 400 if problem else 200
    return show(request, "preferences/ask.html", context, controller_id=controller_id, status=status)


def ask_for(request: HttpRequest, wish: Wish) -> HttpResponse:
    """Ask for the code, and go to the page where it is entered; 429 where too many were asked for from here."""
    wait = limits_exceeded(request, wish.controller_id)
    if wait is not None:
        return too_many(request, wish.controller_id, wait)
    limited = limits.exceeded(list(limits.of_address(wish.key))) is not None
    asked = Asked(
        request=new_request(),
        channel="sms" if wish.channel == "sms" else "email",
        address=wish.address,
        link=wish.link if wish.own else "",
        purpose="change" if wish.purpose == CHANGE else "enter",
        language=language_of(request),
        limited=limited,
    )
    accept_code(asked, wish.controller_id)
    response = see_other(reverse("preferences-enter"))
    carried = Pending(asked.request, wish.controller_id, wish.channel, wish.purpose, wish.goal, wish.link)
    pending.remember(response, carried)
    return response


@csrf_exempt  # a foreign form could only have a code sent to the link's owner, within the limits
@answering
def own_code(request: HttpRequest, token: str) -> HttpResponseBase:
    """A code to the address that the link belongs to: nothing is typed, and nothing of it is shown."""
    visit = visit_of(token)
    goal = _goal(request)
    if request.method in ("GET", "HEAD"):
        return visit.page(request, "own_code.html", goal=goal, other=_other(visit))
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    if not can_be_sent(visit):
        return see_other(_other(visit))
    mine = visit.token
    return ask_for(request, Wish(visit.controller_id, mine.channel, mine.key, link=token, goal=goal, own=True))


def can_be_sent(visit: Visit) -> bool:
    """Whether a code can be sent on the channel of a link at all. It depends on no address."""
    if visit.token.channel == "sms":
        return text_way(visit.snapshot, visit.controller_id) is not None
    return visit.token.channel == "email"


def _goal(request: HttpRequest) -> str:
    wanted = request.POST.get("for") or request.GET.get("for")
    return wanted if wanted in GOALS else ""


def _other(visit: Visit) -> str:
    """The page where an address can be typed."""
    return f"{reverse('preferences-ask')}?controller={visit.snapshot.controllers[visit.controller_id]}"


ask.authentication = "public"  # type: ignore[attr-defined]  # read by the architecture test
own_code.authentication = "token"  # type: ignore[attr-defined]
