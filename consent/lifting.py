"""Which of two words came last, where one takes the other back and clocks may be wrong.

Two words that one gateway stamped are compared by its stamps: however far its clock is off, it is off for both. Words
of different clocks are compared by our own time, where a STOP counts from when we received it and a yes from when it
was said, at the latest when we received it. A tie ends in no, and so does a doubt: a yes that its gateway dated into
the future proves that clock wrong, and takes back nothing that we received after it.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consent.suppression import Line

AHEAD = timedelta(minutes=1)  # what a clock may run ahead and still be called right


class Lifts:
    """The words that may take back some denials. Each question costs little, however many words there are."""

    def __init__(self, lines: "Iterable[Line]") -> None:
        self._by_clock: dict[str, _Clock] = {}
        for line in lines:
            self._by_clock.setdefault(line.clock, _Clock()).add(line)
        for clock in self._by_clock.values():
            clock.sort()

    def lift(self, denial: "Line") -> bool:
        """Whether one of the words takes this denial back."""
        return any(
            clock.stamped_after(denial) if name and name == denial.clock else clock.said_after(denial)
            for name, clock in self._by_clock.items()
        )


class _Clock:
    """The words of one clock; of none, where they bear no stamp."""

    def __init__(self) -> None:
        self._latest: datetime | None = None
        self._latest_stamp: datetime | None = None
        self._ahead: list[tuple[datetime, datetime]] = []  # (received, the latest stamp of those from there on)

    def add(self, line: "Line") -> None:
        self._latest = _later(self._latest, line.occurred_at)
        if line.stamped_at is None:
            return
        if line.received_at is not None and line.stamped_at > line.received_at + AHEAD:
            self._ahead.append((line.received_at, line.stamped_at))
        else:
            self._latest_stamp = _later(self._latest_stamp, line.stamped_at)

    def sort(self) -> None:
        self._ahead.sort(reverse=True)
        latest: datetime | None = None
        for place, (received, stamp) in enumerate(self._ahead):
            latest = _later(latest, stamp)
            self._ahead[place] = (received, latest)
        self._ahead.reverse()

    def said_after(self, denial: "Line") -> bool:
        return self._latest is not None and self._latest > _from(denial)

    def stamped_after(self, denial: "Line") -> bool:
        if denial.stamped_at is None:
            return False
        if self._latest_stamp is not None and self._latest_stamp > denial.stamped_at:
            return True
        place = bisect_right(self._ahead, _from(denial), key=lambda word: word[0])
        return place < len(self._ahead) and self._ahead[place][1] > denial.stamped_at


def _from(denial: "Line") -> datetime:
    return denial.received_at or denial.occurred_at


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
