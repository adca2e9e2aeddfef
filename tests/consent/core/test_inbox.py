"""accept(): what arrives is kept once, and denies from that moment on."""

from collections.abc import Sequence

import pytest
from django.db import transaction

from consent import inbox, pipeline
from consent.configuration import Scope
from consent.inbox import Accepted, Arrival, Envelope, open_envelope
from consent.intake.contract import Message
from consent.models import Hold, Inbound
from consent.normalise.keys import Key
from tests.consent.core.example import Organisation, ask, key_of

pytestmark = pytest.mark.django_db

KEY = key_of("sms", "+14155550123")


def accept(
    organisation: Organisation,
    text: str = "STOP",
    same: Sequence[str] = (),
    holds: Sequence[tuple[Key, Scope]] | None = None,
) -> Accepted:
    message = Message(
        kind="message", sender="+14155550123", recipient="+15550100001", text=text, external_id="", reply_to_us=True
    )
    return inbox.accept(
        Arrival(
            controller_id=organisation.acme.pk,
            source="sms:generic",
            channel="sms",
            endpoint="acme",
            envelope=Envelope(body=text.encode(), message=message),
            holds=[(KEY, organisation.scope("acme"))] if holds is None else holds,
            same=same,
        )
    )


def test_what_is_accepted_denies_before_anybody_has_read_it(organisation: Organisation) -> None:
    accepted = accept(organisation)
    verdict = ask(organisation, "offers", [KEY], "sms")
    assert (verdict.allowed, verdict.reason, verdict.scope) == (False, "held", organisation.scope("acme"))
    row = Inbound.objects.get(pk=accepted.id)
    assert (row.state, row.attempts, verdict.since) == ("pending", 0, row.received_at)
    assert open_envelope(row.sealed_raw or b"").body == b"STOP"


def test_the_same_delivery_is_kept_once(organisation: Organisation) -> None:
    first, *others = [accept(organisation, same=("id-1", "STOP")) for _ in range(10)]
    assert not first.again
    assert set(others) == {Accepted(first.id, again=True)}
    assert (Inbound.objects.count(), Hold.objects.count()) == (1, 1)
    assert pipeline.drain() == 1
    assert accept(organisation, same=("id-1", "STOP")) == (first.id, True)
    assert Inbound.objects.get().state == "done"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("id-1", "STOP"), ("id-1", "START")),
        (("id-1", "STOP"), ("id-2", "STOP")),
        (("ab", "c"), ("a", "bc")),
        (("a", ""), ("a",)),
        (("1:a", "b"), ("1", "a1:b")),
        ((), ()),
    ],
)
def test_what_differs_in_any_part_is_another_delivery(
    organisation: Organisation, one: Sequence[str], other: Sequence[str]
) -> None:
    assert not accept(organisation, same=one).again
    assert not accept(organisation, same=other).again
    assert Inbound.objects.count() == 2


def test_a_row_and_its_holds_are_written_together_or_not_at_all(organisation: Organisation) -> None:
    nowhere = Key(b"short")  # the database refuses it as a key
    with pytest.raises(Exception, match=r".*"), transaction.atomic():
        accept(organisation, holds=[(KEY, organisation.scope("acme")), (nowhere, organisation.scope("acme"))])
    assert (Inbound.objects.count(), Hold.objects.count()) == (0, 0)


def test_what_the_transaction_around_it_undoes_was_never_accepted(organisation: Organisation) -> None:
    with transaction.atomic():
        accept(organisation)
        transaction.set_rollback(True)
    assert (Inbound.objects.count(), Hold.objects.count()) == (0, 0)


def test_a_hold_reaches_as_far_as_it_says(organisation: Organisation) -> None:
    accept(
        organisation,
        holds=[(KEY, organisation.scope("offers")), (key_of("sms", "+14155550199"), organisation.scope("globex"))],
    )
    assert ask(organisation, "offers", [KEY], "sms").reason == "held"
    assert ask(organisation, "events", [KEY], "sms").allowed
    assert ask(organisation, "offers", [key_of("sms", "+14155550199")], "sms").allowed
