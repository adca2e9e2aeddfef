"""Quiet hours in answers: an allowed text is told to wait. A no is never changed by them, and never carries one."""

from datetime import datetime
from typing import Any

from consent.quiet.hours import not_before

Answer = dict[str, Any]


def add_not_before(answer: Answer, number: str, at: datetime) -> Answer:
    """Tell an allowed answer about an E.164 number until when it is quiet there; where it is not, leave it as it is."""
    opens = not_before(number, at) if answer["allowed"] else None
    if opens is not None:
        answer["not_before"] = opens
    return answer
