"""A request for a code on its way into the inbox. It looks nothing up: what is known of the address is seen later."""

import secrets
from typing import Literal
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import inbox, resolve
from consent.addresses import contact_of_normal
from consent.decision import Seen
from consent.inbox import Arrival, Envelope
from consent.models.fields import public_id

SOURCE = "page:code"
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
    kept = msgspec.structs.replace(asked, nonce=secrets.token_hex(16))
    inbox.accept(
        Arrival(
            controller_id=controller_id,
            source=SOURCE,
            channel=asked.channel,
            envelope=Envelope(body=msgspec.json.encode(kept)),
            holds=[],
        )
    )


def keep_proved(asked: Asked) -> None:
    """Somebody has shown to own the address that they typed: from now on it is known to us, and can be written to."""
    found = contact_of_normal(asked.channel, asked.address)
    with transaction.atomic():
        resolve.keep_address(Seen(found.said[0], found.channel, found.normal), timezone.now())
