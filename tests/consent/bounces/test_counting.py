"""How many failures make an address a dead one, and what takes that back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consent import inbox, pipeline
from consent.configuration import Scope
from consent.inbox import Arrival, Envelope
from consent.intake.mail_event import MailEvent
from consent.models import ConsentEvent, CountedBounce
from tests.consent.bounces.conftest import Arrive
from tests.consent.bounces.reports import DEAD, FULL, JANE, id_of, report
from tests.consent.core.example import Organisation, ask, entry, key_of, record
from tests.consent.core.test_ledger import differences

pytestmark = pytest.mark.django_db
NOW = (timezone.now() - timedelta(days=1)).replace(hour=12)  # no day ends between two events of a test


def reason(organisation: Organisation, address: str = JANE) -> str:
    return ask(organisation, "service", [key_of("email", address)]).reason


def tell(organisation: Organisation, *events: MailEvent) -> None:
    """Take in a verified provider's events at once and work them off."""
    arrivals = [
        Arrival(
            controller_id=organisation.acme.pk,
            source="esp:postmark",
            channel="email",
            envelope=Envelope(mail_event=event),
            holds=(),
            received_at=event.occurred_at,
        )
        for event in events
    ]
    inbox.accept_many(arrivals)
    pipeline.drain()
    assert not differences()


def event(kind: str, days_ago: float = 0, who: str = JANE, **more: Any) -> MailEvent:
    return MailEvent(kind, recipients=(who,), occurred_at=NOW - timedelta(days=days_ago), **more)


def full(days_ago: float) -> MailEvent:
    return event("bounced", days_ago, fails=True)


def test_soft_bounces_on_enough_days(arrive: Arrive, organisation: Organisation) -> None:
    for day in (5, 4, 3, 2):
        raw = report((JANE, FULL), returned=f"X-Sayso-Id: {id_of(organisation)}", number=day)
        for _ in range(3):  # the same report again is the same
            arrive(raw, at=NOW - timedelta(days=day))
    assert reason(organisation) == "service"
    assert sorted(row.times for row in CountedBounce.objects.all()) == [1, 1, 1, 1]
    arrive(report((JANE, FULL), returned=f"X-Sayso-Id: {id_of(organisation)}"), at=NOW)
    assert reason(organisation) == "hard_bounce"
    [line] = ConsentEvent.objects.all()
    assert (line.action, line.cause, line.source) == ("invalidate", "hard_bounce", "mail")
    assert not CountedBounce.objects.exists()


def test_a_forger_needs_days(arrive: Arrive, organisation: Organisation) -> None:
    for number in range(20):
        arrive(report((JANE, DEAD), number=number), at=NOW - timedelta(days=7))
    assert reason(organisation) == "service"
    for day in range(1, 6):
        arrive(report((JANE, DEAD), number=100 + day), at=NOW - timedelta(days=day))
        assert reason(organisation) == "service"
    arrive(report((JANE, DEAD), number=200), at=NOW)
    assert reason(organisation) == "hard_bounce"


def test_a_provider_s_events_count_by_the_same_policy(organisation: Organisation) -> None:
    tell(organisation, *(full(day) for day in (4, 3, 2, 1)), full(1.01), event("deferred", 1))
    assert reason(organisation) == "service"
    tell(organisation, full(0.1))
    assert reason(organisation) == "hard_bounce"


def test_reports_come_in_any_order(organisation: Organisation) -> None:
    for day in (2, 5, 1, 4, 3):
        assert reason(organisation) == "service"
        tell(organisation, full(day))
    assert reason(organisation) == "hard_bounce"
    assert ConsentEvent.objects.get().occurred_at == NOW - timedelta(days=1)


def test_one_batch_is_as_good_as_many(organisation: Organisation) -> None:
    tell(organisation, *(full(day) for day in (8, 7, 6, 5, 4)), full(0.5))
    assert reason(organisation) == "hard_bounce"
    assert ConsentEvent.objects.count() == 1


def test_a_sign_of_life_forgets_what_was_before(organisation: Organisation) -> None:
    for kind in ("delivered", "opened", "clicked"):
        who = f"{kind}@home.example"
        before = [event("bounced", day, who, fails=True) for day in (9, 8, 7, 6)]
        tell(organisation, *before, event(kind, 5, who), event("bounced", 4, who, fails=True))
        assert reason(organisation, who) == "service"
    assert CountedBounce.objects.count() == 3
    tell(organisation, *(full(day) for day in (9, 8, 7)))
    tell(organisation, event("delivered", 8.5))
    assert CountedBounce.objects.filter(key=key_of("email", JANE)).count() == 2


def test_a_later_delivery_lifts_a_hard_bounce_and_nothing_else(organisation: Organisation) -> None:
    key, acme = key_of("email", JANE), organisation.scope("acme")
    record(entry(key, acme, "withdraw", "choice", occurred_at=NOW - timedelta(days=9)))
    tell(organisation, event("bounced", 5, meaning="hard_bounce"))
    for kind, day in (("delivered", 6), ("opened", 4), ("clicked", 4), ("sent", 4)):
        tell(organisation, event(kind, day))
        assert reason(organisation) == "hard_bounce", kind
    tell(organisation, event("delivered", 3))
    assert reason(organisation) == "service"
    assert ask(organisation, "offers", [key]).reason == "opted_out"
    tell(organisation, event("bounced", 2, meaning="hard_bounce"))
    assert reason(organisation) == "hard_bounce"
    tell(organisation, event("bounced", 1.5, meaning="hard_bounce"), event("delivered", 1))
    assert reason(organisation) == "service"


def test_a_delivery_of_another_controller_s_or_to_several_lifts_nothing(organisation: Organisation) -> None:
    globex = Scope(organisation.globex.pk, None)
    record(
        entry(key_of("email", JANE), globex, "invalidate", "hard_bounce", occurred_at=NOW - timedelta(days=2)),
        entry(
            key_of("email", JANE),
            organisation.scope("acme"),
            "invalidate",
            "hard_bounce",
            occurred_at=NOW - timedelta(days=2),
        ),
    )
    tell(organisation, event("delivered", 1, unclear=True))
    assert reason(organisation) == "hard_bounce"
    tell(organisation, event("delivered", 1))
    assert ConsentEvent.objects.filter(action="lift").count() == 1
    assert ConsentEvent.objects.get(action="lift").controller_id == organisation.acme.pk


def test_what_is_too_old_to_matter_goes(organisation: Organisation) -> None:
    tell(organisation, event("bounced", 70, "bob@home.example", fails=True), full(1))
    tell(organisation, full(2))
    assert {bytes(row.key) for row in CountedBounce.objects.all()} == {key_of("email", JANE)}


def test_staff_s_lift_begins_the_count_anew(organisation: Organisation) -> None:
    tell(organisation, *(full(day) for day in (9, 8, 7, 6, 5)))
    record(entry(key_of("email", JANE), organisation.scope("acme"), "lift", "hard_bounce", occurred_at=NOW))
    tell(organisation, full(0))
    assert reason(organisation) == "service"
    assert CountedBounce.objects.count() == 1
