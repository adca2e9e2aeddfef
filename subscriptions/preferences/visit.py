"""A visit to the preference page: who looks at which address, and what the pages need of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from consent import inbox
from consent.choices import BY_LINK, BY_OWNER, Choices, Word, accept_choices
from consent.choosing import less_of, word
from consent.configuration import TopicRule
from consent.models.vocabulary import TopicClass
from consent.owners import Owned, address_of, others_of
from subscriptions.preferences.look import language_of, show
from subscriptions.preferences.months import MONTHS
from subscriptions.preferences.proof import is_proved
from subscriptions.preferences.saved import Saved, saved_of
from subscriptions.preferences.texts import TopicWords, words_of
from subscriptions.preferences.views import Page

_KEPT_HEADERS = ("user-agent", "accept-language", "sec-gpc")


class Offered(NamedTuple):
    """A topic as a page names it. `less`: what brings the same less often."""

    slug: str
    words: TopicWords
    less: "Offered | None" = None


class Visit(NamedTuple):
    """A request with what its link stands for. `address` is what we know of the link's address."""

    request: HttpRequest
    page: Page
    address: Owned
    proved: bool
    language: str
    now: datetime

    @property
    def link(self) -> str:
        return self.page.link

    @property
    def controller_id(self) -> int:
        return self.page.token.scope.controller_id or 0

    @property
    def gpc(self) -> bool:
        """Whether the browser sends the Global Privacy Control signal (exactly `1`)."""
        return self.request.headers.get("Sec-GPC") == "1"

    @property
    def sharing(self) -> list[TopicRule]:
        """The controller's topics of sharing with others, on any channel."""
        topics = self.page.snapshot.topics.values()
        own = [topic for topic in topics if topic.controller_id == self.controller_id]
        return [topic for topic in own if topic.topic_class == TopicClass.SHARING]

    def others(self) -> list[Owned]:
        return others_of(self.controller_id, self.address.key)

    def offered(self, topic: TopicRule, channel: str = "") -> Offered:
        """A topic in the visitor's language."""
        less = less_of(self.page.snapshot, topic, channel) if channel else None
        try:
            words = words_of(self.page.snapshot, topic.id, self.language)
        except KeyError:  # deleted this very moment
            words = TopicWords(topic.name, "", "")
        return Offered(topic.slug, words, self.offered(less) if less else None)


def visit_of(request: HttpRequest, page: Page) -> Visit:
    """Begin a visit."""
    token = page.token
    address = address_of(token.channel, token.key)
    return Visit(request, page, address, is_proved(request, token), language_of(request), timezone.now())


def saved_in(visit: Visit) -> Saved | None:
    """The save that the visitor comes from, if there is one."""
    ticket = visit.request.GET.get("saved", "")
    return saved_of(ticket, visit.link) if ticket else None


def path_of(name: str, visit: Visit) -> str:
    """The path of a page beside this one; "" where there is none."""
    try:
        return reverse(name, args=[visit.link])
    except NoReverseMatch:
        return ""


def here(visit: Visit, **query: str) -> str:
    """The page itself, in the language that the visitor asked for."""
    language = visit.request.GET.get("lang")
    asked = ({"lang": language} if language else {}) | query
    path = reverse("preferences", args=[visit.link])
    return f"{path}?{urlencode(asked)}" if asked else path


def shown_with(visit: Visit, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page of this visit."""
    every = {"visit": visit, "page": visit.page, "here": here(visit), "months": MONTHS}
    return show(visit.request, template, {**every, **context}, controller_id=visit.controller_id, status=status)


def sharing_noes(visit: Visit, addresses: Sequence[Owned]) -> tuple[Word, ...]:
    """A no to all sharing with others, of all the addresses."""
    return tuple(
        word(address, topic.slug, "off")
        for address in addresses
        for topic in visit.sharing
        if address.channel in topic.channels
    )


def with_signal(visit: Visit, choices: Choices, addresses: Sequence[Owned]) -> Choices:
    """The same with the no to sharing that the browser's signal says."""
    return msgspec.structs.replace(choices, signal=sharing_noes(visit, addresses)) if visit.gpc else choices


def keep(visit: Visit, choices: Choices, addresses: Sequence[Owned]) -> inbox.Accepted:
    """Take a save in. When this returns, it is committed, and every no of it is obeyed."""
    about = {key for word in (*choices.words, *choices.signal) for key in word.keys}
    headers = {name: visit.request.headers[name] for name in _KEPT_HEADERS if name in visit.request.headers}
    return accept_choices(
        choices,
        controller_id=visit.controller_id,
        channel=visit.address.channel,
        link=visit.link,
        source=BY_OWNER if visit.proved else BY_LINK,
        headers=headers,
        homes=[one.contact for one in addresses if one.key.hex() in about and one.channel == "post" and one.contact],
        snapshot=visit.page.snapshot,
    )
