"""Long texts arrive in parts, each an inbound of its own, in any order: the last to come is read with all the others.

Each part denies from its own arrival on, so that waiting for the others costs nobody anything. What came earlier is
done once a later one is there; if a part comes late, the whole is read again with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from consent import db
from consent.decision import Arrived, Decision
from consent.inbox import fingerprint, open_envelope
from consent.intake.contract import Message

TOGETHER = timedelta(minutes=10)  # a gateway's reference is a small number: later it means another text
_MOST = 256  # the parts that a reference can number, and one


def thread_of(source: str, endpoint: str, message: Message) -> bytes | None:
    """What all parts of a long text have in common; None for a text that is whole."""
    if message.parts < 2 or not message.reference:
        return None
    names = (message.sender, message.recipient, message.reference, str(message.parts))
    return fingerprint(source, endpoint, *names)


class Part(NamedTuple):
    """One part that is there."""

    id: UUID
    message: Message


_SIBLINGS = """
    SELECT i.id, i.sealed_raw FROM consent_part p JOIN consent_inbound i ON i.id = p.inbound_id
    WHERE p.thread = %s AND i.received_at BETWEEN %s AND %s ORDER BY i.id LIMIT %s
"""


def joined(arrived: Arrived) -> Arrived | Decision:
    """The text with its other parts, or what becomes of a part that a later one is read with."""
    message = arrived.envelope.message
    thread = thread_of(arrived.source, arrived.endpoint, message) if message else None
    if message is None or thread is None:
        return arrived
    parts = _parts(thread, arrived)
    last = max(part.id for part in parts)
    if last != arrived.id:
        return Decision("part", f"part {message.part} of {message.parts}, read with {last}")
    whole = msgspec.structs.replace(message, text=text_of(part.message for part in parts))
    return arrived._replace(envelope=msgspec.structs.replace(arrived.envelope, message=whole))


def _parts(thread: bytes, arrived: Arrived) -> Sequence[Part]:
    around = (arrived.received_at - TOGETHER, arrived.received_at + TOGETHER)
    rows: Iterable[tuple[Any, ...]] = db.fetch(_SIBLINGS, [thread, *around, _MOST])
    opened = [(number, open_envelope(sealed).message) for number, sealed in rows if sealed is not None]
    return [Part(number, message) for number, message in opened if message is not None]


def text_of(messages: Iterable[Message]) -> str:
    """The parts that are there in their order; of one that was sent twice the later."""
    numbered: Mapping[int, str] = {message.part: message.text for message in messages}
    return "".join(numbered[number] for number in sorted(numbered))
