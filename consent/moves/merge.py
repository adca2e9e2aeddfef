"""Two persons turn out to be one, on its way into the inbox. Every denial of both is kept, and reaches both."""

import secrets
from datetime import datetime
from itertools import product

import msgspec

from consent import inbox
from consent.configuration import Scope
from consent.inbox import Accepted, Arrival, Envelope
from consent.models.move import MoveKind
from consent.moves.move import Merge
from consent.moves.people import MAX_ADDRESSES, Address, addresses, find_person
from consent.moving import Link
from consent.statement import Rejected

SOURCE = "merge"


def accept_merge(merge: Merge, controller_id: int, *, by: str, actor: str, same: tuple[str, ...] = ()) -> Accepted:
    """Keep a merge. From the commit on each address of one denies until it has what the other one refused.

    Raise `Rejected`: with the pointer `""` for the person, `/into` for the other one.
    """
    links = _links(merge, controller_id)
    return inbox.accept(
        Arrival(
            controller_id=controller_id,
            source=f"{SOURCE}:{by}",
            channel=_channel(links),
            endpoint=str(controller_id),
            actor=actor,
            envelope=Envelope(body=msgspec.json.encode(msgspec.structs.replace(merge, nonce=secrets.token_hex(16)))),
            holds=[(key, Scope(controller_id, None)) for key in dict.fromkeys(link.new for link in links)],
            same=same,
        )
    )


def _channel(links: list[Link]) -> str:
    """An inbound is listed under one channel; this one is about all that the two have in common."""
    return next((link.channel for link in links), "email")


def _links(merge: Merge, controller_id: int) -> list[Link]:
    one, other = find_person(controller_id, merge.external_id), find_person(controller_id, merge.into)
    if one is None:
        raise Rejected("", "unknown_person", "there is no such person")
    if other is None:
        raise Rejected("/into", "unknown_person", "there is no such person")
    if merge.external_id == merge.into:
        raise Rejected("/into", "same_person", "this is the person themself")
    theirs, others = addresses(one.pk), addresses(other.pk)
    if max(len(theirs), len(others)) >= MAX_ADDRESSES:
        raise Rejected("/into", "too_many_addresses", f"persons have fewer than {MAX_ADDRESSES} addresses")
    return merged_links(theirs, others)


def merged_links(ones: list[Address], others: list[Address]) -> list[Link]:
    """The ways between the addresses of two persons who are one: to each present address from every other."""
    pairs = [*product(ones, others), *product(others, ones)]
    return [
        Link(old.channel, old.key, new.key, MoveKind.MERGED, _last_word(old))
        for old, new in pairs
        if old.channel == new.channel and old.key != new.key and new.until is None
    ]


def _last_word(old: Address) -> datetime | None:
    """A number that was given up is somebody else's now."""
    return old.until if old.channel == "sms" else None
