"""The evidence of an opt-out taken in from a gateway's list."""

import secrets
from collections.abc import Mapping
from datetime import datetime

import msgspec

from consent.lists.listed import Listed


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row of a list as it is kept. `region` is the country in which the list's numbers are read."""

    number: str
    sender: str = ""
    occurred_at: datetime | None = None
    region: str = ""
    place: str = ""
    row: Mapping[str, str] = {}
    nonce: str = ""  # ours: without it the evidence's digest could be tried against all numbers


_decode = msgspec.json.Decoder(Taken)


def evidence_of(listed: Listed, region: str) -> bytes:
    """What is kept of a row, which nobody can guess from its digest."""
    taken = Taken(
        listed.number, listed.sender, listed.occurred_at, region, listed.place, listed.row, secrets.token_hex(16)
    )
    return msgspec.json.encode(taken)


def taken_in(body: bytes) -> Taken:
    """The row that an inbound keeps."""
    return _decode.decode(body)
