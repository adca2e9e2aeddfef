"""The press of a confirmation link: what was asked for becomes a yes."""

from uuid import UUID

from consent import db
from consent.configuration import Snapshot
from consent.confirming import read_ticket, words
from consent.decision import Arrived, Decision, Seen
from consent.normalise.keys import Key
from consent.requested import contact_of


class EarlierFirst(Exception):
    """A word about the same address came before, and is not worked off: what this one says depends on it."""


def interpret_confirm(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The yeses of a press; none if it came too late, or after a no."""
    ticket = read_ticket(arrived.endpoint)
    _require_earlier_words(ticket.key, arrived)
    entries = words(arrived, snapshot)
    seen = _seen(ticket.inbound_id, ticket.key) if entries else ()
    return Decision("opt_in" if entries else "none", "confirm.press", entries, seen)


_WAITING = """
SELECT 1 FROM consent_hold h JOIN consent_inbound i ON i.id = h.inbound_id
WHERE h.key = %s AND i.state = 'pending' AND i.id < %s LIMIT 1
"""


def _require_earlier_words(key: Key, arrived: Arrived) -> None:
    """Otherwise a no of a moment before would be missed, and the yes would change nothing."""
    if db.fetch(_WAITING, [key, arrived.id]):
        raise EarlierFirst


def _seen(inbound_id: UUID, key: Key) -> tuple[Seen, ...]:
    """The address, which is kept from now on: its owner has said so."""
    known = contact_of(inbound_id, key)
    return (Seen(key, known.channel, known.normal),) if known else ()
