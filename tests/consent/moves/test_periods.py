"""Whose an address is, and since when, in whatever order words and moves are worked off."""

import pytest

from consent.models import ContactPeriod, Inbound
from tests.consent.core.example import Organisation, ago
from tests.consent.moves.telling import NEW, OLD, THIRD, Telling, key, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def tell(organisation: Organisation) -> Telling:
    return Telling(organisation)


def test_what_is_worked_off_after_the_move_does_not_bring_them_back(tell: Telling) -> None:
    said = tell.say("post", OLD, person="p-1", name="Jane Roe")
    tell.move("post", OLD, NEW, external_id="p-1")
    Inbound.objects.filter(pk=said).update(next_try_at=ago(days=-1))
    work()
    Inbound.objects.filter(pk=said).update(next_try_at=ago(days=1))
    work()
    found = {bytes(one.contact_point_id): one for one in ContactPeriod.objects.all()}
    left, new = found[key("post", OLD)], found[key("post", NEW)]
    assert (len(found), ContactPeriod.objects.count(), new.until) == (2, 2, None)
    assert left.until is not None and left.since < left.until  # noqa: PT018  (it may be none)
    tell.say("post", OLD, person="p-1")
    work()
    assert ContactPeriod.objects.filter(contact_point_id=key("post", OLD), until=None).count() == 1


def test_moves_that_are_worked_off_the_other_way_round_end_where_they_are_now(tell: Telling) -> None:
    first = tell.move("post", OLD, NEW, external_id="p-1")
    tell.move("post", NEW, THIRD, external_id="p-1")
    Inbound.objects.filter(pk=first).update(next_try_at=ago(days=-1))
    work()
    Inbound.objects.filter(pk=first).update(next_try_at=ago(days=1))
    work()
    assert ContactPeriod.objects.count() == 3
    assert ContactPeriod.objects.get(until=None).contact_point_id == key("post", THIRD)
    tell.move("post", THIRD, NEW, external_id="p-1")  # and back
    work()
    assert ContactPeriod.objects.get(until=None).contact_point_id == key("post", NEW)
