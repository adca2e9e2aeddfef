"""Numbers that were permanently disconnected, on their way into the inbox."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from consent import inbox
from consent.addresses import contact, contact_of_normal
from consent.configuration import EVERYTHING, Scope
from consent.inbox import Accepted, Arrival, Envelope
from consent.lists.dates import end_of_day

SOURCE = "disconnected"


class Disconnection(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number in normal form, and the day on which it was disconnected. `everywhere`: for every controller."""

    number: str
    disconnected_on: date
    everywhere: bool = False
    nonce: str = ""  # ours: without it the evidence's digest could be tried against all numbers

    @property
    def at(self) -> datetime:
        """The end of that day: what was granted on it was granted to the former holder."""
        return end_of_day(self.disconnected_on)


_decode = msgspec.json.Decoder(Disconnection)


def disconnection_in(body: bytes) -> Disconnection:
    """The disconnection that an inbound keeps."""
    return _decode.decode(body)


def disconnection(written: str, on: date, region: str = "", *, everywhere: bool = False) -> Disconnection:
    """Read a number as a list writes it; in national form it is one of `region`. Raise `InvalidAddress`."""
    return Disconnection(contact("sms", written, region or None).normal, on, everywhere)


def accept_disconnected(told: Sequence[Disconnection], controller_id: int, *, by: str, actor: str) -> list[Accepted]:
    """Keep disconnections, in order. A number and day that were told before are recognised, and add nothing.

    Until the pipeline has ended the permissions a hold stands in for it. `by` is `api` or `file`.
    """
    return inbox.accept_many([_arrival(one, controller_id, by, actor) for one in told])


def _arrival(told: Disconnection, controller_id: int, by: str, actor: str) -> Arrival:
    [key] = contact_of_normal("sms", told.number).said
    scope = EVERYTHING if told.everywhere else Scope(controller_id, None)
    kept = msgspec.structs.replace(told, nonce=secrets.token_hex(16))
    return Arrival(
        controller_id=controller_id,
        source=f"{SOURCE}:{by}",
        channel="sms",
        endpoint="*" if told.everywhere else str(controller_id),
        actor=actor,
        envelope=Envelope(body=msgspec.json.encode(kept)),
        holds=[(key, scope)],
        same=(key.hex(), told.disconnected_on.isoformat()),
    )
