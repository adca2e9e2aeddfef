"""Histories through the ledger itself: in any order and any batches the database ends as it would have in order."""

from collections.abc import Iterator, Sequence
from random import Random
from uuid import UUID

import pytest
from django.db import transaction

from consent import ledger, status
from consent.configuration import EVERYTHING, Scope
from consent.ledger import Entry
from consent.models import Controller, Notice, Topic, TopicChannel
from consent.models.fields import public_id
from consent.normalise.keys import Key
from consent.suppression import Line
from tests.consent.core import histories
from tests.consent.core.histories import NOW, TOPICS, Verdict
from tests.consent.core.test_ledger import differences

pytestmark = pytest.mark.django_db


class World:
    """The controllers, topics and notices of `histories` in the database, and the way from its ids to these."""

    def __init__(self) -> None:
        owners = {
            number: Controller.objects.create(slug=f"c{number}", name="…", kind="own")
            for number in (histories.ACME, histories.GLOBEX)
        }
        self.owners = {number: owner.pk for number, owner in owners.items()}
        self.topics = {}
        for number, owner, topic_class, basis in TOPICS:
            topic = Topic.objects.create(controller=owners[owner], slug=f"t{number}", name="…", topic_class=topic_class)
            TopicChannel.objects.create(topic=topic, channel="sms", basis=basis)
            self.topics[number] = topic.pk
        self.notices = {place: self._notice(*place) for place in histories.NOTICES if place}
        for (owner, about, slug), version in histories.TWICE_MATERIAL.items():
            self._notice(slug, version, owner=owner, topic_id=self.topics.get(about or 0), language="de", material=True)

    def _notice(self, slug: str, version: int, owner: int = 1, **more: object) -> tuple[int, str, int]:
        notice = Notice.objects.create(
            controller_id=self.owners[owner],
            slug=slug,
            version=version,
            text="…",
            published_at=histories.START,
            **({"language": f"en-{version}"} | more),
        )
        return (notice.pk, slug, version)

    def entry(self, line: Line, key: Key, ordinal: int) -> Entry:
        owner, topic = line.scope
        return Entry(
            inbound_id=line.inbound_id or public_id(),
            ordinal=ordinal,
            key=key,
            channel="sms",
            scope=EVERYTHING if owner is None else Scope(self.owners[owner], self.topics[topic] if topic else None),
            action=line.action,
            source=line.source,
            digest=b"\0" * 32,
            occurred_at=line.occurred_at,
            cause=line.cause,
            basis=line.basis,
            sender=line.sender,
            expires_at=line.expires_at,
            notice=self.notices[line.notice] if line.notice else None,
            undoes=line.undoes,
        )

    def verdicts(self, keys: Sequence[Key]) -> Iterator[list[Verdict]]:
        """What a check of each topic says of each key."""
        answers = []
        for number, owner, _, _ in TOPICS:
            asked = [[key] for key in keys]
            _, made = status.check_many(self.owners[owner], f"t{number}", "sms", asked, NOW)
            answers.append([Verdict(one.allowed, frozenset({one.reason, *one.also}), one.since) for one in made])
        yield from map(list, zip(*answers, strict=True))


def batches(entries: list[Entry], random: Random) -> Iterator[list[Entry]]:
    while entries:
        size = random.randint(1, 40)
        yield entries[:size]
        entries = entries[size:]


def test_two_hundred_histories_recorded_in_any_order_and_batches() -> None:
    random, world = Random(7), World()
    told = [histories.history(random) for _ in range(200)]
    keys = [Key(random.randbytes(16)) for _ in told]
    # An inbound has its words for one key alone here, so that each history is its own.
    own = [[_renumbered(line, place) for line in lines] for place, lines in enumerate(told)]
    said = [
        (line, key)
        for lines, key in zip(own, keys, strict=True)
        for line in [*lines, *random.sample(lines, random.randint(0, len(lines)))]
    ]
    random.shuffle(said)
    entries = [world.entry(line, key, ordinal) for ordinal, (line, key) in enumerate(said)]
    for batch in batches(entries, random):
        with transaction.atomic():
            ledger.record(batch)
    expected = [[histories.verdict(histories.read(lines), topic) for topic in TOPICS] for lines in told]
    assert list(world.verdicts(keys)) == expected
    assert differences() == []


def _renumbered(line: Line, place: int) -> Line:
    def own(number: UUID | None) -> UUID | None:
        return number and UUID(int=place * 1_000 + number.int)

    return line._replace(inbound_id=own(line.inbound_id), undoes=own(line.undoes))
