"""`/preferences/code`: where a code is entered. Whatever is wrong with it is said in the same words."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from consent import configuration
from consent.access import codes
from consent.access.asking import CHANGE, Asked, asked_in, keep_proved
from consent.access.codes import Address
from consent.configuration import Scope
from consent.inbox import open_envelope
from consent.models import Inbound
from consent.tokens import BadToken, Token, make_token, read_token
from subscriptions.preferences import pending
from subscriptions.preferences.changing import change
from subscriptions.preferences.door import answering, see_other
from subscriptions.preferences.forms import is_from_here, stale
from subscriptions.preferences.look import show
from subscriptions.preferences.pending import FIELD, Pending
from subscriptions.preferences.proof import prove


@csrf_exempt
@answering
def enter(request: HttpRequest) -> HttpResponseBase:
    """The form, and what it sends."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    asked = pending.read(request)
    if asked is None or asked.controller_id not in configuration.recent().controllers:
        return see_other(reverse("preferences-ask"))
    if request.method != "POST":
        return _form(request, asked)
    if not is_from_here(request):
        return stale(request)
    finished = pending.finished(request)
    proved = codes.try_code(finished.request, str(request.POST.get("code", ""))) if finished else None
    if finished is None or proved is None:
        return _form(request, asked, wrong=True)
    return _enter(request, finished, proved)


enter.authentication = "public"  # type: ignore[attr-defined]  # read by the architecture test


def _form(request: HttpRequest, asked: Pending, *, wrong: bool = False) -> HttpResponse:
    snapshot = configuration.recent()
    context = {
        "controller": snapshot.controller_names[asked.controller_id],
        "slug": snapshot.controllers[asked.controller_id],
        "field": FIELD,
        "signed": pending.signed(request),
        "changes": asked.purpose == CHANGE,
        "channel": asked.channel,
        "link": asked.link,
        "wrong": wrong,
        "minutes": int(codes.VALID.total_seconds() // 60),
    }
    status = 400 if wrong else 200
    return show(request, "preferences/code.html", context, controller_id=asked.controller_id, status=status)


def _enter(request: HttpRequest, asked: Pending, proved: Address) -> HttpResponse:
    """Let its owner in, at the page that was wanted."""
    written = _asked(proved)
    if asked.purpose == CHANGE:
        return change(request, asked.link, proved, written.address)
    token = Token(proved.channel, Scope(proved.controller_id, None), proved.key)
    if written.address:
        keep_proved(written)
    link = asked.link if _is_of(asked.link, token) else make_token(token)
    response = see_other(reverse(f"preferences-{asked.goal}" if asked.goal else "preferences", args=[link]))
    prove(response, token, remember=request.POST.get("remember") == "yes")
    pending.forget(response)
    return response


def _asked(proved: Address) -> Asked:
    """What was asked for, with the address as it was typed."""
    [sealed] = Inbound.objects.filter(pk=proved.inbound_id).values_list("sealed_raw", flat=True)
    return asked_in(open_envelope(sealed or b"").body)


def _is_of(link: str, token: Token) -> bool:
    """Whether a link is one of the address that was proved."""
    try:
        found = read_token(link)
    except BadToken:
        return False
    return (found.channel, found.key, found.scope.controller_id) == (
        token.channel,
        token.key,
        token.scope.controller_id,
    )
