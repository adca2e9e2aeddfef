"""Codes of six digits: made for one request, valid for ten minutes and five tries, used once, kept by nobody.

A code has a million values, and an address gets ten in a day at most (consent/access/limits.py): with five tries at
each, a guess succeeds once in 20,000 days.
"""

import hmac
import secrets
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from consent import db
from consent.normalise.keys import Key
from consent.token_keys import macs

DIGITS = 6
VALID = timedelta(minutes=10)
MOST_TRIES = 5
_PURPOSE, _MAC_BYTES = b"sayso.code", 32
_NONE = bytes(_MAC_BYTES)


class Address(NamedTuple):
    """What a code proves: somebody reads what a controller sends to this key. `inbound_id` is that of its request."""

    controller_id: int
    channel: str
    key: Key
    inbound_id: UUID


def new_code() -> str:
    """A code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def mac_of(request: UUID, code: str) -> bytes:
    """What is kept of a code: without the server's secret nobody can try the million."""
    return macs(_PURPOSE, request.bytes + code.encode(), _MAC_BYTES)[0]


def digits_of(written: str) -> str:
    """The digits of what was typed or pasted, `123 456` and `١٢٣٤٥٦` too; empty if these are not six."""
    found = [character for character in written[:100] if character.isdecimal()]
    return "".join(str(int(character)) for character in found) if len(found) == DIGITS else ""


# The try counts, and is committed, before anything is compared: many at once are counted one by one.
_TRY = """
UPDATE consent_accesscode SET tries = tries + 1
WHERE id = %s AND used_at IS NULL AND void_at IS NULL AND expires_at > %s AND tries < %s
RETURNING controller_id, channel, uuid_send(key), inbound_id, code_mac
"""
_USE = "UPDATE consent_accesscode SET used_at = %s WHERE id = %s AND used_at IS NULL AND void_at IS NULL RETURNING 1"


def try_code(request: UUID, written: str) -> Address | None:
    """The address that a code proves; None for a wrong, used, expired, void or unknown one, all in the same way."""
    now, code = timezone.now(), digits_of(written)
    rows = db.fetch(_TRY, [request, now, MOST_TRIES])
    controller_id, channel, key, inbound_id, mac = rows[0] if rows else (0, "", bytes(16), None, None)
    known = bytes(mac or _NONE)
    right = sum(hmac.compare_digest(known, one) for one in _macs(request, code))  # not `any`: each takes its time
    if not (right and mac and code) or not db.fetch(_USE, [now, request]):
        return None
    return Address(controller_id, channel, Key(bytes(key)), inbound_id)


def _macs(request: UUID, code: str) -> list[bytes]:
    return macs(_PURPOSE, request.bytes + code.encode(), _MAC_BYTES)
