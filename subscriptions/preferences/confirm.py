"""`/confirm/{ticket}`: the link of the message that a sign-up sends. GET shows one button and changes nothing, whoever
follows the link, scanners too; POST confirms. It names the address masked: the message may have been forwarded.
"""

import logging
from collections.abc import Mapping

from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent import configuration
from consent.confirming import Request, Stage, effects, press, read_ticket, request_of
from consent.inbox import Envelope
from consent.requested import contact_of
from consent.tokens import BadToken
from subscriptions.models import SignupForm
from subscriptions.preferences.form import read_post
from subscriptions.preferences.look import language_of, show
from subscriptions.preferences.mask import masked
from subscriptions.preferences.texts import TopicWords, words_of
from subscriptions.preferences.views import try_again

logger = logging.getLogger(__name__)
_KEPT_HEADERS = ("user-agent", "content-type", "accept-language")
_TEMPLATES = {
    Stage.OPEN: "preferences/confirm.html",
    Stage.CONFIRMED: "preferences/confirmed.html",
    Stage.LAPSED: "preferences/confirm_over.html",
    Stage.TAKEN_BACK: "preferences/confirm_over.html",
}


@csrf_exempt
def confirm(request: HttpRequest, ticket: str) -> HttpResponse:
    """The confirmation link."""
    try:
        return _answer(request, ticket)
    except BadToken:
        return show(request, "preferences/bad_link.html", {}, status=404)
    except DatabaseProblem as error:
        logger.error("a confirmation link could not be answered: %s", type(error).__name__)
        return try_again(request)


confirm.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def _answer(request: HttpRequest, ticket: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    asked = request_of(read_ticket(ticket), timezone.now())
    if request.method == "POST" and asked.stage == Stage.OPEN:
        press(asked.ticket, asked, _evidence(request))
        asked = asked._replace(stage=Stage.CONFIRMED)
    context = _context(request, asked)
    return show(request, _TEMPLATES[asked.stage], context, controller_id=asked.controller_id)


def _evidence(request: HttpRequest) -> Envelope:
    body, _ = read_post(request)
    headers = {name: request.headers[name][:500] for name in _KEPT_HEADERS if name in request.headers}
    signal = {"gpc": "1"} if request.headers.get("Sec-GPC") == "1" else {}
    return Envelope(body=body, headers=headers | signal)


def _context(request: HttpRequest, asked: Request) -> Mapping[str, object]:
    snapshot, language = configuration.recent(), language_of(request)
    words = {topic.id: words_of(snapshot, topic.id, language) for topic in asked.topics}
    form = SignupForm.objects.filter(controller_id=asked.controller_id).exists()
    return {
        "controller": snapshot.controller_names[asked.controller_id],
        "slug": snapshot.controllers[asked.controller_id] if form else "",
        "contact": snapshot.controller_contacts.get(asked.controller_id, ""),
        "masked": masked(contact_of(asked.ticket.inbound_id, asked.ticket.key)),
        "notice": asked.notice,
        "topics": list(words.values()),
        "lapsed": asked.stage == Stage.LAPSED,
        **(_told(asked, words) if asked.stage == Stage.CONFIRMED else {}),
    }


def _told(asked: Request, words: Mapping[int, TopicWords]) -> Mapping[str, object]:
    """What is on now, and what is not, whatever was pressed: a page never claims more than a check would allow."""
    found = effects(asked, timezone.now())
    return {
        "on": [words[one.topic.id] for one in found if one.verdict.allowed],
        "off": [words[one.topic.id] for one in found if not one.verdict.allowed and one.verdict.reason != "opted_out"],
        "stopped": [words[one.topic.id] for one in found if one.verdict.reason == "opted_out"],
    }
