"""A request for a code on its way into the inbox. It looks nothing up: what is known of the address is seen later."""

import secrets
from typing import Literal
from uuid import UUID

import msgspec

from consent import inbox
from consent.inbox import Arrival, Envelope
from consent.models.fields import public_id

SOURCE = "page:code"
PROVED = "page:proved"
ENTER, CHANGE = "enter", "change"


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked, as it is kept. Either an address in normal form, or a link whose own address it is.

    `purpose`: to enter, or to show that a new address is one's own. `limited`: too many were asked for, and none is to
    be sent. `language` is that of the page.
    """

    request: UUID
    channel: Literal["email", "sms"]
    address: str = ""
    link: str = ""
    purpose: Literal["enter", "change"] = "enter"
    language: str = ""
    limited: bool = False
    nonce: str = ""  # ours: without it the evidence's digest could be tried against all addresses


_decode = msgspec.json.Decoder(Asked)


def asked_in(body: bytes) -> Asked:
    """The request that an inbound keeps."""
    return _decode.decode(body)


def new_request() -> UUID:
    """The id of a request. It is no secret: its signature and the browser's cookie are."""
    return UUID(str(public_id()))


def accept_code(asked: Asked, controller_id: int) -> None:
    """Keep a request. The work is the same for every address."""
    _accept(SOURCE, asked, controller_id)


def accept_proved(asked: Asked, controller_id: int) -> None:
    """Keep that somebody has shown to own an address: from now on it is known to us, and so can be written to."""
    _accept(PROVED, asked, controller_id)


def _accept(source: str, asked: Asked, controller_id: int) -> None:
    kept = msgspec.structs.replace(asked, nonce=secrets.token_hex(16))
    inbox.accept(
        Arrival(
            controller_id=controller_id,
            source=source,
            channel=asked.channel,
            envelope=Envelope(body=msgspec.json.encode(kept)),
            holds=[],
        )
    )
