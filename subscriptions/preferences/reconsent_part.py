"""The part of a page that asks for new consent: the context of `preferences/reconsent.html`.

{% include "preferences/reconsent.html" with asked=asked %}    where asked = asked_of(link, token, language)
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from consent import configuration, reconsent
from consent.configuration import Snapshot
from consent.models import Notice
from consent.reconsent import Question
from consent.tokens import Token
from subscriptions.preferences.texts import words_of


class Asked(NamedTuple):
    """One question as it is shown. `personal`: it is about what the visitor once agreed to, and is put to them once.

    `old` is None where the page may not tell, or has not got, what that was.
    """

    new: Notice
    old: Notice | None
    slugs: Sequence[str]
    names: Sequence[str]
    action: str
    personal: bool

    def digest(self) -> str:
        """The SHA-256 (hex) of the wording."""
        return hashlib.sha256(self.new.text.encode()).hexdigest()


def asked_of(link: str, token: Token, language: str) -> list[Asked]:
    """What the owner of a link's address, who has proved to be that, is still to be asked; empty most of the time."""
    controller_id = token.scope.controller_id
    if controller_id is None:
        return []
    snapshot = configuration.current()
    languages = languages_of(snapshot, controller_id, language)
    found = reconsent.questions(snapshot, controller_id, token.channel, [token.key], languages, timezone.now())
    return [_shown(one, snapshot, link, language, personal=True) for one in found]


def asked_of_anyone(link: str, token: Token, language: str) -> list[Asked]:
    """The wordings that have changed, whoever holds the link: it tells nothing of its owner."""
    controller_id, snapshot = token.scope.controller_id, configuration.current()
    if controller_id is None:
        return []
    topic = snapshot.topics.get(token.scope.topic_id or 0)
    found = reconsent.wordings(snapshot, controller_id, topic, languages_of(snapshot, controller_id, language))
    return [_shown(one, snapshot, link, language, personal=False) for one in found]


def languages_of(snapshot: Snapshot, controller_id: int, language: str) -> list[str]:
    """The visitor's language, then the controller's."""
    return [language, snapshot.controller_languages.get(controller_id, "en")]


def _shown(one: Question, snapshot: Snapshot, link: str, language: str, *, personal: bool) -> Asked:
    names = [words_of(snapshot, topic.id, language).name for topic in one.topics]
    action = reverse("preferences-consent", args=[link])
    return Asked(one.new, one.old, [topic.slug for topic in one.topics], names, action, personal)
