"""By when a request is answered: the strictest of the rules, for everybody. Pure.

GDPR 12(3): one month from receipt, which ends on the same day of the next month, or on its last day (Regulation
1182/71, article 3). CCPA §7021 leaves 45 days. Two more months for complex ones are never taken by themselves.
"""

from calendar import monthrange
from datetime import datetime


def due_at(received_at: datetime) -> datetime:
    """A month later."""
    year, month = received_at.year + received_at.month // 12, received_at.month % 12 + 1
    return received_at.replace(year=year, month=month, day=min(received_at.day, monthrange(year, month)[1]))


def days_left(due: datetime, now: datetime) -> int:
    """Whole days until then, below 0 once it is over."""
    return (due.date() - now.date()).days
