"""From where a controller writes to people: the mailbox, and the account that can send texts."""

from typing import NamedTuple

from consent.answers.options import API, way
from consent.configuration import Snapshot
from consent.models.vocabulary import ControllerKind, SenderKind
from consent.numbers import our_number
from consent.outgoing.registry import GATEWAYS

_MAILBOXES = (SenderKind.SENDER, SenderKind.PRIVACY, SenderKind.OPT_OUT)


class NoWay(Exception):
    """The controller has nothing that could send this."""


class TextWay(NamedTuple):
    """An account at a gateway, and the number of ours from which it sends."""

    provider: str
    endpoint: str
    sender: str


def mailbox_of(snapshot: Snapshot, controller_id: int) -> str:
    """The controller's own mailbox; of a client or an affiliate that has none, that of our organisation.

    Raise `NoWay` where there is none at all.
    """
    own = [number for number, kind in snapshot.controller_kinds.items() if kind == ControllerKind.OWN]
    for owner in (controller_id, *own):
        found = sorted(
            (_MAILBOXES.index(SenderKind(kind)), address)
            for (channel, address), (whose, kind) in snapshot.senders.items()
            if channel == "email" and whose == owner and kind in _MAILBOXES
        )
        if found:
            return found[0][1]
    raise NoWay


def text_way(snapshot: Snapshot, controller_id: int) -> TextWay | None:
    """The account by whose API the controller's texts are sent; None where there is none."""
    numbers = [
        address
        for (channel, address), (owner, kind) in sorted(snapshot.senders.items())
        if channel == "sms" and owner == controller_id and kind == SenderKind.SENDER
    ]
    for (provider, endpoint), entry in sorted(snapshot.accounts.items(), key=lambda item: item[0]):
        options = entry.account.options
        if entry.controller_id != controller_id or provider not in GATEWAYS or way(options) != API:
            continue
        named = our_number(options["sender"]) if options.get("sender") else ""
        sender = named if named in numbers else next(iter(numbers), "")  # `+…` sorts before short codes and names
        if sender:
            return TextWay(provider, endpoint, sender)
    return None
