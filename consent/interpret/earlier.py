"""Words whose meaning depends on what was said before them."""

from consent import db
from consent.decision import Arrived
from consent.normalise.keys import Key


class EarlierFirst(Exception):
    """A word about the same address came before, and is not worked off: what this one says depends on it."""


_WAITING = """
SELECT 1 FROM consent_hold h JOIN consent_inbound i ON i.id = h.inbound_id
WHERE h.key = %s AND i.state = 'pending' AND i.id < %s LIMIT 1
"""


def require_earlier_words(key: Key, arrived: Arrived) -> None:
    """Raise `EarlierFirst` where a no may be missed, which a yes has to know of to count (consent/resubscribing.py)."""
    if db.fetch(_WAITING, [key, arrived.id]):
        raise EarlierFirst
