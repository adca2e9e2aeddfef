"""The line of progress tells the rate and the time left."""

from io import StringIO

from django.core.management.base import OutputWrapper

from consent.management.pace import Pace


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown(total: int, *steps: tuple[float, int, int]) -> list[str]:
    """What is drawn where steps (seconds, done, count) are told."""
    out, now = Terminal(), 100.0
    pace = Pace(OutputWrapper(out), total, lambda: now)
    for seconds, done, count in steps:
        now = 100.0 + seconds
        pace.show(done, count, "messages")
    return [line.strip() for line in out.getvalue().split("\r")[1:]]


def test_rate_and_time_left() -> None:
    [line] = shown(1_000, (2.0, 10, 50))
    assert line.endswith("1%  50 messages, 25 a second, 3:18 left")


def test_no_time_left_where_nobody_knows_the_whole() -> None:
    assert shown(0, (2.0, 10, 50)) == ["50 messages, 25 a second"]


def test_not_drawn_more_often_than_a_person_can_see() -> None:
    assert len(shown(1_000, (0.01, 1, 1), (0.2, 2, 2), (0.25, 3, 3), (0.4, 4, 4))) == 2
