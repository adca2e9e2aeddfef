"""`/u/{token}` and `/preferences/{token}`: GET shows a page and changes nothing; POST acts.

The token is the authority (RFC 8058 §3.2): no cookie, no login, no CSRF token, and a body that cannot be read does not make a
one-click request fail. The pages show nobody's choices, so that a forwarded message gives nothing away.
"""

import logging

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from consent import configuration, inbox
from consent.configuration import Scope, Snapshot, TopicRule
from consent.inbox import Arrival, Envelope
from consent.interpret.link import WIDER, scopes_of
from consent.models.vocabulary import TopicClass
from consent.tokens import BadToken, Token, read_token

logger = logging.getLogger(__name__)
_KEPT_HEADERS = ("user-agent", "content-type")
_MAX_KEPT_BODY = 10_000


@csrf_exempt
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The unsubscribe link."""
    return _answer(request, token, "preferences/unsubscribe.html")


@csrf_exempt
@never_cache
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """The preference page by link: stop some topics, or all."""
    return _answer(request, token, "preferences/preferences.html")


for _view in (unsubscribe, preferences):
    _view.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def _answer(request: HttpRequest, text: str, template: str) -> HttpResponse:
    try:
        token = read_token(text)
        page = _page(configuration.recent(), token)
        if request.method in ("GET", "HEAD"):
            return render(request, template, page)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
        return _act(request, text, token, page)
    except (BadToken, KeyError):
        return render(request, "preferences/bad_link.html", status=404)
    except DatabaseError as error:
        logger.error("a click could not be stored: %s", type(error).__name__)
        return render(request, "preferences/try_again.html", status=503, headers={"Retry-After": "5"})


def _page(snapshot: Snapshot, token: Token) -> dict[str, object]:
    """What a page shows: names of topics and of the controller, nothing of the person."""
    controller_id = token.scope.controller_id
    if controller_id is None:
        raise BadToken("a link has a controller")
    topic = snapshot.topics[token.scope.topic_id] if token.scope.topic_id else None
    return {
        "controller": snapshot.controller_names[controller_id],
        "topic": topic,
        "topics": _stoppable(snapshot, controller_id, token.channel),
    }


def _stoppable(snapshot: Snapshot, controller_id: int, channel: str) -> list[TopicRule]:
    return [
        topic
        for topic in snapshot.topics.values()
        if topic.controller_id == controller_id and channel in topic.channels and topic.topic_class != TopicClass.SERVICE
    ]


def _act(request: HttpRequest, text: str, token: Token, page: dict[str, object]) -> HttpResponse:
    body, form = _body(request), _form(request)
    from_page = "page" in form
    said = {"word": "yes" if form.get("word") == "yes" else "no", "scope": _scope(form)}
    if from_page and form["page"] == "preferences" and not said["scope"]:
        return render(request, "preferences/preferences.html", {**page, "nothing_chosen": True}, status=400)
    scopes = scopes_of(token, said["scope"], configuration.recent()) or [token.scope]
    _keep(request, text, token, said, scopes, body, "link:page" if from_page else "link:one_click")
    if not from_page:
        return HttpResponse("Unsubscribed.\n", content_type="text/plain")
    return render(request, "preferences/done.html", {**page, **said, **_done(scopes, said["word"])})


def _body(request: HttpRequest) -> bytes:
    """The body as evidence, cut. One that is too large to be read is no reason to fail."""
    try:
        return request.body[:_MAX_KEPT_BODY]
    except (RequestDataTooBig, OSError):
        return b""


def _form(request: HttpRequest) -> QueryDict:
    """The form's fields, or none: a body that cannot be parsed is a one-click all the same."""
    try:
        return request.POST
    except Exception as error:
        logger.info("a one-click body could not be parsed (%s)", type(error).__name__)
        return QueryDict()


def _scope(form: QueryDict) -> str:
    return WIDER if form.get("scope") == WIDER else ",".join(form.getlist("topic"))[:400]


def _done(scopes: list[Scope], word: str) -> dict[str, object]:
    topics = configuration.recent().topics
    return {
        "whole": any(scope.topic_id is None for scope in scopes),
        "names": [topics[scope.topic_id].name for scope in scopes if scope.topic_id],
        "undone": word == "yes",
    }


def _keep(
    request: HttpRequest, text: str, token: Token, said: dict[str, str], scopes: list[Scope], body: bytes, source: str
) -> None:
    headers = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
    inbox.accept(
        Arrival(
            controller_id=token.scope.controller_id or 0,
            source=source,
            channel=token.channel,
            endpoint=text,
            envelope=Envelope(body=body, headers=headers | said),
            holds=[] if said["word"] == "yes" else [(token.key, scope) for scope in scopes],
        )
    )
