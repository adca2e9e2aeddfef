"""Which wording counts now, and in which language a person reads it."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from consent.models import Notice, Permission

_OTHERWISE = "en"


def current(controller_id: int, slug: str, languages: Sequence[str]) -> Notice | None:
    """The newest published version of a notice, in the first of these languages that it is written in.

    Without any of them it is English or, if need be, whatever there is: the newest version in a foreign language is
    what counts, an older one in the reader's own is not. None where nothing is published.
    """
    return best(_published(controller_id, slug), languages)


def version(controller_id: int, slug: str, number: int, languages: Sequence[str]) -> Notice | None:
    """A version of a notice that people saw, in the first of these languages that it is written in."""
    return best([one for one in _published(controller_id, slug) if one.version == number], languages)


def _published(controller_id: int, slug: str) -> list[Notice]:
    found = Notice.objects.filter(controller_id=controller_id, slug=slug, draft=False, published_at__lte=timezone.now())
    return list(found.order_by("id"))


def best(notices: Sequence[Notice], languages: Sequence[str]) -> Notice | None:
    """Of the newest of some versions, the one that a reader of these languages, the best first, reads best."""
    newest = max((one.version for one in notices), default=None)
    wanted = [*languages, _OTHERWISE]
    rank = {language: place for place, language in reversed(list(enumerate(wanted)))}
    return min(
        (one for one in notices if one.version == newest),
        key=lambda one: rank.get(one.language, len(wanted)),
        default=None,
    )


def resting_on_older(notice: Notice) -> int:
    """How many permissions in force were given to an older version of a notice."""
    given = Permission.objects.filter(
        Q(until=None) | Q(until__gt=timezone.now()),
        controller_id=notice.controller_id,
        notice_slug=notice.slug,
        notice_version__lt=notice.version,
        requested=False,
    )
    return given.filter(topic_id=notice.topic_id).count() if notice.topic_id else given.count()
