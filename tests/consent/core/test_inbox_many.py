"""Many arrivals in one statement: each kept and held as if it had come alone."""

from typing import Any

import pytest
from django.db import DataError, transaction

from consent import inbox, pipeline
from consent.configuration import EVERYTHING, Scope
from consent.inbox import Arrival, Envelope
from consent.models import Hold, Inbound
from tests.consent.core.example import Organisation, key_of

pytestmark = pytest.mark.django_db

NUMBERS = [f"+1415555{place:04d}" for place in range(100, 105)]


def arrival(organisation: Organisation, number: str, same: tuple[str, ...] = (), **more: Any) -> Arrival:
    plain: dict[str, Any] = {
        "controller_id": organisation.acme.pk,
        "source": "reconcile:generic",
        "channel": "sms",
        "envelope": Envelope(body=f'{{"number": "{number}"}}'.encode()),
        "holds": [(key_of("sms", number), Scope(organisation.acme.pk, None))],
        "same": same,
    }
    return Arrival(**(plain | more))


def test_each_has_its_row_and_its_holds_in_order(organisation: Organisation) -> None:
    topic = organisation.scope("offers")
    told = [arrival(organisation, number, (number,)) for number in NUMBERS[:3]]
    told.append(arrival(organisation, NUMBERS[3], ("3",), holds=[(key_of("sms", NUMBERS[3]), EVERYTHING)] * 2))
    told.append(arrival(organisation, NUMBERS[4], ("4",), holds=[(key_of("sms", NUMBERS[4]), topic)], actor="me"))
    kept = inbox.accept_many(told)
    assert [one.again for one in kept] == [False] * 5
    for one, accepted in zip(told, kept, strict=True):
        row = Inbound.objects.get(pk=accepted.id)
        assert inbox.open_envelope(row.sealed_raw or b"") == one.envelope
        assert (row.source, row.actor, row.state, row.verified) == (one.source, one.actor, "pending", True)
        held = [(hold.key, Scope(hold.controller_id, hold.topic_id)) for hold in Hold.objects.filter(inbound=row)]
        assert held == list(dict.fromkeys(one.holds))  # the same hold twice is one


def test_the_same_one_is_kept_once_within_a_batch_and_after_it(organisation: Organisation) -> None:
    told = [arrival(organisation, number, (number,)) for number in (*NUMBERS[:2], NUMBERS[0])]
    first = inbox.accept_many(told)
    assert [one.again for one in first] == [False, False, True]
    assert first[2].id == first[0].id
    assert inbox.accept_many(told) == [one._replace(again=True) for one in first]
    assert inbox.accept(told[0]) == first[0]._replace(again=True)
    assert Inbound.objects.count() == Hold.objects.count() == 2


def test_without_such_parts_each_is_its_own(organisation: Organisation) -> None:
    told = [arrival(organisation, NUMBERS[0]), arrival(organisation, NUMBERS[0])]
    assert [one.again for one in inbox.accept_many(told)] == [False, False]
    assert Inbound.objects.count() == 2


def test_nothing_is_something_too(organisation: Organisation) -> None:
    assert inbox.accept_many([]) == []
    assert inbox.accept_many([arrival(organisation, NUMBERS[0], holds=[])])[0].again is False


def test_one_that_cannot_be_kept_keeps_all_out(organisation: Organisation) -> None:
    told = [arrival(organisation, NUMBERS[0]), arrival(organisation, NUMBERS[1], source="x" * 41)]
    with pytest.raises(DataError), transaction.atomic():
        inbox.accept_many(told)
    assert not Inbound.objects.exists()


def test_the_pipeline_works_them_off(organisation: Organisation) -> None:
    inbox.accept_many([arrival(organisation, number, (number,)) for number in NUMBERS])
    assert pipeline.drain() == 5
    assert not Hold.objects.exists()
