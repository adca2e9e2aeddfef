"""STOP and START through gateways whose clocks are off: whatever comes late, the newest word counts; a doubt is no."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.configuration import Scope
from consent.suppression import Line, derive
from tests.consent.core.histories import KEY, START
from tests.each import each

HOUR, SENDER = 3600, "+15550100001"
OWN = Scope(1, None)


class Word(NamedTuple):
    """A text as it really was: seconds from the start until it was said, and until it reached us."""

    yes: bool
    said: int
    arrived: int


def line(word: Word, number: int, off: int | None, source: str = "sms:generic") -> Line:
    """The ledger's line of a word. `off` is how many seconds the gateway's clock is ahead; None: it gives no time."""
    received_at = START + timedelta(seconds=word.arrived)
    stamped_at = None if off is None else START + timedelta(seconds=word.said + off)
    return Line(
        id=UUID(int=number),
        key=KEY,
        scope=OWN,
        action="lift" if word.yes else "withdraw",
        cause="stop",
        basis="",
        sender=SENDER,
        source=source,
        occurred_at=min(stamped_at or received_at, received_at),
        expires_at=None,
        notice=None,
        inbound_id=UUID(int=1_000 + number),
        stamped_at=stamped_at,
        received_at=received_at if stamped_at else None,
    )


def denies(lines: Sequence[Line]) -> bool:
    return bool(derive(lines).denials)


def newest_is_no(words: Sequence[Word]) -> bool:
    """At the same second no wins."""
    last = max(word.said for word in words)
    return any(word.said == last and not word.yes for word in words)


words = st.builds(
    lambda yes, said, late: Word(yes, said, said + late),
    st.booleans(),
    st.integers(0, 3 * HOUR),
    st.one_of(st.integers(0, 5), st.integers(0, 24 * HOUR)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(words, min_size=1, max_size=7), st.sampled_from([-HOUR, -30, 0, 30, HOUR, 5 * HOUR]), st.randoms())
def test_no_older_start_beats_a_newer_stop_however_far_the_clock_is_off(
    told: list[Word], off: int, chance: random.Random
) -> None:
    lines = [line(word, number, off) for number, word in enumerate(told)]
    chance.shuffle(lines)
    if newest_is_no(told):
        assert denies(lines)
    elif off <= 30:
        assert not denies(lines), "a clock that is not ahead is believed, whatever came late"


@settings(max_examples=150, deadline=None)
@given(st.lists(words, min_size=1, max_size=7), st.integers(-5 * HOUR, 5 * HOUR))
def test_texts_that_come_in_their_order_read_so_whatever_the_clock_says(told: list[Word], off: int) -> None:
    prompt = [Word(word.yes, word.said, word.said + 1) for word in told]
    lines = [line(word, number, off) for number, word in enumerate(prompt)]
    assert denies(lines) == newest_is_no(prompt)


@settings(max_examples=150, deadline=None)
@given(st.lists(words, min_size=1, max_size=7))
def test_without_stamps_the_order_of_arrival_counts(told: list[Word]) -> None:
    lines = [line(word, number, None) for number, word in enumerate(told)]
    assert denies(lines) == newest_is_no([Word(word.yes, word.arrived, word.arrived) for word in told])


STOP_AT_NOON, START_BEFORE, START_AFTER = (
    Word(False, HOUR, HOUR + 2),
    Word(True, HOUR - 60, 0),
    Word(True, HOUR + 60, 0),
)


@each("off", [-HOUR, 0, HOUR])
@each("late", [HOUR + 3, 3 * HOUR])
def test_a_start_that_was_said_before_lifts_nothing_when_it_comes_late(off: int, late: int) -> None:
    assert denies([line(STOP_AT_NOON, 1, off), line(START_BEFORE._replace(arrived=late), 2, off)])


@pytest.mark.parametrize("off", [-HOUR, 0])
def test_a_stop_that_comes_late_does_not_end_a_later_start(off: int) -> None:
    stop = STOP_AT_NOON._replace(arrived=3 * HOUR)
    assert not denies([line(START_AFTER._replace(arrived=HOUR + 61), 1, off), line(stop, 2, off)])


def test_a_clock_that_was_set_right_in_between_leads_to_no() -> None:
    """The START was stamped an hour ahead, the STOP after it rightly: by the stamps alone the START came last."""
    start = line(Word(True, 100, 101), 1, HOUR)
    stop = line(Word(False, 600, 601), 2, 0)
    assert stop.stamped_at is not None
    assert start.stamped_at is not None
    assert stop.stamped_at < start.stamped_at
    assert denies([start, stop])


def test_a_start_of_the_far_future_does_not_stand_against_every_stop_to_come() -> None:
    far = line(Word(True, 0, 0), 1, 10**9)
    assert not denies([line(Word(False, -60, -59), 0, 0), far])
    assert denies([far, line(Word(False, 3 * HOUR, 3 * HOUR + 1), 2, 0)])


@each("off", [-HOUR, HOUR])
@each(
    "yes",
    [
        pytest.param(lambda at: line(Word(True, at, at), 9, None), id="a START without a time"),
        pytest.param(lambda at: line(Word(True, at, at), 9, 0, "sms:twilio"), id="a START by another gateway"),
        pytest.param(
            lambda at: line(Word(True, at, at), 9, None, "link:page")._replace(action="grant", cause="", sender=""),
            id="a yes on the page",
        ),
    ],
)
def test_another_clocks_yes_lifts_only_what_we_had_received(off: int, yes: Callable[[int], Line]) -> None:
    stop = line(Word(False, HOUR, HOUR + 1), 1, off)
    assert denies([stop, yes(HOUR - 5)])
    assert denies([stop, yes(HOUR + 1)]), "at the same second no wins"
    assert not denies([stop, yes(HOUR + 60)])


def test_staffs_reading_of_a_text_has_the_texts_stamp() -> None:
    stop = line(Word(False, HOUR, HOUR + 1), 1, -HOUR, "sms:generic:review")
    assert denies([stop, line(Word(True, HOUR - 60, 3 * HOUR), 2, -HOUR)])
    assert not denies([stop, line(Word(True, HOUR + 60, 3 * HOUR), 2, -HOUR)])


def test_thousands_of_words_of_one_number_cost_no_more_than_their_number() -> None:
    told = [Word(place % 2 == 1, place, place + 7_000 * (place % 3)) for place in range(4_001)]
    lines = [line(word, number, HOUR if number % 5 else 0) for number, word in enumerate(told)]
    assert denies(lines)
