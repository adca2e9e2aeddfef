"""Bounce ids: an opaque part of a message that names its recipient to us, and comes back with the report.

`controller (4 bytes) | key (16) | day (3) | MAC (12)` in base32, 56 letters and digits of one case: it survives a
program that changes case, and fits with `bounces+` into the 64 octets of a local part (RFC 5321 §4.5.3.1.1). The same
id serves as VERP recipient, in a header field X-Sayso-Id, as the left part of a Message-ID, and as ENVID (RFC 3461
§4.4).
"""

import base64
import hmac
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from consent import base32
from consent.classify.mail_token import BOUNCE_ID
from consent.normalise.keys import Key
from consent.token_keys import macs, signers

HEADER: Final = "X-Sayso-Id"
VALID: Final = timedelta(days=30)
"""A report comes within the five days for which a message is tried (RFC 5321 §4.5.4.1), or a few more; later it proves
nothing: whoever once got a message could keep its id."""

_PURPOSE: Final = b"sayso.bounce.v1"
_BODY: Final = struct.Struct(">I16s3s")
_MAC_BYTES: Final = 12
_CHARACTERS: Final = (_BODY.size + _MAC_BYTES) * 8 // 5
_LOCAL_PART: Final = 64
_AT_MOST: Final = 50


class BounceId(NamedTuple):
    """Whom a message was sent to, for which controller, and on which day."""

    controller_id: int
    key: Key
    day: date


def make_id(controller_id: int, key: Key, day: date) -> str:
    """Write an id, 56 characters of a–z and 2–7."""
    return make_ids(controller_id, [key], day)[0]


def make_ids(controller_id: int, keys: Sequence[Key], day: date) -> list[str]:
    """Write many ids of one controller and day, in order."""
    head, tail = controller_id.to_bytes(4, "big"), day.toordinal().to_bytes(3, "big")
    sign, begun = signers()[0], _PURPOSE + b"|" + head
    raw = b"".join([head + key + tail + sign(begun + key + tail)[:_MAC_BYTES] for key in keys])
    text = base32.encode(raw)
    return [text[at : at + _CHARACTERS] for at in range(0, len(text), _CHARACTERS)]


def read_id(text: str) -> BounceId | None:
    """Read an id, in whatever case. `None` unless one of our keys signed exactly this."""
    if not BOUNCE_ID.fullmatch(text):
        return None
    raw = base64.b32decode(text.upper())
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if not any(hmac.compare_digest(mac, own) for own in macs(_PURPOSE, body, _MAC_BYTES)):
        return None
    controller_id, key, day = _BODY.unpack(body)
    return BounceId(controller_id, Key(key), date.fromordinal(int.from_bytes(day, "big")))


def find_ids(text: str) -> Iterator[BounceId]:
    """The ids in a text, such as header fields or addresses."""
    for number, found in enumerate(BOUNCE_ID.finditer(text)):
        if number == _AT_MOST:
            return
        read = read_id(found[0])
        if read:
            yield read


def is_fresh(one: BounceId, now: datetime) -> bool:
    """Whether its message may still be on its way back."""
    return abs(now.astimezone(UTC).date() - one.day) <= VALID


def return_paths(mailbox: str | None, ids: Sequence[str]) -> Sequence[str | None]:
    """The envelope senders of messages with these ids (VERP), in order; `None` for each without a mailbox whose name
    leaves room for an id.
    """
    local, _, domain = (mailbox or "").rpartition("@")
    if not local or len(local) + 1 + _CHARACTERS > _LOCAL_PART:
        return [None] * len(ids)
    return [f"{local}+{one}@{domain}" for one in ids]
