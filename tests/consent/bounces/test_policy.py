"""The policy is data; whether it is met is arithmetic."""

from datetime import date, timedelta

import pytest

from consent.bounces import policy
from consent.bounces.policy import Day, is_met, rule_of
from tests.each import each

NOW = date(2026, 9, 30)


def days(*ago: int, proved: bool = True, times: int = 1) -> list[Day]:
    return [Day(NOW - timedelta(days=each), proved, times) for each in ago]


def test_when_an_address_is_dead() -> None:
    cases = [
        ("nothing", [], False),
        ("four days", days(0, 1, 2, 3), False),
        ("five days", days(0, 1, 2, 3, 4), True),
        ("many on one day", days(0, times=50), False),
        ("the last in time", days(0, 7, 14, 21, 29), True),
        ("one too old", days(0, 7, 14, 21, 30), False),
        ("unproved ones need more", days(0, 1, 2, 3, 4, 5, proved=False), False),
        ("and count longer", days(0, 7, 14, 21, 28, 35, 59, proved=False), True),
        ("and not for ever", days(0, 7, 14, 21, 28, 35, 60, proved=False), False),
        ("both kinds together", [*days(0, 1, 2), *days(31, 32, 33, 34, proved=False)], True),
        ("one day of both kinds is one day", [*days(0, 1, 2, 3), *days(0, 1, 2, proved=False)], False),
        ("what has not happened yet", days(-1, -2, -3, -4, -5), False),
    ]
    assert [name for name, told, met in cases if is_met(told, NOW) is not met] == []


def test_each_day_has_its_rules() -> None:
    assert {kind: rule_of(kind, NOW).bounces for kind in policy.KINDS} == {"hard": 1, "soft": 5, "unproved": 7}
    assert policy.at_once(NOW)
    assert all(rule.source for rule in policy.rules())
    with pytest.raises(policy.BadPolicy, match="no row for soft"):
        rule_of("soft", date(1999, 12, 31))


@each(
    "line",
    [
        "soft\t2026-01-01\t5\t6\t30\tmore days than bounces",
        "soft\t2026-01-01\t5\t5\t4\tdays that do not fit",
        "mild\t2026-01-01\t5\t5\t30\tno such kind",
        "soft\t2026-13-01\t5\t5\t30\tno such day",
        "soft\t2026-01-01\t5\t5\t30",
        "soft\t2026-01-01\t5\t5\t30\t",
    ],
)
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(policy.BadPolicy, match=r"policy\.tsv"):
        policy._rule(line)
