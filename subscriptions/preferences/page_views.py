"""`/preferences/{token}`: GET shows a page and changes nothing; POST saves, and sends back to the page.

By link alone (by_link.py) it shows nothing of the owner. Whoever proved to own the address (by_owner.py) sees and
changes all that is theirs. A post that is no form of ours is a one-click request, as at `/u/{token}`.
"""

import logging

from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from consent import configuration
from consent.tokens import BadToken, read_token
from subscriptions.preferences import by_link, by_owner
from subscriptions.preferences.form import read_post
from subscriptions.preferences.look import private, show
from subscriptions.preferences.owner_seen import look
from subscriptions.preferences.views import act, page_of
from subscriptions.preferences.visit import Visit, visit_of

# A form of this page that cannot be read (cut short, too many fields) is no one-click request.
_OURS = (b"page=preferences", b"page=owner")
logger = logging.getLogger(__name__)


@csrf_exempt
@never_cache
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """The preference page."""
    return private(_answer(request, token))


preferences.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def _answer(request: HttpRequest, link: str) -> HttpResponse:
    try:
        page = page_of(link, read_token(link), configuration.recent())
        if request.method in ("GET", "HEAD"):
            return _shown(visit_of(request, page))
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
        body, form = read_post(request)
        if form.get("page") in ("preferences", "owner"):
            return _save(visit_of(request, page), form)
        if body.startswith(_OURS):
            return by_link.show_page(visit_of(request, page), problem="Unreadable", status=400)
        return act(request, page, body, form)
    except BadToken:
        return show(request, "preferences/bad_link.html", {}, status=404)
    except DatabaseProblem as error:
        logger.error("the preference page could not be answered: %s", type(error).__name__)
        return _try_again(request)


def _shown(visit: Visit) -> HttpResponse:
    return by_owner.show_page(look(visit)) if visit.proved else by_link.show_page(visit)


def _save(visit: Visit, form: QueryDict) -> HttpResponse:
    if form["page"] == "preferences":
        return by_link.save(visit, form)
    return by_owner.save(visit, form) if visit.proved else by_owner.not_proved(visit, form)


def _try_again(request: HttpRequest) -> HttpResponse:
    """Nothing is known to be saved: 503."""
    response = show(request, "preferences/try_again.html", {}, status=503)
    response["Retry-After"] = "5"
    return response
