"""Many who ask where the primary is share a question, and never get an answer from before they came."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from consent.replica.position import Position, Positions


class Primary:
    """A primary whose log grows by a byte with each question, and which answers when it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.was_asked, self.may_answer = threading.Semaphore(0), threading.Semaphore(0)

    def ask(self) -> Position:
        self.asked += 1
        position = Position(1, 1, self.asked)
        self.was_asked.release()
        assert self.may_answer.acquire(timeout=60)
        return position


class Failing:
    """A primary that is down."""

    def ask(self) -> Position:
        raise OperationalError


def test_who_comes_while_a_question_is_under_way_shares_the_next_one() -> None:
    primary = Primary()
    positions = Positions(primary.ask)
    coming = threading.Barrier(4)

    def comes_late() -> Position:
        coming.wait(60)
        return positions.newest()

    with ThreadPoolExecutor(4) as threads:
        early = threads.submit(positions.newest)
        assert primary.was_asked.acquire(timeout=60)
        late = [threads.submit(comes_late) for _ in range(3)]
        coming.wait(60)
        primary.may_answer.release(4)
        assert early.result(60).lsn == 1
        assert all(each.result(60).lsn >= 2 for each in late)
    assert primary.asked <= 4


def test_where_the_primary_does_not_answer_nobody_gets_a_position() -> None:
    positions = Positions(Failing().ask)
    for _ in range(2):
        with pytest.raises(OperationalError):
            positions.newest()
