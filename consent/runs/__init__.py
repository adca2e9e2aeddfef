"""Mail runs: which of them may still reach somebody."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from consent.normalise.keys import Key


class StillDue(NamedTuple):
    """A run that may still bring a piece, until a day."""

    name: str
    dropped_on: date
    arrives_until: date


def may_still_arrive(controller_id: int, keys: Sequence[Key], at: datetime) -> list[StillDue]:
    """The runs of a controller that may still reach one of the keys after a moment. No run is known yet."""
    return []
