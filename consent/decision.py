"""What an interpreter makes of an inbound, before anything is written."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from consent.inbox import Envelope
from consent.ledger import Entry
from consent.moves.move import Move, Read
from consent.normalise.keys import Key
from consent.normalise.post_model import Home


class Arrived(NamedTuple):
    """A claimed inbound, opened."""

    id: UUID
    controller_id: int
    source: str
    channel: str
    endpoint: str
    actor: str
    received_at: datetime
    digest: bytes
    attempts: int
    envelope: Envelope

    def entry(self, ordinal: int, key: bytes, **said: Any) -> Entry:
        """A ledger entry with this inbound as its evidence. `said` are the remaining fields of `Entry`."""
        said.setdefault("channel", self.channel)
        said.setdefault("occurred_at", self.received_at)
        said.setdefault("source", self.source)
        said.setdefault("actor", self.actor)
        return Entry(inbound_id=self.id, ordinal=ordinal, key=key, digest=self.digest, **said)


class Seen(NamedTuple):
    """An address that came up: kept beside the ledger, sealed, so that staff can tell whose it is.

    `home` has the parts of a postal address, where they are known.
    """

    key: bytes
    channel: str
    normal: str
    home: Home | None = None


class Identified(NamedTuple):
    """A person whom the controller named with an address."""

    external_id: str
    name: str
    key: bytes


class Doubt(NamedTuple):
    """A channel on which a person must decide, what we would say, and the keys that stay held meanwhile."""

    channel: str
    suggestion: str = ""
    keys: tuple[bytes, ...] = ()


class Disconnected(NamedTuple):
    """A number that was nobody's from a moment on: until then it was its former holder's. No controller: for all."""

    key: bytes
    controller_id: int | None
    at: datetime


class Moved(NamedTuple):
    """A change of address, and its addresses."""

    move: Move
    read: Read


class Merged(NamedTuple):
    """The ids of two persons who are one."""

    external_id: str
    into: str


class Bounced(NamedTuple):
    """A failure that counts towards the policy (consent/bounces/policy.tsv). `proved`: nobody could have forged it."""

    key: Key
    proved: bool
    at: datetime


class Alive(NamedTuple):
    """A sign of life of an address: what was counted before it is forgotten. `delivered` also lifts a hard bounce."""

    key: Key
    delivered: bool
    at: datetime


class Spoken(NamedTuple):
    """The language in which the holder of an address wants to be written to."""

    key: Key
    language: str


class Answer(msgspec.Struct, frozen=True):
    """A letter's answer, ready to be sent. `message_id` is that of the letter, empty where it is not referred to.

    `submitted` is how it came about (RFC 3834 §5): `auto-replied`, or `auto-generated` where no letter was there.
    """

    subject: str
    text: str
    name: str
    language: str
    message_id: str = ""
    submitted: str = "auto-replied"


class Wanted(NamedTuple):
    """Something to be done outside because of an inbound: a text or a letter to a person, or a URL to be fetched once.

    `sender` is our number as the gateway wrote it, `to` the person's in normal form, `topics` the ids of those that the
    text offers to keep; `provider` and `endpoint` name the account, where it is not the one that the inbound came by.
    Whether it is still due is seen when the inbound is settled (consent/answering.py).
    """

    kind: str
    purpose: str
    way: str
    key: Key | None = None
    sender: str = ""
    to: str = ""
    text: str = ""
    topics: tuple[int, ...] = ()
    url: str = ""
    answer: Answer | None = None
    provider: str = ""
    endpoint: str = ""


class Coded(NamedTuple):
    """A code that was asked for, and the message that brings it; None where nobody is to get one (consent/access/).

    `request` is known to the browser that asked.
    """

    request: UUID
    channel: str
    key: Key
    code_mac: bytes
    message: Wanted | None


class Claimed(NamedTuple):
    """A request about somebody's data (consent/rights/). `errands` tell of it: the person, and a client."""

    kind: str
    channel: str
    key: Key
    proof: str
    state: str
    received_at: datetime
    errands: tuple[Wanted, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """The whole effect of an inbound. With doubts it stays held and waits for review; with `awaits` it stays held until
    an errand has fetched what it only tells of."""

    outcome: str
    rule: str = ""
    entries: tuple[Entry, ...] = ()
    seen: tuple[Seen, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    people: tuple[Identified, ...] = ()
    disconnected: tuple[Disconnected, ...] = ()
    errands: tuple[Wanted, ...] = ()
    moves: tuple[Moved, ...] = ()
    merges: tuple[Merged, ...] = ()
    bounced: tuple[Bounced, ...] = ()
    alive: tuple[Alive, ...] = ()
    awaits: bool = False
    codes: tuple[Coded, ...] = ()
    claims: tuple[Claimed, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    authenticity: str = ""  # of mail: whether the sender's domain stands by it (consent/intake/mail_authenticity.py)
