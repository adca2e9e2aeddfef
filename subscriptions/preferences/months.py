"""For how long somebody pauses: whole months, to the same day."""

import calendar
from datetime import datetime

from django.http import QueryDict

MONTHS = (1, 3, 6)


class UnknownMonths(ValueError):
    """The form names a time that the page does not offer."""


def until_in(form: QueryDict, now: datetime) -> datetime:
    """When the pause of a form ends. Raise `UnknownMonths`."""
    try:
        return months_after(now, {str(number): number for number in MONTHS}[str(form.get("months"))])
    except KeyError as error:
        raise UnknownMonths from error


def months_after(now: datetime, months: int) -> datetime:
    """The same day so many months later, or the last of a month that is too short."""
    year, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last))
