"""Quiet hours in answers: an allowed text is told to wait. A no is never changed by them, and never carries one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from consent.quiet.hours import not_before, not_before_each
from consent.status import Verdict

Answer = dict[str, Any]


def add_not_before(answer: Answer, number: str, at: datetime) -> Answer:
    """Tell an allowed answer about an E.164 number until when it is quiet there; where it is not, leave it as it is."""
    opens = not_before(number, at) if answer["allowed"] else None
    if opens is not None:
        answer["not_before"] = opens
    return answer


def add_not_before_to_each(
    rows: Sequence[Answer], numbers: Iterable[str | None], verdicts: Iterable[Verdict], at: datetime, only: str | None
) -> None:
    """The same for the rows of a batch, of which `only` may have left some out. `None` is a row without a number."""
    allowed = [number for number, verdict in zip(numbers, verdicts, strict=True) if verdict.allowed and number]
    if only == "denied":
        return
    moments = not_before_each(allowed, at)
    for row in rows:
        if row["allowed"]:
            opens = next(moments)
            if opens is not None:
                row["not_before"] = opens
