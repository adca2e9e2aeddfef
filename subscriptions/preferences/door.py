"""What the pages of proof have in common: whose link it is, whether its owner is here, and what is said otherwise."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from consent import configuration
from consent.configuration import Snapshot
from consent.tokens import BadToken, Token, read_token
from subscriptions.preferences.forms import form_token, is_own, stale
from subscriptions.preferences.look import private, show
from subscriptions.preferences.proof import is_proved

logger = logging.getLogger(__name__)
GOALS = ("data", "rights", "address")


class Visit(NamedTuple):
    """Somebody at a page of a link. `controller` is its name."""

    link: str
    token: Token
    snapshot: Snapshot
    controller: str

    @property
    def controller_id(self) -> int:
        return self.token.scope.controller_id or 0

    def path(self, name: str = "") -> str:
        """The path of one of the link's pages: the preferences themselves, or `data`, `rights`, `address`, `code`."""
        return reverse(f"preferences-{name}" if name else "preferences", args=[self.link])

    def page(self, request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """A page, in the controller's look."""
        plain = {
            "visit": self,
            "controller": self.controller,
            "home": self.path(),
            "form": form_token(request),
            **context,
        }
        return show(request, f"preferences/{template}", plain, controller_id=self.controller_id, status=status)


Answer = Callable[..., HttpResponseBase]


def answering(view: Answer) -> Answer:
    """A view for people: a link that is none of ours is 404, a database that is away 503."""

    @wraps(view)
    def answer(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        try:
            return view(request, **parts)
        except BadToken:
            return show(request, "preferences/bad_link.html", {}, status=404)
        except DatabaseProblem as error:
            logger.error("a page of proof could not be shown: %s", type(error).__name__)
            return later(request)

    return answer


def later(request: HttpRequest) -> HttpResponse:
    """Nothing was changed: 503."""
    response = show(request, "preferences/try_again.html", {}, status=503)
    response["Retry-After"] = "5"
    return response


def visit_of(link: str) -> Visit:
    """Raise `BadToken` for a link that is none of ours, or whose controller is gone."""
    token, snapshot = read_token(link), configuration.recent()
    controller_id = token.scope.controller_id
    if controller_id is None or controller_id not in snapshot.controllers:
        raise BadToken("a link has a controller")
    return Visit(link, token, snapshot, snapshot.controller_names[controller_id])


def proved(goal: str) -> Callable[[Callable[[HttpRequest, Visit], HttpResponseBase]], Answer]:
    """A page for the owner of the link's address alone. Whoever else holds the link is led to the proof, and the page
    gives nothing away: not even whether there is anything to see."""

    def guard(view: Callable[[HttpRequest, Visit], HttpResponseBase]) -> Answer:
        @wraps(view)
        def guarded(request: HttpRequest, token: str) -> HttpResponseBase:
            visit = visit_of(token)
            if not is_proved(request, visit.token):
                return see_other(f"{visit.path('code')}?for={goal}")
            if request.method not in ("GET", "HEAD", "POST"):
                return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
            if request.method == "POST" and not is_own(request):
                return stale(request)
            return view(request, visit)

        return csrf_exempt(answering(guarded))

    return guard


def see_other(path: str) -> HttpResponse:
    """To another page of ours, by GET, kept by no cache."""
    response = HttpResponseRedirect(path)
    response.status_code = 303
    return private(response)
