"""Keys asked about one behind the other get the very answers that a check of each gets."""

import random
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.utils import timezone

from consent import db, status
from consent.models.fields import public_id
from consent.normalise.keys import Key
from consent.packed import Told, check_packed, tell_packed
from consent.status import Verdict
from tests.consent.core.example import Organisation, entry, key_of, make_organisation, record

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SCOPES = ("everything", "acme", "globex", "offers", "newsletter")
CAUSES = ("stop", "choice", "hard_bounce", "complaint", "listed", "paused")
OURS = "+15550100001"


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


def said(chance: random.Random, organisation: Organisation, key: Key) -> Any:
    ends = chance.choice([None, NOW + timedelta(days=1), NOW + timedelta(seconds=1)])
    more: dict[str, Any] = {
        "expires_at": ends,
        "occurred_at": NOW - timedelta(hours=chance.randrange(1, 9)),
        "channel": "sms",
    }
    scope = organisation.scope(chance.choice(SCOPES))
    if chance.randrange(2):
        return entry(key, scope, chance.choice(["grant", "confirm", "request"]), basis="opt_in", **more)
    sender: dict[str, Any] = (
        {"sender": OURS, "sender_only": chance.randrange(2) == 1} if chance.randrange(3) == 0 else {}
    )
    return entry(key, scope, "withdraw", chance.choice(CAUSES), **more, **sender)


def with_its_own(told: Told) -> Verdict:
    """The verdict with what this address does not share with others."""
    if told.since is None:
        return told.verdict
    evidence = UUID(told.evidence.decode()) if told.evidence else None
    return msgspec.structs.replace(told.verdict, since=told.since.replace(tzinfo=UTC), evidence=evidence)


@pytest.mark.parametrize("seed", range(3))
def test_they_are_the_same_answers(organisation: Organisation, seed: int) -> None:
    chance = random.Random(seed)
    people = [key_of("sms", f"+1212555{number:04d}") for number in range(400)]
    words = [said(chance, organisation, key) for key in people[:300] for _ in range(chance.choice([1, 1, 1, 2, 3]))]
    record(*words)
    held = [key for key in people if chance.randrange(10) == 0]
    for key in held:
        db.fetch(
            "INSERT INTO consent_hold (inbound_id, key, controller_id, since) VALUES (%s, %s, %s, now())",
            [public_id(), Key(key), organisation.acme.pk],
        )
    asked = [*people, people[0]]  # one of them twice
    for topic in ("offers", "newsletter", "double", "service"):
        for moment in (NOW, NOW + timedelta(hours=1)):
            _, verdicts = status.check_many(organisation.acme.pk, topic, "sms", [[key] for key in asked], moment)
            found = check_packed(organisation.acme.pk, topic, "sms", b"".join(asked), moment)
            answers = [found.others.get(place, found.plain) for place in range(len(asked))]
            assert [(one.allowed, one.reason) for one in answers] == [(one.allowed, one.reason) for one in verdicts]
            whole = tell_packed(organisation.acme.pk, topic, "sms", b"".join(asked), moment)
            told = [whole.others.get(place, Told(whole.plain)) for place in range(len(asked))]
            assert [with_its_own(one) for one in told] == verdicts
