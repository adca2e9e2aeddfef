"""`/preferences/{token}/consent`: a wording has changed, and people are asked whether they agree to the new one.

Whoever has proved to own the address is asked about what they agreed to, once, and their answer counts at once. By link
alone the page shows the wording, which is public, and nothing of the owner: a yes sends the owner a message first.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec
from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent import configuration, inbox, reconsent
from consent.configuration import TopicRule
from consent.inbox import Arrival, Envelope
from consent.reconsent import Answer, Given
from consent.statement import NoticeSeen
from consent.tokens import BadToken, Token, read_token
from subscriptions.preferences.form import read_post
from subscriptions.preferences.look import language_of, show
from subscriptions.preferences.proof import is_proved
from subscriptions.preferences.reconsent_part import Asked, asked_of, asked_of_anyone
from subscriptions.preferences.views import try_again

logger = logging.getLogger(__name__)
_KEPT_HEADERS = ("user-agent", "accept-language")
_ANSWERS = ("agree", "no", "not_now")
Find = Callable[[str, Token, str], Sequence[Asked]]


@csrf_exempt
def consent_again(request: HttpRequest, token: str) -> HttpResponse:
    """The page that asks for new consent. The proof's cookie comes from our own forms alone (SameSite=Strict)."""
    try:
        return _answer(request, token, _token(token))
    except BadToken:
        return show(request, "preferences/bad_link.html", {}, status=404)
    except DatabaseProblem as error:
        logger.error("a question about new consent could not be answered: %s", type(error).__name__)
        return try_again(request)


consent_again.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def _token(link: str) -> Token:
    token = read_token(link)
    if token.scope.controller_id not in configuration.recent().controllers:
        raise BadToken("a link has a controller")
    return token


def _answer(request: HttpRequest, link: str, token: Token) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    proved = is_proved(request, token)
    find: Find = asked_of if proved else asked_of_anyone
    asked, said = find(link, token, language_of(request)), None
    if request.method == "POST":
        body, form = read_post(request)
        one = _asked_about(form, asked)
        if one is not None:
            said = cast(Given, form.get("answer"))
            _keep(request, link, token, Answered(one, said, proved), body)
            asked = [other for other in asked if other is not one]
    return _shown(request, link, token, {"asked": asked, "said": said, "proved": proved})


class Answered(msgspec.Struct, frozen=True):
    """An answer to one of the questions of a page."""

    about: Asked
    answer: Given
    proved: bool


def _asked_about(form: QueryDict, asked: Sequence[Asked]) -> Asked | None:
    """The question that was answered. None if it is not, or no longer, asked in these words: they are shown again."""
    if form.get("answer") not in _ANSWERS:
        return None
    about = (form.get("notice"), form.get("version"), form.get("language"), form.getlist("topic"))
    return next((one for one in asked if about == _fields_of(one)), None)


def _fields_of(one: Asked) -> tuple[str, str, str, list[str]]:
    return (one.new.slug, str(one.new.version), one.new.language, [*one.slugs])


def _shown(request: HttpRequest, link: str, token: Token, found: Mapping[str, Any]) -> HttpResponse:
    snapshot, controller_id = configuration.recent(), token.scope.controller_id or 0
    context = {"controller": snapshot.controller_names[controller_id], "link": link, **found}
    return show(request, "preferences/consent.html", context, controller_id=controller_id)


def _keep(request: HttpRequest, link: str, token: Token, answered: Answered, body: bytes) -> None:
    one, stops = answered.about, _stopped(token, answered)
    told = Answer(
        answer=answered.answer,
        notice=NoticeSeen(one.new.slug, one.new.version, one.new.language),
        topics=tuple(one.slugs),
        names=tuple(one.names),
        language=language_of(request),
        shown=one.digest(),
        stops=tuple(topic.slug for topic in stops),
    )
    kept = {name: request.headers[name][:500] for name in _KEPT_HEADERS if name in request.headers}
    headers = kept | {"form": body.decode("utf-8", "replace")}
    inbox.accept(
        Arrival(
            controller_id=token.scope.controller_id or 0,
            source=reconsent.BY_OWNER if answered.proved else reconsent.BY_LINK,
            channel=token.channel,
            endpoint=link,
            envelope=Envelope(body=msgspec.json.encode(told), headers=headers),
            holds=[(token.key, topic.line[-1]) for topic in stops],
        )
    )


def _stopped(token: Token, answered: Answered) -> list[TopicRule]:
    """What a no denies from the answer on."""
    if answered.answer != "no":
        return []
    snapshot, controller_id = configuration.current(), token.scope.controller_id or 0
    named = [snapshot.topics_by_slug[controller_id, slug] for slug in answered.about.slugs]
    waiting = reconsent.changed(snapshot, controller_id, token.channel, [token.key], timezone.now())
    return reconsent.scopes_of_no(named, waiting, answered.about.new.slug)
