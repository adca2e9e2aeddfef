"""What a sign-up form shows: topics in the visitor's words, and the wording that they agree to."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from consent import configuration, notices
from consent.configuration import Snapshot, TopicRule
from consent.mailboxes import writes_from
from consent.models import Notice
from consent.models.vocabulary import TopicClass
from subscriptions.models import SignupForm
from subscriptions.preferences.texts import TopicWords, words_of

CHANNEL = "email"


class Offered(NamedTuple):
    """A topic that can be asked for."""

    slug: str
    words: TopicWords


class Offer(NamedTuple):
    """A form with all that it shows."""

    form: SignupForm
    controller_id: int
    controller: str
    contact: str
    topics: Sequence[Offered]
    notice: Notice
    signal: bool  # the browser's Sec-GPC: sharing is not offered

    def digest(self, topics: Sequence[Offered]) -> str:
        """The SHA-256 (hex) of the words that whoever asks for these topics saw."""
        shown = [self.notice.text, *(part for topic in topics for part in topic.words)]
        return hashlib.sha256("\n".join(shown).encode()).hexdigest()


def offer_of(slug: str, language: str, *, signal: bool) -> Offer | None:
    """The form of a controller. None where there is none, or nothing that it could offer, or no address to ask from."""
    form = SignupForm.objects.select_related("controller").filter(controller__slug=slug).first()
    if form is None:
        return None
    snapshot, owner = configuration.recent(), form.controller
    topics = [
        Offered(topic.slug, words_of(snapshot, topic.id, language)) for topic in _offered(form, snapshot, signal=signal)
    ]
    notice = notices.current(owner.pk, form.notice_slug, [language, owner.language])
    if notice is None or not topics or writes_from(snapshot, owner.pk) is None:
        return None
    return Offer(form, owner.pk, owner.name, owner.contact, topics, notice, signal)


def _offered(form: SignupForm, snapshot: Snapshot, *, signal: bool) -> list[TopicRule]:
    chosen = set(form.topics.values_list("id", flat=True))
    classes = {TopicClass.MARKETING.value} if signal or not chosen else {TopicClass.MARKETING, TopicClass.SHARING}
    return [
        topic
        for topic in snapshot.topics.values()
        if topic.controller_id == form.controller_id
        and CHANNEL in topic.channels
        and topic.topic_class in classes
        and (not chosen or topic.id in chosen)
    ]
