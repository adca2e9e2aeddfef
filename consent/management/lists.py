"""What the commands that take in lists have in common."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import date

from django.core.management.base import OutputWrapper

from consent.lists.listed import Unreadable

_SHOWN = 20


def day(written: str) -> date:
    """A day as an argument."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ArgumentTypeError("a day such as 2026-01-31") from error


def tell_unreadable(out: OutputWrapper, rows: Sequence[Unreadable]) -> None:
    """Name the rows that could not be read, the first of them."""
    for row in rows[:_SHOWN]:
        out.write(f"  {row.place}: {row.why}")
    if len(rows) > _SHOWN:
        out.write(f"  … and {len(rows) - _SHOWN:,} more")
