"""The press of a confirmation link: what was asked for becomes a yes."""

from uuid import UUID

from consent.configuration import Snapshot
from consent.confirming import read_ticket, words
from consent.decision import Arrived, Decision, Seen
from consent.interpret.earlier import require_earlier_words
from consent.normalise.keys import Key
from consent.requested import contact_of


def interpret_confirm(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The yeses of a press; none if it came too late, or after a no."""
    ticket = read_ticket(arrived.endpoint)
    require_earlier_words(ticket.key, arrived)
    entries = words(arrived, snapshot)
    seen = _seen(ticket.inbound_id, ticket.key) if entries else ()
    return Decision("opt_in" if entries else "none", "confirm.press", entries, seen)


def _seen(inbound_id: UUID, key: Key) -> tuple[Seen, ...]:
    """The address, which is kept from now on: its owner has said so."""
    known = contact_of(inbound_id, key)
    return (Seen(key, known.channel, known.normal),) if known else ()
