"""What reading a list gives, row by row."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

MAX_VALUE_CHARACTERS = 500
MAX_VALUES = 40


class Listed(msgspec.Struct, frozen=True):
    """A row of a gateway's list: `number` opted out of messages from `sender`, our number where the list names it.

    `occurred_at` is timezone-aware. `row` is the evidence, as listed; `place` names the row for people, without a
    person's data.
    """

    number: str
    place: str
    sender: str = ""
    occurred_at: datetime | None = None
    row: Mapping[str, str] = {}


class Unreadable(msgspec.Struct, frozen=True):
    """A row that cannot be read, and why. Neither `place` nor `why` repeats a person's data."""

    place: str
    why: str


Rows = Iterator[Listed | Unreadable]


class Incomplete(Exception):
    """The list could not be read to its end. What was read before counts all the same."""


def bounded(row: Mapping[str, object]) -> dict[str, str]:
    """A row as evidence: its values as text, not too many of them, none too long."""
    known = [(name, value) for name, value in row.items() if value not in (None, "")][:MAX_VALUES]
    return {str(name)[:MAX_VALUE_CHARACTERS]: str(value)[:MAX_VALUE_CHARACTERS] for name, value in known}
