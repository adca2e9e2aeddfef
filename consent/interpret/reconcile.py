"""An opt-out that a gateway's own list holds and that we lacked."""

from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Decision, Seen
from consent.lists.taken import taken_in
from consent.models.vocabulary import Action, Cause
from consent.numbers import our_number, person_contact


def interpret_reconcile(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The gateway heard a STOP: it denies within the controller as if we had heard it ourselves."""
    taken = taken_in(arrived.envelope.body)
    contact = person_contact(taken.number, taken.region)
    word = arrived.entry(
        0,
        contact.said[0],
        scope=Scope(arrived.controller_id, None),
        action=Action.WITHDRAW,
        cause=Cause.STOP,
        sender=our_number(taken.sender) if taken.sender else "",
        occurred_at=min(taken.occurred_at or arrived.received_at, arrived.received_at),
    )
    return Decision("opt_out", "reconcile.listed", (word,), (Seen(contact.said[0], "sms", contact.normal),))
