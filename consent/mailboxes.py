"""From which address of ours a controller writes to people."""

from consent.configuration import Snapshot
from consent.models.vocabulary import SenderKind

_FIRST = (SenderKind.SENDER, SenderKind.PRIVACY, SenderKind.OPT_OUT)


def writes_from(snapshot: Snapshot, controller_id: int) -> str | None:
    """The first address that a controller sends mail from, else that of a mailbox of its own; None without any."""
    found = sorted(
        (_FIRST.index(SenderKind(kind)), address)
        for (channel, address), (owner, kind) in snapshot.senders.items()
        if channel == "email" and owner == controller_id and kind in _FIRST
    )
    return found[0][1] if found else None
