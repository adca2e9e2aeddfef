"""Disconnected numbers: permissions from before end, denials never do, and a new holder inherits no history."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from consent import pipeline, status
from consent.addresses import contact
from consent.lists.dates import end_of_day
from consent.lists.disconnected import accept_disconnected, disconnection
from consent.models import (
    ConsentEvent,
    ContactPeriod,
    ContactPoint,
    Hold,
    Inbound,
    Permission,
    Person,
    Suppression,
)
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from consent.story import read_story
from consent.suppression import derive
from tests.consent.core import histories
from tests.consent.core.example import Organisation, ago, entry, key_of, record
from tests.consent.core.histories import KEY, START
from tests.consent.core.test_ledger import differences
from tests.consent.lists.disconnections import DAY, GONE, GONE_ON, NUMBER, grant, key, reason, tell


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("granted", "after"),
    [
        (GONE - 400 * DAY, "no_consent"),
        (GONE - timedelta(hours=23), "no_consent"),
        (GONE, "no_consent"),
        (GONE + timedelta(microseconds=1), "granted"),
        (GONE + DAY, "granted"),
    ],
)
def test_a_permission_from_before_ends_and_a_later_one_stays(
    organisation: Organisation, granted: datetime, after: str
) -> None:
    grant(organisation, granted)
    assert reason(organisation) == "granted"
    tell(organisation.acme)
    assert reason(organisation) == after
    assert differences() == []


@pytest.mark.django_db
def test_an_older_yes_that_comes_later_counts_no_more(organisation: Organisation) -> None:
    tell(organisation.acme)
    grant(organisation, GONE - DAY)
    assert reason(organisation) == "no_consent"
    grant(organisation, GONE + DAY)
    assert reason(organisation) == "granted"
    tell(organisation.acme, GONE_ON - 30 * DAY)
    assert reason(organisation) == "granted"


@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["acme", "offers", "newsletter", "data-sharing"])
def test_a_permission_of_any_scope_ends(organisation: Organisation, scope: str) -> None:
    grant(organisation, GONE - DAY, scope)
    tell(organisation.acme)
    assert not Permission.objects.exists()


@pytest.mark.django_db
def test_until_it_is_worked_off_it_is_held(organisation: Organisation) -> None:
    grant(organisation, GONE - DAY)
    accept_disconnected([disconnection(NUMBER, GONE_ON)], organisation.acme.pk, by="api", actor="")
    assert reason(organisation) == "held"
    pipeline.drain()
    assert not Hold.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "cause", "topic", "expected"),
    [
        ("withdraw", "stop", "service", "opted_out"),
        ("withdraw", "choice", "offers", "opted_out"),
        ("object", "complaint", "offers", "complaint"),
        ("invalidate", "deceased", "service", "deceased"),
        ("invalidate", "hard_bounce", "service", "hard_bounce"),
        ("object", "listed", "offers", "listed"),
    ],
)
@pytest.mark.parametrize("days", [-30, 30])
def test_a_denial_stays(
    organisation: Organisation, action: str, cause: str, topic: str, expected: str, days: int
) -> None:
    said = GONE + days * DAY
    record(entry(key(), organisation.scope("acme"), action, cause, channel="sms", occurred_at=said))
    before = list(Suppression.objects.values_list("key", "cause", "since", "event_id"))
    tell(organisation.acme)
    assert reason(organisation, topic) == expected
    assert list(Suppression.objects.values_list("key", "cause", "since", "event_id")) == before


@pytest.mark.django_db
def test_a_start_gives_back_nothing_of_the_former_holder(organisation: Organisation) -> None:
    grant(organisation, GONE - 2 * DAY)
    said = {"channel": "sms", "sender": "+15550100001"}
    record(entry(key(), organisation.scope("acme"), "withdraw", "stop", occurred_at=GONE - DAY, **said))
    tell(organisation.acme)
    record(entry(key(), organisation.scope("acme"), "lift", "stop", occurred_at=GONE + DAY, **said))
    assert reason(organisation) == "no_consent"


@pytest.mark.django_db
def test_another_controllers_permissions_are_its_own(organisation: Organisation) -> None:
    grant(organisation, GONE - DAY)
    grant(organisation, GONE - DAY, "globex")
    tell(organisation.globex)
    assert reason(organisation) == "granted"
    assert Permission.objects.get().controller_id == organisation.acme.pk
    grant(organisation, GONE - DAY, "globex")
    tell(organisation.acme, everywhere=True)
    assert not Permission.objects.exists()
    assert ConsentEvent.objects.get(controller=None).action == "invalidate"


@pytest.mark.django_db
def test_told_again_it_adds_nothing(organisation: Organisation) -> None:
    for _ in range(3):
        tell(organisation.acme)
    same = [disconnection(NUMBER, GONE_ON), disconnection("+1 (415) 555-0123", GONE_ON)]
    kept = accept_disconnected(same, organisation.acme.pk, by="api", actor="")
    assert {one.again for one in kept} == {True}
    assert ConsentEvent.objects.count() == Inbound.objects.count() == 1
    tell(organisation.globex)
    assert ConsentEvent.objects.count() == 2


@pytest.mark.django_db
def test_today_is_cut_to_the_moment_it_was_told(organisation: Organisation) -> None:
    grant(organisation, ago(minutes=5))
    tell(organisation.acme, datetime.now(UTC).date())
    assert reason(organisation) == "no_consent"
    assert ConsentEvent.objects.get(action="invalidate").occurred_at <= timezone.now()


# --- people ---


def name(organisation: Organisation, external_id: str, controller: str = "acme") -> None:
    """A controller names a person with the number."""
    statement = Statement(
        channel="sms",
        address=NUMBER,
        action="opt_in",
        topic="offers",
        person=PersonKnown(external_id=external_id),
    )
    accept_statement(statement, getattr(organisation, controller).pk, source="api", actor="key:tests")
    pipeline.drain()


def began(external_id: str, since: datetime) -> None:
    ContactPeriod.objects.filter(person__external_id=external_id).update(since=since)


@pytest.mark.django_db
def test_the_former_holders_time_ends_and_the_next_ones_begins(organisation: Organisation) -> None:
    name(organisation, "former")
    began("former", GONE - 100 * DAY)
    name(organisation, "foreign", "globex")
    began("foreign", GONE - 100 * DAY)
    tell(organisation.acme)
    name(organisation, "next")
    periods = {row.person.external_id: row.until for row in ContactPeriod.objects.select_related("person")}
    assert periods == {"former": GONE, "foreign": None, "next": None}
    tell(organisation.acme, everywhere=True)
    assert ContactPeriod.objects.get(person__external_id="foreign").until == GONE
    assert ContactPeriod.objects.get(person__external_id="next").until is None


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_period_ends_with_the_first_disconnection_after_it_began(
    organisation: Organisation, order: tuple[int, int]
) -> None:
    name(organisation, "former")
    began("former", GONE - 100 * DAY)
    days = [GONE_ON, GONE_ON - 30 * DAY]
    tell(organisation.acme, GONE_ON - 200 * DAY)
    for place in order:
        tell(organisation.acme, days[place])
    assert ContactPeriod.objects.get().until == end_of_day(days[1])


@pytest.mark.django_db
def test_a_person_told_of_before_and_worked_off_after_is_a_former_holder(organisation: Organisation) -> None:
    tell(organisation.acme)
    statement = Statement(
        channel="sms", address=NUMBER, action="opt_out", person=PersonKnown(external_id="late"), topic="*"
    )
    accepted = accept_statement(statement, organisation.acme.pk, source="api", actor="")
    Inbound.objects.filter(pk=accepted.id).update(received_at=GONE - DAY)
    pipeline.drain()
    assert ContactPeriod.objects.get().until == GONE
    assert Person.objects.get().external_id == "late"


@pytest.mark.django_db
def test_the_story_tells_former_and_present_apart(organisation: Organisation) -> None:
    record(
        entry(key(), organisation.scope("acme"), "withdraw", "choice", channel="sms", occurred_at=GONE - DAY),
        entry(key(), organisation.scope("offers"), "withdraw", "choice", channel="sms", occurred_at=GONE + DAY),
    )
    plain = read_story([key()], contact("sms", NUMBER), with_contents=False)
    assert (plain.disconnected, {row.former for row in plain.standing}) == ((), {False})
    tell(organisation.acme)
    story = read_story([key()], contact("sms", NUMBER), with_contents=True)
    assert story.disconnected == (GONE,)
    assert {(row.scope, row.former) for row in story.standing} == {("Acme: everything", True), ("Acme: Offers", False)}
    [chapter] = story.chapters
    assert not chapter.former
    assert chapter.contents is not None
    assert ("Disconnected on", "2026-03-05") in chapter.contents.fields


@pytest.mark.django_db
def test_no_number_stands_anywhere_in_clear(organisation: Organisation) -> None:
    tell(organisation.acme)
    rows = [*Inbound.objects.values_list(), *ConsentEvent.objects.values_list()]
    assert NUMBER[1:] not in repr(rows)
    assert not ContactPoint.objects.exists()


# --- any history ---


def denials(lines: list[Any]) -> set[Any]:
    return set(derive(lines).denials)


def test_in_any_history_no_denial_disappears_and_every_older_permission_ends() -> None:
    random = Random(21)
    for _ in range(3000):
        lines = histories.history(random)
        scope = random.choice(histories.SCOPES[:3])
        at = START + timedelta(minutes=random.randint(-1, 6))
        gone = histories.line(random.choice, 99, histories.Field([("invalidate", "")], [scope], [0]))
        gone = gone._replace(occurred_at=at, inbound_id=None, undoes=None, key=KEY)
        told = [*lines, gone]
        random.shuffle(told)
        assert denials(told) == denials(lines)
        before, after = derive(lines).grants, derive(told).grants
        ended = {one for one in before if scope.contains(one.scope) and one.since <= at}
        # A later wish for a permission is seen where the permission is gone that it stood behind.
        seen_now = {one for one in after if one.requested and one.since > at}
        assert set(after) - seen_now == set(before) - ended - seen_now


@pytest.mark.django_db
def test_many_histories_and_disconnections_rebuild_to_the_same(organisation: Organisation) -> None:
    random, scopes = Random(5), ("acme", "offers", "newsletter", "globex", "everything")
    numbers = [f"+1415555{place:04d}" for place in range(1000, 1040)]
    for number in numbers:
        for _ in range(random.randint(0, 4)):
            action, cause = random.choice(
                [("grant", ""), ("withdraw", "stop"), ("withdraw", "choice"), ("lift", "stop")]
            )
            at = GONE + random.randint(-5, 5) * DAY
            said = {"channel": "sms", "occurred_at": at, "basis": "opt_in" if action == "grant" else ""}
            record(entry(key_of("sms", number), organisation.scope(random.choice(scopes)), action, cause, **said))
    standing = set(Suppression.objects.values_list("key", "controller", "topic", "cause", "sender", "since"))
    told = [disconnection(number, GONE_ON + random.randint(-4, 4) * DAY) for number in numbers * 2]
    accept_disconnected(told, organisation.acme.pk, by="api", actor="")
    pipeline.drain()
    assert standing == set(Suppression.objects.values_list("key", "controller", "topic", "cause", "sender", "since"))
    last: dict[bytes, datetime] = {key_of("sms", one.number): one.at for one in sorted(told, key=lambda one: one.at)}
    own = Permission.objects.filter(controller=organisation.acme)
    assert all(since > last[known] for known, since in own.values_list("key", "since"))
    assert differences() == []


@pytest.mark.django_db
def test_as_of_a_moment_before_it_was_allowed(organisation: Organisation) -> None:
    grant(organisation, GONE - 2 * DAY)
    tell(organisation.acme)
    asked = [(GONE - DAY, "granted"), (GONE + DAY, "no_consent")]
    for at, expected in asked:
        _, made = status.check_at(organisation.acme.pk, "newsletter", "sms", [key()], at)
        assert made.reason == expected
