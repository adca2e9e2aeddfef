"""Changes of address, and persons who are one: what is told, and how it is read, at the door as in the pipeline."""

from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from consent.addresses import Contact, contact, name_in, with_name
from consent.lists.dates import end_of_day
from consent.moving import Link, links_of
from consent.normalise.errors import InvalidAddress
from consent.normalise.post_names import person_name
from consent.statement import Rejected

Who = Literal["individual", "family", "business"]
MAX_ID_CHARACTERS = 200
MAX_NAME_CHARACTERS = 200
_EARLIEST = date(1900, 1, 1)


class Move(msgspec.Struct, frozen=True, omit_defaults=True, rename={"old": "from", "new": "to"}):
    """A change of address, as it is kept: this is the evidence.

    `new` None: somebody left the address, and no other is known. `old` None: `new` is now the person's only address of
    the channel. `region` is the country of addresses that name none; `changes` how many the request told of.
    """

    channel: Literal["email", "sms", "post"]
    old: str | dict[str, str] | None = None
    new: str | dict[str, str] | None = None
    moved_on: date | None = None
    who: Who = "individual"
    temporary: bool = False
    external_id: str = ""
    name: str = ""
    region: str = ""
    changes: int = 1
    nonce: str = ""  # ours: without it the evidence's digest could be tried against all numbers

    def left_at(self, told_at: datetime) -> datetime:
        """When the old address was left: at the end of the day, at the latest when we were told."""
        return min(end_of_day(self.moved_on), told_at) if self.moved_on else told_at


class Read(NamedTuple):
    """A move whose addresses were read. `renamed`: the new address under the name of the old one, where they differ."""

    old: Contact | None
    new: Contact | None
    renamed: Contact | None

    def links(self, move: Move, told_at: datetime, old: Contact | None = None) -> list[Link]:
        """The ways that the move opens, from `old` where it names no old address itself."""
        left = self.old or old
        if left is None or self.new is None:
            return []
        whole, both = move.who == "family", move.temporary
        news = [self.new] if self.renamed is None else [self.new, self.renamed]
        found = [link for new in news for link in links_of(left, new, told_at=told_at, household=whole, both_ways=both)]
        return [link for link in dict.fromkeys(found) if link.old != link.new]


_decode = msgspec.json.Decoder(Move)


def move_in(body: bytes) -> Move:
    """The move that an inbound keeps."""
    return _decode.decode(body)


def read_move(move: Move) -> Read:
    """Read the addresses. Raise `Rejected`, naming the member at fault.

    Who is named on one side only is the same person on the other one.
    """
    old, new = _address(move, "from", move.old), _address(move, "to", move.new)
    if move.channel != "post":
        return Read(old, new, None)
    known = person_name(move.name) if move.name else ""
    names = [name_in(one) if one else "" for one in (old, new)]
    name = names[1] or names[0] or known
    was = names[0] or name
    here = with_name(new, name) if new else None
    renamed = with_name(new, was) if new and was != name else None
    return Read(with_name(old, was) if old else None, here, renamed)


def _address(move: Move, member: str, written: str | dict[str, str] | None) -> Contact | None:
    if written is None:
        return None
    try:
        return contact(move.channel, written, move.region or None)
    except InvalidAddress as error:
        raise Rejected(f"/{member}", error.code, error.detail) from error


def checked(move: Move, now: datetime) -> Read:
    """Check a move and read its addresses. Raise `Rejected`, naming the first member at fault."""
    if move.old is None and move.new is None:
        raise Rejected("/to", "missing", "a change names where somebody went, or what they left")
    if move.old is None and not move.external_id:
        raise Rejected("/from", "missing", "without the person's id a change names the old address")
    if move.temporary and move.new is None:
        raise Rejected("/temporary", "no_new_address", "who left for a while is to be found somewhere")
    if move.moved_on is not None and not _EARLIEST <= move.moved_on <= now.date():
        raise Rejected("/moved_on", "bad_value", "a day that was, not before 1900")
    for member, text, longest in (
        ("external_id", move.external_id, MAX_ID_CHARACTERS),
        ("name", move.name, MAX_NAME_CHARACTERS),
    ):
        if len(text) > longest:
            raise Rejected(f"/{member}", "too_long", f"at most {longest} characters")
    read = read_move(move)
    if read.old and read.new and read.old.said[0] == read.new.said[0]:
        raise Rejected("/to", "same_address", "this is the old address in another spelling")
    return read


def day_of(written: str | None) -> date | None:
    """A day as systems write it. Raise `Rejected`."""
    if written is None:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or day.isoformat() != written:
        raise Rejected("/moved_on", "bad_value", "a day such as 2026-01-31")
    return day


class Merge(msgspec.Struct, frozen=True):
    """The person of the first id is that of the second one."""

    external_id: str
    into: str
    nonce: str = ""  # ours, as in every evidence


_decode_merge = msgspec.json.Decoder(Merge)


def merge_in(body: bytes) -> Merge:
    """The merge that an inbound keeps."""
    return _decode_merge.decode(body)
