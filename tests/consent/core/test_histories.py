"""The same words in any order, again and again, in any batches, amount to the same: ties end in no."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import status
from consent.configuration import Scope
from consent.suppression import Line, derive
from tests.consent.core import histories
from tests.consent.core.histories import KEY, NOW, TOPICS, Verdict
from tests.each import each

SNAPSHOT = histories.snapshot()


def verdicts_by_derive(lines: Sequence[Line]) -> list[Verdict]:
    """What a check would say about each topic, by the project's own code."""
    state = derive(lines)
    found = status.Found(denials=state.denials, grants=state.grants)
    asked = [status.Asked.about(SNAPSHOT.topics[row[0]], "sms", None, NOW) for row in TOPICS]
    made = [status.decide(SNAPSHOT, one, found) for one in asked]
    return [Verdict(one.allowed, frozenset({one.reason, *one.also}), one.since) for one in made]


def verdicts_by_reading(lines: Sequence[Line]) -> list[Verdict]:
    book = histories.read(lines)
    return [histories.verdict(book, topic) for topic in TOPICS]


@each("seed", range(4))
def test_a_thousand_histories_read_as_the_rules_say_however_they_were_delivered(seed: int) -> None:
    random = Random(seed)
    for _ in range(1_000):
        lines = histories.history(random)
        told = verdicts_by_derive(lines)
        assert told == verdicts_by_reading(lines), lines
        assert verdicts_by_derive(histories.delivered(lines, random)) == told, lines


@st.composite
def drawn(draw: st.DrawFn) -> list[Line]:
    def pick(choices: Sequence[Any]) -> Any:
        return draw(st.sampled_from(choices))

    about = histories.field(draw(st.randoms(use_true_random=False)))
    return [histories.line(pick, number, about) for number in range(1, draw(st.integers(1, 5)) + 1)]


@settings(max_examples=80, derandomize=True, deadline=None, database=None)
@given(drawn(), st.randoms(use_true_random=False))
def test_the_smallest_history_that_reads_otherwise(lines: list[Line], random: Random) -> None:
    told = verdicts_by_derive(lines)
    assert told == verdicts_by_reading(lines)
    assert verdicts_by_derive(histories.delivered(lines, random)) == told


def one(action: str, cause: str = "", **more: Any) -> Line:
    plain = Line(
        id=UUID(int=1),
        key=KEY,
        scope=Scope(histories.ACME, 12),
        action=action,
        cause=cause,
        basis="opt_in" if action == "grant" else "",
        sender="",
        source="api",
        occurred_at=histories.START,
        expires_at=None,
        notice=None,
    )
    return plain._replace(**more)


@each(("first", "second"), [(0, 1), (1, 0)])
@each(
    "words",
    [
        pytest.param((one("grant"), one("withdraw", "choice")), id="yes and no"),
        pytest.param((one("grant"), one("withdraw", "stop")), id="yes and STOP"),
        pytest.param((one("grant"), one("expire")), id="yes and its end"),
        pytest.param((one("grant"), one("grant", expires_at=NOW)), id="a yes for good and one that has expired"),
        pytest.param((one("grant"), one("grant", notice=("form", 1))), id="a yes to the old wording and one to none"),
        pytest.param((one("grant", notice=("form", 2)), one("grant", notice=("form", 1))), id="two wordings"),
    ],
)
def test_a_tie_ends_in_no(words: tuple[Line, Line], first: int, second: int) -> None:
    told = [words[first]._replace(id=UUID(int=1)), words[second]._replace(id=UUID(int=2))]
    offers = TOPICS[1]
    assert not verdicts_by_derive(told)[TOPICS.index(offers)].allowed


@pytest.mark.parametrize("source", ["import", "api:import"])
def test_an_import_lifts_nothing_and_a_persons_own_yes_does(source: str) -> None:
    no = one("withdraw", "choice")
    later = histories.START + timedelta(minutes=1)
    imported = one("grant", source=source, occurred_at=later, id=UUID(int=2))
    assert verdicts_by_derive([no, imported])[1].reasons == {"opted_out"}
    assert verdicts_by_derive([no, imported._replace(source="api:form")])[1].allowed
