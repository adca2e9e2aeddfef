"""A yes after a no to everything works, for what it was said about, and for nothing else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest

from consent import status
from consent.configuration import EVERYTHING, Carried, Scope
from consent.decision import Arrived
from consent.inbox import Envelope
from consent.ledger import Entry, as_lines
from consent.resubscribing import Yes, entries_for_yes
from consent.suppression import Line, derive
from tests.consent.core import histories
from tests.consent.core.histories import ACME, KEY, NOW, START, TOPICS
from tests.consent.core.test_histories import one
from tests.each import each

SNAPSHOT = histories.snapshot()
OFFERS, NEWS, DOUBLE = (SNAPSHOT.topics[number] for number in (11, 12, 13))
ALL_OF_ACME = Scope(ACME, None)
LATER = NOW + timedelta(minutes=1)


def said_yes(lines: Sequence[Line], *topics: Any, at: datetime = NOW, snapshot: Any = SNAPSHOT) -> tuple[Entry, ...]:
    arrived = Arrived(UUID(int=999), ACME, "confirm:page", "sms", "", "", at, b"\0" * 32, 1, Envelope())
    return entries_for_yes(arrived, KEY, [Yes(topic) for topic in topics], lines, snapshot)


def allowed(lines: Sequence[Line], now: datetime = LATER) -> dict[int, bool]:
    state = derive(lines)
    found = status.Found(denials=state.denials, grants=state.grants)
    return {
        row[0]: status.decide(SNAPSHOT, status.Asked.about(SNAPSHOT.topics[row[0]], "sms", None, now), found).allowed
        for row in TOPICS
    }


def test_after_a_no_to_everything_a_yes_opens_that_topic_alone() -> None:
    lines = [one("withdraw", "choice", scope=ALL_OF_ACME)]
    entries = said_yes(lines, NEWS)
    words = [(entry.action, entry.cause, entry.scope.topic_id) for entry in entries]
    others = [("withdraw", "choice", number) for number in (11, 13, 15, 16)]
    assert words == [*others, ("lift", "choice", None), ("grant", "", 12)]
    assert [entry.ordinal for entry in entries] == list(range(6))
    after = allowed([*lines, *as_lines(entries)])
    assert {number for number, yes in after.items() if yes} == {12, 14, 21, 22}


def test_without_a_wider_no_a_yes_is_one_line() -> None:
    lines = [one("withdraw", "choice", scope=Scope(ACME, 11))]
    [entry] = said_yes(lines, NEWS)
    assert (entry.action, entry.basis, entry.scope) == ("grant", "confirmed_opt_in", Scope(ACME, 12))
    assert not allowed([*lines, *as_lines([entry])])[11]


def test_a_no_that_was_said_before_keeps_its_first_evidence() -> None:
    lines = [
        one("withdraw", "choice", scope=Scope(ACME, 11)),
        one("withdraw", "choice", scope=ALL_OF_ACME, id=UUID(int=2)),
    ]
    after = derive([*lines, *as_lines(said_yes(lines, NEWS))]).denials
    assert [denial.event_id for denial in after if denial.scope.topic_id == 11] == [lines[0].id]


def test_a_no_that_was_said_before_and_is_taken_back_later_leaves_the_wider_one() -> None:
    lines = [
        one("withdraw", "choice", scope=Scope(ACME, 11), inbound_id=UUID(int=7)),
        one("withdraw", "choice", scope=ALL_OF_ACME, id=UUID(int=2)),
    ]
    undo = one("lift", "choice", scope=Scope(ACME, 11), id=UUID(int=3), undoes=UUID(int=7))
    assert not allowed([*lines, *as_lines(said_yes(lines, NEWS)), undo])[11]


def test_a_pause_of_everything_ends_for_that_topic_and_lasts_as_long_for_the_others() -> None:
    ends = NOW + timedelta(days=9)
    lines = [one("withdraw", "paused", scope=ALL_OF_ACME, expires_at=ends)]
    entries = said_yes(lines, NEWS)
    assert {(entry.scope.topic_id, entry.expires_at) for entry in entries if entry.action == "withdraw"} == {
        (11, ends),
        (13, ends),
    }
    after = [*lines, *as_lines(entries)]
    assert allowed(after)[12]
    assert not allowed(after)[11]
    assert allowed(after, ends + timedelta(minutes=1))[11]


def test_a_pause_that_has_ended_is_left_alone() -> None:
    lines = [one("withdraw", "paused", scope=ALL_OF_ACME, expires_at=START + timedelta(minutes=1))]
    assert len(said_yes(lines, NEWS)) == 1


@each("cause", ["complaint", "hard_bounce", "deceased", "minor", "listed", "stop"])
def test_what_a_yes_cannot_lift_stays(cause: str) -> None:
    lines = [one("withdraw" if cause == "stop" else "invalidate", cause, scope=ALL_OF_ACME)]
    entries = said_yes(lines, NEWS)
    assert not allowed([*lines, *as_lines(entries)])[12]
    assert [entry.action for entry in entries] == ["grant"]


def test_a_no_to_all_the_world_is_not_lifted_by_a_yes_to_one_controller() -> None:
    lines = [one("withdraw", "choice", scope=EVERYTHING)]
    assert not allowed([*lines, *as_lines(said_yes(lines, NEWS))])[12]


def test_no_yes_is_no_word_at_all() -> None:
    assert said_yes([one("withdraw", "choice", scope=ALL_OF_ACME)]) == ()


def test_a_yes_expires_as_its_topic_says() -> None:
    rule = msgspec.structs.replace(NEWS, channels={"sms": Carried("opt_in", 30)})
    [entry] = said_yes([], rule)
    assert entry.expires_at == NOW + timedelta(days=30)


@pytest.mark.parametrize("seed", range(4))
def test_a_yes_opens_what_it_names_unless_it_cannot_and_nothing_else(seed: int) -> None:
    random = Random(seed)
    for _ in range(500):
        lines = histories.history(random)
        if any(line.undoes for line in lines):
            continue
        before, entries = allowed(lines), said_yes(lines, NEWS, DOUBLE)
        after = allowed([*lines, *as_lines(entries)])
        for number, was in before.items():
            if number not in (NEWS.id, DOUBLE.id):
                assert after[number] == was, (number, lines)
        assert (after[12], after[13]) == (not _closed(lines, 12), not _closed(lines, 13)), lines


def _closed(lines: Sequence[Line], topic_id: int) -> bool:
    """Whether something stands in front of a topic of Acme's that its yes cannot lift."""
    topic = Scope(ACME, topic_id)
    for denial in derive(lines).denials:
        liftable = {topic: ("choice", "paused", "stop"), ALL_OF_ACME: ("choice", "paused"), EVERYTHING: ()}
        lasts = denial.until is None or denial.until > LATER
        if lasts and denial.scope in liftable and denial.cause not in liftable[denial.scope]:
            return True
    return False
