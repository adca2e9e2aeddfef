"""A change of address on its way into the inbox. One code for the API and for files.

From the commit on the new address denies, until it is known what the old one takes along.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.utils import timezone

from consent import inbox
from consent.addresses import name_in
from consent.configuration import Scope
from consent.inbox import Accepted, Arrival, Envelope, open_envelope
from consent.models import Inbound
from consent.moves.move import MAX_NAME_CHARACTERS, Move, Read, checked, move_in
from consent.moves.people import contact_points, known_name
from consent.moving import home_of
from consent.normalise.keys import Key

SOURCE = "move"


class Told(NamedTuple):
    """A checked move. `same` are the parts that make a repeated delivery the same one."""

    move: Move
    read: Read
    same: tuple[str, ...] = ()


def told(move: Move, controller_id: int, now: datetime, same: tuple[str, ...] = ()) -> Told:
    """Check a move, and complete it with the name that we know the person by. Raise `Rejected`."""
    read = checked(move, now)
    if move.channel == "post" and move.external_id and not any(name_in(one) for one in (read.old, read.new) if one):
        name = move.name or known_name(controller_id, move.external_id) or _name_at_home(controller_id, move)
        move = msgspec.structs.replace(move, name=name[:MAX_NAME_CHARACTERS])
        read = checked(move, now)
    return Told(move, read, same)


def _name_at_home(controller_id: int, move: Move) -> str:
    homes = contact_points(controller_id, move.external_id, "post")
    return next((name_in(home.contact) for home in homes if name_in(home.contact)), "")


def same_row(one: Move, read: Read) -> tuple[str, ...]:
    """What makes a row of a list the same one, however often and in whatever spelling it comes. Somebody who moves back
    and then again, without a day, is not known from a row told twice: it is kept each time, and adds nothing."""
    if one.external_id and one.moved_on is None:
        return ()
    keys = [each.said[0].hex() if each else "" for each in (read.old, read.new, read.renamed)]
    day = one.moved_on.isoformat() if one.moved_on else ""
    return (one.channel, *keys, day, one.who, "temporary" if one.temporary else "", one.external_id)


def accept_moves(moves: Sequence[Told], controller_id: int, *, by: str, actor: str) -> list[Accepted]:
    """Keep moves, in order: all of them, or none if it raises. `by` is `api`, `people`, `file` or `staff`."""
    arrivals = [_arrival(one, controller_id, by, actor) for one in moves]
    return inbox.accept_many(arrivals)


def accept_changes(moves: Sequence[Told], controller_id: int, *, actor: str) -> list[Accepted]:
    """The same for the changes of one request about one person. Raise `Differs` where one of that `same` is another."""
    with transaction.atomic():
        accepted = accept_moves(moves, controller_id, by="people", actor=actor)
        for one, kept in zip(moves, accepted, strict=True):
            if kept.again and _kept(kept) != one.move:
                raise Differs
        return accepted


class Differs(Exception):
    """Another content was told under the same name before. Nothing was stored."""


def _kept(accepted: Accepted) -> Move | None:
    [sealed] = Inbound.objects.filter(pk=accepted.id).values_list("sealed_raw", flat=True)
    return msgspec.structs.replace(move_in(open_envelope(sealed).body), nonce="") if sealed else None


def _arrival(one: Told, controller_id: int, by: str, actor: str) -> Arrival:
    kept = msgspec.structs.replace(one.move, nonce=secrets.token_hex(16))
    return Arrival(
        controller_id=controller_id,
        source=f"{SOURCE}:{by}",
        channel=one.move.channel,
        endpoint=str(controller_id),
        actor=actor,
        envelope=Envelope(body=msgspec.json.encode(kept)),
        holds=[(key, Scope(controller_id, None)) for key in _held(one, timezone.now())],
        homes=tuple(each for each in (one.read.new, one.read.renamed) if each and each.channel == "post"),
        same=one.same,
    )


def _held(one: Told, now: datetime) -> Iterable[Key]:
    """Every key that may get a denial: of the person there, anyone there, and the household where all of it moved."""
    new, renamed = one.read.new, one.read.renamed
    keys = [key for each in (new, renamed) if each for key in each.said]
    if new and new.channel == "post" and one.move.who == "family":
        keys.append(home_of(new))
    keys += [link.new for link in one.read.links(one.move, now)]
    return dict.fromkeys(keys)
