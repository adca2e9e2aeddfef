"""Whom a mailing goes to: the same recipients for every side, and others in every round.

A mailing's recipients are asked about once. Who asks about the same ones again and again finds their pages in the
processor's cache, which flatters whoever looks up the most.
"""

from typing import NamedTuple
from uuid import UUID

from bench import messages, suppressed
from bench.stack import Stack
from consent.addresses import keys_of_many
from consent.normalise.keys import Key

COUNT = 10_000  # in one request, the most that it takes
_OF = 20  # the share of those denied is so many of twenty


class Batch(NamedTuple):
    """Recipients, their keys (also as PostgreSQL's driver has them quickest), the request about them, and how many of
    twenty are denied. All is made beforehand."""

    addresses: list[str]
    keys: list[Key]
    uuids: list[UUID]
    request: bytes
    denied_of_twenty: int

    def denied(self, among: int = COUNT) -> int:
        """How many of the first `among`, a multiple of twenty, are denied."""
        return among * self.denied_of_twenty // _OF


def addresses(start: int, count: int, denied_of_twenty: int) -> list[str]:
    """`count` addresses from the `start`-th on, a multiple of twenty; of each twenty the first few are suppressed."""
    known = start // _OF * denied_of_twenty
    found = []
    for number in range(count):
        block, place = divmod(number, _OF)
        if place < denied_of_twenty:
            found.append(suppressed.known((known + block * denied_of_twenty + place) % suppressed.KNOWN))
        else:
            found.append(suppressed.spread(f"nobody{start + number}"))
    return found


def batch(stack: Stack, number: int, denied_of_twenty: int) -> Batch:
    """The `number`-th mailing."""
    asked = addresses(number * COUNT, COUNT, denied_of_twenty)
    keys = [group[0] for group in keys_of_many("email", asked)]
    return Batch(asked, keys, [UUID(bytes=bytes(key)) for key in keys], messages.bulk(stack, asked), denied_of_twenty)
