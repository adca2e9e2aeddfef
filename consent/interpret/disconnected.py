"""A number that was permanently disconnected: consent given before is not its next holder's (reassigned.us)."""

from consent.addresses import contact_of_normal
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Decision, Disconnected
from consent.lists.disconnected import disconnection_in
from consent.models.vocabulary import Action


def interpret_disconnected(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """A line without a cause: it takes back the permissions that had begun, and denies nothing.

    No line lifts a denial here: what a former holder refused stays refused.
    """
    told = disconnection_in(arrived.envelope.body)
    [key] = contact_of_normal("sms", told.number).said
    scope = Scope(None if told.everywhere else arrived.controller_id, None)
    at = min(told.at, arrived.received_at)
    line = arrived.entry(0, key, scope=scope, action=Action.INVALIDATE, occurred_at=at)
    gone = Disconnected(key, scope.controller_id, at)
    return Decision("disconnected", "disconnected.number", (line,), disconnected=(gone,))
