"""How far a scrub has come, how quickly it goes, and how long it will still take."""

from typing import NamedTuple

from consent.models import Scrub
from consent.models.scrub import ScrubState


class Progress(NamedTuple):
    """`rate` in rows a second and `seconds_left` are known while it is worked on. Waiting for others is not counted."""

    bytes_done: int
    of_bytes: int
    rows_done: int
    rate: int | None
    seconds_left: float | None


def progress_of(scrub: Scrub) -> Progress:
    """The progress as of the last block."""
    done = (scrub.done_bytes, scrub.table_bytes, scrub.done_rows)
    if scrub.state != ScrubState.SCRUBBING or not scrub.seconds:
        return Progress(*done, None, None)
    left = (scrub.table_bytes - scrub.done_bytes) * scrub.seconds / max(scrub.done_bytes, 1)
    return Progress(*done, round(scrub.done_rows / scrub.seconds), round(left, 1))
