"""How old lists are. One that is too old warns, and goes on denying: a suppression never ages out by itself."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max

from consent.models import OutsideList
from consent.models.vocabulary import VersionState

SOON_DAYS = 7  # a list warns so many days before it is too old


class Age(NamedTuple):
    """A list, the date of its newest version in force, and the days that are left; negative when it is too old."""

    list_id: int
    controller_id: int | None
    slug: str
    name: str
    as_of: date
    days_left: int

    @property
    def expired(self) -> bool:
        return self.days_left < 0

    @property
    def soon(self) -> bool:
        return 0 <= self.days_left <= SOON_DAYS


def ages(today: date | None = None) -> list[Age]:
    """The lists that age and are kept up, the oldest first. Those without a version in force have no age."""
    day = today or datetime.now(UTC).date()
    kept_up = OutsideList.objects.filter(
        retired_at=None, age_days__isnull=False, versions__state=VersionState.CURRENT
    ).annotate(newest=Max("versions__as_of"))
    found = [_age(one, one.newest, day) for one in kept_up]
    return sorted(found, key=lambda age: (age.days_left, age.slug))


def age_of(outside_list: OutsideList, today: date | None = None) -> Age | None:
    """One list's age; None where it has none."""
    current = outside_list.versions.filter(state=VersionState.CURRENT)
    newest = current.aggregate(newest=Max("as_of"))["newest"]
    if newest is None or outside_list.age_days is None:
        return None
    return _age(outside_list, newest, today or datetime.now(UTC).date())


def _age(of: OutsideList, as_of: date, today: date) -> Age:
    until = as_of + timedelta(days=min(of.age_days or 0, 36_500))
    return Age(of.pk, of.controller_id, of.slug, of.name, as_of, (until - today).days)
