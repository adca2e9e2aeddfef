"""An opt-out that a gateway's own list holds and that we lacked."""

from consent.configuration import Snapshot
from consent.decision import Arrived, Decision, Seen
from consent.lists.taken import taken_in
from consent.numbers import our_number, person_contact
from consent.stopping import stop_words, told


def interpret_reconcile(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The gateway heard a STOP: it reaches as far as if we had heard it ourselves."""
    taken = taken_in(arrived.envelope.body)
    contact = person_contact(taken.number, taken.region)
    text = told(snapshot, arrived.controller_id, arrived.source, arrived.endpoint, arrived.received_at, None)
    words = stop_words(snapshot, text._replace(sender=our_number(taken.sender) if taken.sender else ""))
    said = {"occurred_at": min(taken.occurred_at or arrived.received_at, arrived.received_at)}
    entries = tuple(arrived.entry(place, contact.said[0], **(word | said)) for place, word in enumerate(words))
    return Decision("opt_out", "reconcile.listed", entries, (Seen(contact.said[0], "sms", contact.normal),))
