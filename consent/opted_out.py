"""A gateway that refuses our text because the number opted out there holds a no that we may lack: it is taken in."""

import json
from typing import TYPE_CHECKING

from consent import inbox
from consent.configuration import Scope
from consent.errands import Payload
from consent.inbox import Arrival, Envelope
from consent.intake.contract import Message
from consent.numbers import person_contact

if TYPE_CHECKING:
    from consent.outbox import Claimed


def take_in(row: "Claimed", payload: Payload, error: str) -> None:
    """Take in the refusal of a text, as a delivery report that says the same is."""
    message = Message(
        kind="report",
        sender=payload.to,
        recipient=payload.sender,
        text="",
        external_id=f"errand:{row.id}",
        verdict="opt_out",
        event=error[:60],
    )
    body = json.dumps({"errand": str(row.id), "to": payload.to, "from": payload.sender, "error": error}).encode()
    own = Scope(row.controller_id, None)
    inbox.accept(
        Arrival(
            controller_id=row.controller_id,
            source=f"sms:{row.provider}",
            channel="sms",
            endpoint=row.endpoint,
            envelope=Envelope(body=body, message=message),
            holds=[(key, own) for key in person_contact(payload.to, "").said],
            same=(message.external_id, message.event),
        )
    )
