"""Questions about many addresses or hashes at once: what the bulk check and the stream have in common."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from consent import status
from consent.addresses import contacts_of_many, digest_of_hash, normals_of_many
from consent.configuration import Snapshot
from consent.keys import key_maker
from consent.near import near_of, wanted
from consent.packed import Told, tell_packed
from consent.replica.reading import reading
from consent.status import INVALID_ADDRESS, Verdict

ADDRESS, HASH = "address", "hash"
_INVALID = Told(INVALID_ADDRESS)


class Question(NamedTuple):
    """What is asked about each. `name` says whether they are given by address or by hash."""

    channel: str
    topic: str
    sender: str | None
    name: str


class Answered(NamedTuple):
    """The answers: `plain` for all but those in `others`, by their places.

    `numbers` are those that were asked about, None for what is none; empty where no number is known.
    """

    snapshot: Snapshot
    plain: Verdict
    others: Mapping[int, Told]
    numbers: Sequence[str | None] = ()


def ask_many(controller_id: int, asked: Question, given: Sequence[Any], now: datetime) -> Answered:
    """Answer for each. What is no address is denied. Raise `consent.status.Unknown`."""
    if asked.channel == "post":
        return _ask_about_homes(controller_id, asked, given, now)
    maker = key_maker()
    numbers: Sequence[str | None] = ()
    if asked.name == HASH:
        digests = [digest_of_hash(one) for one in given]
        invalid = _missing(digests)
        packed = maker.packed_of_digests(asked.channel, digests)
    else:
        normals = normals_of_many(asked.channel, given)
        invalid = _missing(normals)
        packed = maker.packed_of_texts(asked.channel, normals)
        numbers = normals if asked.channel == "sms" else ()
    with reading():
        snapshot, plain, found = tell_packed(controller_id, asked.topic, asked.channel, packed, now, asked.sender)
    return Answered(snapshot, plain, {**found, **dict.fromkeys(invalid, _INVALID)} if invalid else found, numbers)


def _missing(given: Sequence[Any]) -> list[int]:
    """The places of None."""
    return [place for place, one in enumerate(given) if one is None] if None in given else []


def _ask_about_homes(controller_id: int, asked: Question, given: Sequence[Any], now: datetime) -> Answered:
    homes = contacts_of_many(given)
    valid = [place for place, home in enumerate(homes) if home]
    known = [home for home in homes if home]
    keys = [home.asked for home in known]
    with reading():
        near = wanted(near_of(known))
        snapshot, verdicts = status.check_many(controller_id, asked.topic, asked.channel, keys, now, asked.sender, near)
    return Answered(snapshot, INVALID_ADDRESS, dict(zip(valid, map(Told, verdicts), strict=True)))
