"""`/u/{token}`: GET shows a page and changes nothing; POST acts. `/preferences/{token}` takes one-click posts too.

The token is the authority (RFC 8058 §3.2): no cookie, no login, no CSRF token, and a body that cannot be read does not
make a one-click request fail. The pages show nobody's choices, so that a forwarded message gives nothing away.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from consent import configuration, inbox
from consent.configuration import Scope, Snapshot, TopicRule
from consent.inbox import Accepted, Arrival, Envelope
from consent.interpret.link import scopes_of
from consent.models.vocabulary import TopicClass
from consent.tokens import BadToken, Token, read_token, token_in
from subscriptions.preferences.form import (
    ONE_CLICK,
    Asked,
    NothingChosen,
    UndoExpired,
    UnknownTopic,
    is_our_form,
    read_form,
    read_post,
    undo_ticket,
)
from subscriptions.preferences.look import private, show
from subscriptions.preferences.pressing import evidence_of
from subscriptions.preferences.wording import WORDS, Words

logger = logging.getLogger(__name__)
_ONE_CLICK = "link:one_click"


@csrf_exempt
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The unsubscribe link."""
    return private(_answer(request, token, "preferences/unsubscribe.html"))


unsubscribe.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


class Page(NamedTuple):
    """What the pages show: names of topics and of the controller, nothing of the person."""

    link: str
    token: Token
    snapshot: Snapshot
    controller: str
    topic: TopicRule | None
    topics: Sequence[TopicRule]
    words: Words

    @property
    def shares(self) -> bool:
        """Whether stopping everything also stops the sharing of data."""
        return any(topic.topic_class == TopicClass.SHARING for topic in self.topics)


def shown(request: HttpRequest, template: str, page: Page, *, status: int = 200, **more: Any) -> HttpResponse:
    """A page of a link, in the look of the link's controller."""
    of = page.token.scope.controller_id
    return show(request, template, {"page": page, **more}, controller_id=of, status=status)


def _answer(request: HttpRequest, written: str, template: str) -> HttpResponse:
    try:
        link = token_in(written)
        page = page_of(link, read_token(link), configuration.recent())
        if request.method in ("GET", "HEAD"):
            return shown(request, template, page)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
        return act(request, page, *read_post(request))
    except BadToken:
        return show(request, "preferences/bad_link.html", {}, status=404)
    except DatabaseProblem as error:
        logger.error("a link could not be answered: %s", type(error).__name__)
        return try_again(request)


def try_again(request: HttpRequest) -> HttpResponse:
    """Nothing was changed: 503."""
    response = show(request, "preferences/try_again.html", {}, status=503)
    response["Retry-After"] = "5"
    return response


def page_of(link: str, token: Token, snapshot: Snapshot) -> Page:
    """Raise `BadToken` if its controller is gone. A topic that is gone leaves the choice among the others, or all."""
    controller_id = token.scope.controller_id
    if controller_id is None or controller_id not in snapshot.controllers:
        raise BadToken("a link has a controller")
    topics = _stoppable(snapshot, controller_id, token.channel)
    topic = next((topic for topic in topics if topic.id == token.scope.topic_id), None)
    return Page(link, token, snapshot, snapshot.controller_names[controller_id], topic, topics, WORDS[token.channel])


def _stoppable(snapshot: Snapshot, controller_id: int, channel: str) -> list[TopicRule]:
    return [
        topic
        for topic in snapshot.topics.values()
        if topic.controller_id == controller_id
        and channel in topic.channels
        and topic.topic_class != TopicClass.SERVICE
    ]


def act(request: HttpRequest, page: Page, body: bytes, form: QueryDict) -> HttpResponse:
    """Do what a post to a link says. Raise a database error where it could not be kept."""
    if not is_our_form(form):
        keep(request, page, ONE_CLICK, [page.token.scope], body, _ONE_CLICK)
        return HttpResponse("Unsubscribed.\n", content_type="text/plain")
    try:
        asked = read_form(form, page.topics, page.link)
    except (NothingChosen, UnknownTopic, UndoExpired) as error:
        # Without a choice comes only a form that no page has any more: to its sender, too, the list has changed.
        problem = UndoExpired if isinstance(error, UndoExpired) else UnknownTopic
        return shown(request, "preferences/unsubscribe.html", page, status=400, problem=problem.__name__)
    scopes = scopes_of(page.token, asked.scope, page.snapshot)
    accepted = keep(request, page, asked, scopes, body, "link:page")
    undo = "" if asked.undoes else undo_ticket(accepted.id, page.link)
    return shown(request, "preferences/done.html", page, undo=undo, **_done(page, asked, scopes))


def _done(page: Page, asked: Asked, scopes: Sequence[Scope]) -> Mapping[str, Any]:
    """What was said about what. A link whose topic is gone has neither a topic to name nor all."""
    said = {scope.topic_id for scope in scopes}
    return {
        "undone": bool(asked.undoes),
        "whole": None in said,
        "topics": [topic for topic in page.topics if topic.id in said],
    }


def keep(request: HttpRequest, page: Page, asked: Asked, scopes: Sequence[Scope], body: bytes, source: str) -> Accepted:
    """Take in what was asked. Acknowledged, it is obeyed."""
    evidence = evidence_of(request, body, ours=source != _ONE_CLICK)
    return inbox.accept(
        Arrival(
            controller_id=page.token.scope.controller_id or 0,
            source=source,
            channel=page.token.channel,
            endpoint=page.link,
            envelope=Envelope(body=body, headers=evidence | asked._asdict()),
            holds=[] if asked.undoes else [(page.token.key, scope) for scope in scopes],
        )
    )
