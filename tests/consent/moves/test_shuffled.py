"""Moves and words in any order: who once refused at one of their homes, and never said yes later, is never allowed."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.models import Hold, Move, Suppression
from tests.consent.core.example import Organisation
from tests.consent.moves.telling import Telling, is_derived, key, lines, work

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, tzinfo=UTC)
HOMES = [f"Jane Roe, {number} Oak St, Springfield, IL 62701" for number in (11, 12, 13, 14)]
MAILS = [f"jane{number}@example.com" for number in (1, 2, 3, 4)]


class Step(NamedTuple):
    """A word at an address, said at a minute, or a move from one address to another; `batch`: work it off first."""

    what: str
    one: int
    other: int
    minute: int
    batch: bool


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(["no", "yes", "move", "move", "for a while", "complaint"]),
        one=st.integers(0, 3),
        other=st.integers(0, 3),
        minute=st.integers(0, 9),
        batch=st.booleans(),
    ),
    min_size=2,
    max_size=9,
)


class Undone(Exception):
    """Takes back what an example wrote."""


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(steps=STEPS, channel=st.sampled_from(["post", "email"]))
def _holds(tell: Telling, steps: list[Step], channel: str) -> None:
    addresses = HOMES if channel == "post" else MAILS
    try:
        with transaction.atomic():
            for step in steps:
                _take(tell, channel, addresses, step)
            work()
            _check(tell, channel, addresses, steps)
            raise Undone
    except Undone:
        pass


def _take(tell: Telling, channel: str, addresses: list[str], step: Step) -> None:
    if step.batch:
        work()
    one, other = addresses[step.one], addresses[step.other]
    said: dict[str, Any] = {"occurred_at": START + timedelta(minutes=step.minute)}
    match step.what:
        case "no":
            tell.say(channel, one, **said)
        case "yes":
            tell.say(channel, one, "opt_in", **said)
        case "complaint":
            tell.deny(channel, one, "complaint", **said)
        case _ if step.one != step.other:
            tell.move(channel, one, other, temporary=step.what != "move")
            assert tell.reason(channel, other) != "opt_out_basis"


def _check(tell: Telling, channel: str, addresses: list[str], steps: list[Step]) -> None:
    """Who moved from where to where, by closing over the moves alone; and what was last said at all of it."""
    moves = {frozenset((step.one, step.other)) for step in steps if step.what in ("move", "for a while")}
    for home in range(4):
        same = {home}
        for _ in range(4):
            same |= {one for move in moves if move & same for one in move}
        noes = [step for step in steps if step.what == "no" and step.one in same]
        yeses = [step.minute for step in steps if step.what == "yes" and step.one in same]
        complained = any(step.what == "complaint" and step.one in same for step in steps)
        if complained or any(all(no.minute >= minute for minute in yeses) for no in noes):
            assert tell.reason(channel, addresses[home]) != "opt_out_basis", (home, steps)
        told = [line.carried_from or line.pk for line in lines(channel, addresses[home])]
        assert len(told) == len(set(told)), "a line twice"
    assert not Hold.objects.exists()
    assert is_derived()


def test_shuffled_moves_and_words(organisation: Organisation) -> None:
    _holds(Telling(organisation))
    assert not Suppression.objects.exists()


def test_a_way_is_one_row_and_an_address_of_many_words_moves_with_few(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from consent.moves import settling

    monkeypatch.setattr(settling, "MAX_ALIKE", 5)
    tell = Telling(organisation)
    for place in range(12):
        tell.say("email", MAILS[0], occurred_at=START + timedelta(minutes=place))
    work()
    tell.move("email", MAILS[0], MAILS[1])
    work()
    minutes = [int((line.occurred_at - START).total_seconds() / 60) for line in lines("email", MAILS[1])]
    assert minutes == [0, 7, 8, 9, 10, 11]
    assert Move.objects.filter(old_key=key("email", MAILS[0])).count() == 1
