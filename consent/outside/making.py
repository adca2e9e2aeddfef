"""Lists themselves: found by their slug, made of a kind."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from consent.models import OutsideList, Topic
from consent.models.vocabulary import Cause, Channel
from consent.outside.kinds import kinds

MAX_SLUG = 50


class BadList(Exception):
    """A list that cannot be made. `field` is what is wrong: list, kind, channel, topic …"""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.code, self.detail = field, code, detail


def find_list(controller_id: int | None, slug: str) -> OutsideList | None:
    """A controller's list; without a controller one that denies for everyone."""
    whose = Q(controller__isnull=True) if controller_id is None else Q(controller=controller_id)
    return OutsideList.objects.filter(whose, slug=slug).first()


def make_list(
    controller_id: int | None,
    slug: str,
    kind: str,
    *,
    name: str = "",
    channels: Sequence[str] = (),
    topic: str = "",
    region: str = "",
) -> OutsideList:
    """Make a list of a kind, or find the one that somebody else has just made. Raise `BadList`."""
    known = kinds(datetime.now(UTC).date())
    if kind not in known:
        raise BadList("kind", "unknown_kind", f"one of {', '.join(sorted(known))}")
    if not slug or len(slug) > MAX_SLUG or not all(one.isascii() and (one.isalnum() or one in "-_") for one in slug):
        raise BadList("list", "not_a_slug", f"letters, digits, - and _, at most {MAX_SLUG}")
    if region and not (len(region) == 2 and region.isascii() and region.isalpha()):
        raise BadList("region", "not_a_country", "two letters, such as US")
    preset, wanted = known[kind], tuple(dict.fromkeys(channels))
    if unknown := [one for one in wanted if one not in Channel.values]:
        raise BadList("channel", "unknown_value", f"{unknown[0][:20]} is none of {', '.join(Channel.values)}")
    outside_list = OutsideList(
        controller_id=controller_id,
        slug=slug,
        name=name[:200] or (preset.name if kind != "other" else slug),
        kind=kind,
        source=preset.source,
        channels=list(wanted or preset.channels),
        cause=Cause(preset.cause),
        topic_id=_topic(controller_id, topic),
        region=region.upper() or preset.region,
        age_days=preset.age_days,
    )
    try:
        with transaction.atomic():
            outside_list.save()
    except IntegrityError:
        return find_list(controller_id, slug) or outside_list
    return outside_list


def _topic(controller_id: int | None, slug: str) -> int | None:
    if slug in ("", "*"):
        return None
    found = Topic.objects.filter(controller_id=controller_id, slug=slug).first() if controller_id else None
    if found is None:
        raise BadList("topic", "unknown_topic", "this controller has no such topic")
    return found.pk
