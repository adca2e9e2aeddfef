"""What the commands that take in mail have in common."""

import os

from django.core.management.base import CommandError, OutputWrapper

from consent.ingest.taking import Fate, Tally

DATABASE_DOWN = "The database cannot answer. What was taken in is kept; run this again."
# In the order of what a caller should hear first: who is told "try again" repeats what he was not told.
_STATUS = {Fate.FAILED: os.EX_TEMPFAIL, Fate.UNREADABLE: os.EX_DATAERR, Fate.NOT_OURS: os.EX_NOUSER}


def tell(out: OutputWrapper, err: OutputWrapper, tally: Tally) -> None:
    """The counts, and by name what a person should look at."""
    out.write(tally.summary())
    for note in tally.notes:
        err.write(f"  {note.place}: {note.why}")
    if tally.more:
        err.write(f"  … and {tally.more:,} more that are not ours")
    for place in tally.cut:
        err.write(f"  {place}: larger than SAYSO_MAX_MAIL_BYTES; its beginning is kept")


def exit_status(tally: Tally) -> int:
    """0 when everything is kept, else one of sysexits, as a mail system understands it."""
    return next((status for fate, status in _STATUS.items() if tally.counts[fate]), 0)


def end_with(status: int) -> None:
    """Raise unless all went well."""
    if status:
        raise CommandError("Not everything was taken in: see above.", returncode=status)
