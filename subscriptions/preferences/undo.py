"""`/undo/{ticket}`: the owner of an address takes back what a letter said in their name. GET changes nothing."""

import logging

from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from consent import configuration
from consent.tokens import BadToken
from consent.undoing import read_ticket
from subscriptions.preferences.form import Asked, read_post
from subscriptions.preferences.look import private, show
from subscriptions.preferences.views import Page, keep, page_of, shown, try_again

logger = logging.getLogger(__name__)
SOURCE = "link:undo"


@csrf_exempt
@never_cache
def undo(request: HttpRequest, ticket: str) -> HttpResponse:
    """The undo link of a letter's answer."""
    return private(_answer(request, ticket))


undo.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def _answer(request: HttpRequest, ticket: str) -> HttpResponse:
    try:
        found = read_ticket(ticket)
        page = page_of(found.link, found.token, configuration.recent())
        if request.method in ("GET", "HEAD"):
            return shown(request, "preferences/undo_letter.html", page)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
        return _undo(request, page, str(found.inbound_id))
    except BadToken:
        return show(request, "preferences/bad_link.html", {}, status=404)
    except DatabaseProblem as error:
        logger.error("an undo link could not be answered: %s", type(error).__name__)
        return try_again(request)


def _undo(request: HttpRequest, page: Page, inbound_id: str) -> HttpResponse:
    """The token's own scope, which is as far as the letter's word reached."""
    body, _ = read_post(request)
    keep(request, page, Asked("", undoes=inbound_id), [page.token.scope], body, SOURCE)
    return shown(request, "preferences/letter_undone.html", page)
