"""Questions about many addresses or hashes at once: what the bulk check and the stream have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from consent import status
from consent.addresses import Contact, contacts_of_many, keys_of_hash, keys_of_many, keys_of_normals, normals_of_many
from consent.configuration import Snapshot
from consent.near import near_of, wanted
from consent.normalise.keys import Key
from consent.status import INVALID_ADDRESS, Verdict

ADDRESS, HASH = "address", "hash"


class Question(NamedTuple):
    """What is asked about each. `name` says whether they are given by address or by hash."""

    channel: str
    topic: str
    sender: str | None
    name: str


class Answered(NamedTuple):
    """A verdict for each, in order. `numbers` are those that were asked about; None where no number is known."""

    snapshot: Snapshot
    verdicts: Sequence[Verdict]
    numbers: Sequence[str | None] | None


def ask_many(controller_id: int, asked: Question, given: Sequence[Any], now: datetime) -> Answered:
    """Answer for each. What is no address is denied. Raise `consent.status.Unknown`."""
    by_address = asked.name == ADDRESS
    numbers = normals_of_many("sms", given) if by_address and asked.channel == "sms" else None
    homes = contacts_of_many(given) if by_address and asked.channel == "post" else None
    keys = _keys(asked, given, numbers, homes)
    valid = [group for group in keys if group]
    near = near_of([home for home in homes if home]) if homes is not None else []
    snapshot, verdicts = status.check_many(
        controller_id, asked.topic, asked.channel, valid, now, asked.sender, wanted(near)
    )
    if len(valid) < len(keys):
        answered = iter(verdicts)
        verdicts = [next(answered) if group else INVALID_ADDRESS for group in keys]
    return Answered(snapshot, verdicts, numbers)


def _keys(
    asked: Question,
    given: Sequence[Any],
    numbers: Sequence[str | None] | None,
    homes: Sequence[Contact | None] | None,
) -> list[tuple[Key, ...]]:
    """The keys of each; none for what cannot be read."""
    if numbers is not None:
        return keys_of_normals("sms", numbers)
    if homes is not None:
        return [home.asked if home else () for home in homes]
    if asked.name == HASH:
        return [keys_of_hash(asked.channel, written) for written in given]
    return keys_of_many(asked.channel, given)
