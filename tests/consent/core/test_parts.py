"""A long text in parts: each denies from its arrival on, and they are read together, in whatever order they came."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone

from consent import inbox, pipeline
from consent.inbox import Arrival, Envelope
from consent.intake.contract import Message
from consent.models import ConsentEvent, Hold, Inbound, Part, Review
from consent.parts import thread_of
from tests.consent.core.example import ACME_NUMBER, Organisation, ask, key_of

pytestmark = pytest.mark.django_db
NUMBER = "+14155550177"
REQUEST = (
    "Good morning. I have asked you twice on the phone. Please st",
    "op texting me, I do not want ",
    "these messages.",
)
CHAT = ("The bus did not st", "op for me today, see you later ", "at the office!")


def arrive(organisation: Organisation, text: str, part: int, parts: int, **more: Any) -> Inbound:
    fields = {"sender": NUMBER, "recipient": ACME_NUMBER, "reference": "7", "external_id": f"m-{part}", **more}
    message = Message(kind="message", text=text, part=part, parts=parts, **fields)
    accepted = inbox.accept(
        Arrival(
            controller_id=organisation.acme.pk,
            source="sms:vonage",
            channel="sms",
            endpoint="acme",
            envelope=Envelope(body=text.encode(), message=message),
            holds=[(key_of("sms", NUMBER), organisation.scope("acme"))],
            thread=thread_of("sms:vonage", "acme", message),
            same=(fields["external_id"], text),
        )
    )
    return Inbound.objects.get(pk=accepted.id)


def all_arrive(organisation: Organisation, texts: Sequence[str], order: Sequence[int]) -> list[Inbound]:
    return [arrive(organisation, texts[place], place + 1, len(texts)) for place in order]


def due() -> None:
    Inbound.objects.filter(state="pending").update(next_try_at=timezone.now() - timedelta(seconds=1))


def reason(organisation: Organisation) -> str:
    return ask(organisation, "offers", [key_of("sms", NUMBER)], "sms").reason


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(("texts", "outcome"), [(REQUEST, "opt_out"), (CHAT, "none")])
def test_the_parts_are_read_as_one_in_any_order(
    organisation: Organisation, texts: Sequence[str], outcome: str, order: Sequence[int]
) -> None:
    rows = all_arrive(organisation, texts, order)
    assert pipeline.drain() == 0, "the others may still come"
    assert reason(organisation) == "held"
    due()
    pipeline.drain()
    found = dict(Inbound.objects.values_list("pk", "outcome"))
    assert [found[row.pk] for row in rows] == ["part", "part", outcome]
    assert ConsentEvent.objects.count() == (outcome == "opt_out")
    assert not Hold.objects.exists()
    assert not Review.objects.exists()
    assert (reason(organisation) == "opted_out") == (outcome == "opt_out")


def test_a_part_that_comes_late_is_read_with_those_that_were(organisation: Organisation) -> None:
    all_arrive(organisation, CHAT, (0, 1))
    due()
    pipeline.drain()
    late = arrive(organisation, " And now please stop texting me, unsubscribe me.", 3, 3)
    assert reason(organisation) == "held"
    due()
    pipeline.drain()
    assert Inbound.objects.get(pk=late.pk).outcome in ("opt_out", "review")
    assert reason(organisation) in ("opted_out", "held")


def test_what_is_missing_for_good_does_not_keep_a_request_waiting(organisation: Organisation) -> None:
    arrive(organisation, "Stop texting me. ", 1, 2)
    due()
    pipeline.drain()
    assert reason(organisation) == "opted_out"


def test_the_same_part_twice_is_one(organisation: Organisation) -> None:
    all_arrive(organisation, REQUEST, (0, 0, 1, 2, 1))
    assert Inbound.objects.count() == 3


@pytest.mark.parametrize(
    "other",
    [{"sender": "+14155550178"}, {"recipient": "55501"}, {"reference": "8"}, {"parts": 4}],
    ids=["person", "number", "reference", "length"],
)
def test_nobody_elses_parts_are_taken_along(organisation: Organisation, other: dict[str, Any]) -> None:
    arrive(organisation, "the bus did not ", 1, 2)
    stranger = {"part": 2, "parts": 2, "external_id": "m-9", **other}
    arrive(organisation, "stop here", **stranger)
    due()
    pipeline.drain()
    assert set(Inbound.objects.values_list("outcome", flat=True)) <= {"none", "review"}
    assert not Inbound.objects.filter(outcome="part").exists()


def test_a_reference_of_another_hour_is_another_text(organisation: Organisation) -> None:
    old = arrive(organisation, "Stop texting me. ", 1, 2)
    Inbound.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(hours=1))
    new = arrive(organisation, "see you there", 2, 2, external_id="m-10")
    due()
    pipeline.drain()
    assert Inbound.objects.get(pk=new.pk).outcome != "part"
    assert Inbound.objects.get(pk=old.pk).outcome == "opt_out"


def test_a_text_that_is_whole_has_no_thread(organisation: Organisation) -> None:
    arrive(organisation, "STOP", 1, 1)
    arrive(organisation, "STOP", 1, 2, reference="", external_id="m-5")
    assert not Part.objects.exists()
    pipeline.drain()
    assert reason(organisation) == "opted_out"
