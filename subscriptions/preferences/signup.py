"""`/subscribe/{controller}`: a stranger asks to get messages. GET shows the form; POST keeps a request, and no more:
it counts once the address has confirmed it by the message that we send.

Whether an address is known, suppressed or subscribed makes no difference to what is answered.
"""

import logging
import secrets
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt

from consent import inbox
from consent.inbox import Accepted, Arrival, Envelope, open_envelope
from consent.models import Inbound
from consent.signing_up import SOURCE, SignUp, decode
from consent.statement import NoticeSeen
from subscriptions.origins import origin_in
from subscriptions.preferences.embedding import may_be_framed
from subscriptions.preferences.form import read_post as read_request
from subscriptions.preferences.look import language_of, show
from subscriptions.preferences.signup_form import Problem, Typed, new_stamp, read_post, shown_again
from subscriptions.preferences.signup_limits import may_be_asked
from subscriptions.preferences.signup_offer import CHANNEL, Offer, Offered, offer_of
from subscriptions.preferences.too_many import limits_exceeded, too_many
from subscriptions.preferences.views import try_again

logger = logging.getLogger(__name__)
_KEPT_HEADERS = ("user-agent", "accept-language")


@csrf_exempt
def subscribe(request: HttpRequest, controller: str) -> HttpResponse:
    """A controller's sign-up form."""
    try:
        return _answer(request, controller)
    except DatabaseProblem as error:
        logger.error("a sign-up form could not be answered: %s", type(error).__name__)
        return try_again(request)


subscribe.authentication = "public"  # type: ignore[attr-defined]  # read by the architecture test


def _answer(request: HttpRequest, controller: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    offer = offer_of(controller, language_of(request), signal=request.headers.get("Sec-GPC") == "1")
    if offer is None:
        return show(request, "preferences/signup_none.html", {}, status=404)
    response = _take(request, offer) if request.method == "POST" else _form(request, offer, QueryDict())
    return may_be_framed(response, offer.form.origins) if _is_embedded(request) else response


def _is_embedded(request: HttpRequest) -> bool:
    return request.GET.get("embed") == "1"


def _form(request: HttpRequest, offer: Offer, sent: QueryDict, *, problem: str = "", status: int = 200) -> HttpResponse:
    again = shown_again(sent, offer)
    context = {
        "offer": offer,
        "single": _single(request.GET.get("topic", ""), sent, offer),
        "problem": problem,
        "typed": again.address,
        "ticked": again.topics,
        "stamp": again.stamp or new_stamp(offer, _embedded_in(request, offer)),
    }
    return show(request, "preferences/signup.html", context, controller_id=offer.controller_id, status=status)


def _single(wanted: str, sent: QueryDict, offer: Offer) -> Offered | None:
    """The one topic that the form is about: its button names it, and there is no box to tick."""
    if len(offer.topics) == 1:
        return offer.topics[0]
    [posted, *more] = sent.getlist("topic") or [""]
    foreign = posted if not more and "stamp" not in sent else ""
    return next((topic for topic in offer.topics if topic.slug in (wanted, foreign)), None)


def _embedded_in(request: HttpRequest, offer: Offer) -> str:
    """The site within whose page the form is shown, as far as the browser says so."""
    origin = origin_in(request.headers.get("Referer", ""))
    return origin if origin in offer.form.origins else ""


def _take(request: HttpRequest, offer: Offer) -> HttpResponse:
    _, form = read_request(request)
    origin = request.headers.get("Origin", "")
    try:
        typed = read_post(form, offer, trusted=origin in offer.form.origins)
        wait = limits_exceeded(request, offer.controller_id)
        if wait is not None:
            return too_many(request, offer.controller_id, wait)
        if may_be_asked(offer.controller_id, typed.contact.said[0]):
            _require_once(_keep(request, offer, typed, origin), typed)
    except Problem as problem:
        status = 200 if problem.kind == "again" else 400
        return _form(request, offer, form, problem=problem.kind, status=status)
    return show(request, "preferences/signup_sent.html", {"offer": offer}, controller_id=offer.controller_id)


def _keep(request: HttpRequest, offer: Offer, typed: Typed, origin: str) -> Accepted:
    stamp, notice = typed.stamp, offer.notice
    told = SignUp(
        address=typed.contact.normal,
        topics=tuple(topic.slug for topic in typed.topics),
        names=tuple(topic.words.name for topic in typed.topics),
        language=language_of(request),
        notice=NoticeSeen(notice.slug, notice.version, notice.language) if stamp else None,
        shown=offer.digest(typed.topics) if stamp else "",
        page=f"{settings.SAYSO_PUBLIC_ORIGIN}{request.path}{_query(request.GET)}"[:500],
        embedded_in=stamp.embedded_in if stamp else origin,
        gpc=offer.signal,
        nonce=secrets.token_hex(16),
    )
    headers = {name: request.headers[name][:500] for name in _KEPT_HEADERS if name in request.headers}
    return inbox.accept(
        Arrival(
            controller_id=offer.controller_id,
            source=SOURCE,
            channel=CHANNEL,
            endpoint=offer.form.controller.slug,
            envelope=Envelope(body=msgspec.json.encode(told), headers=headers),
            holds=[],
            verified=False,
            same=(stamp.nonce,) if stamp else (),
        )
    )


def _query(given: QueryDict) -> str:
    return f"?{urlencode(list(given.items()))}" if given else ""


def _require_once(accepted: Accepted, typed: Typed) -> None:
    """A stamp works once: a second press of the same is the same one. Raise `Problem` if it asks for something else."""
    if not accepted.again:
        return
    [sealed] = Inbound.objects.filter(pk=accepted.id).values_list("sealed_raw", flat=True)
    known = decode(open_envelope(sealed).body) if sealed else None
    now = (typed.contact.normal, tuple(topic.slug for topic in typed.topics))
    if known is None or (known.address, known.topics) != now:
        raise Problem("again")
