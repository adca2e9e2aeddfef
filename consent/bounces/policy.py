"""The policy about failures as dated data (policy.tsv), and the question whether it is met. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

TABLE: Final = Path(__file__).with_name("policy.tsv")
HARD: Final = "hard"
SOFT: Final = "soft"
UNPROVED: Final = "unproved"
KINDS: Final = (HARD, SOFT, UNPROVED)


class Rule(NamedTuple):
    """At least `bounces` on at least `days` different days, all within the last `within` days."""

    kind: str
    since: date
    bounces: int
    days: int
    within: int
    source: str


class Day(NamedTuple):
    """The failures of one address on one day (UTC)."""

    day: date
    proved: bool
    times: int


class BadPolicy(ValueError):
    """A line of the table that cannot be read."""


@cache
def rules() -> tuple[Rule, ...]:
    """Every row of the table, the oldest first."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    read = [_rule(line) for line in lines if line.strip() and not line.startswith("#")]
    return tuple(sorted(read, key=lambda rule: rule.since))


def _rule(line: str) -> Rule:
    try:
        kind, since, bounces, days, within, source = (field.strip() for field in line.split("\t"))
        rule = Rule(kind, date.fromisoformat(since), int(bounces), int(days), int(within), source)
    except ValueError as error:
        raise BadPolicy(f"policy.tsv: {line[:60]!r}: {error}") from error
    if kind not in KINDS or not 0 < rule.days <= rule.bounces or rule.within < rule.days or not source:
        raise BadPolicy(f"policy.tsv: {line[:60]!r}: no such kind, or figures that cannot be met")
    return rule


def rule_of(kind: str, on: date) -> Rule:
    """The row in force on a day. Raise `BadPolicy` where there is none."""
    in_force = [rule for rule in rules() if rule.kind == kind and rule.since <= on]
    if not in_force:
        raise BadPolicy(f"policy.tsv has no row for {kind} on {on}")
    return in_force[-1]


def is_met(told: Iterable[Day], on: date) -> bool:
    """Whether the failures up to a day make the address a dead one."""
    known = list(told)
    proved = [one for one in known if one.proved]
    return _meets(proved, rule_of(SOFT, on), on) or _meets(known, rule_of(UNPROVED, on), on)


def at_once(on: date) -> bool:
    """Whether a single proved hard bounce is enough."""
    return rule_of(HARD, on).bounces == 1


def _meets(told: list[Day], rule: Rule, on: date) -> bool:
    recent = [one for one in told if on - timedelta(days=rule.within) < one.day <= on]
    return sum(one.times for one in recent) >= rule.bounces and len({one.day for one in recent}) >= rule.days


def kept_for(on: date) -> timedelta:
    """How long failures can still matter."""
    return timedelta(days=max(rule_of(kind, on).within for kind in KINDS))
