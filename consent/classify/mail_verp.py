"""Variable envelope return paths: the recipient written into the address that bounces come to (VERP).

Anybody can write such an address, so it finds the recipient and proves nothing; an id of ours in the same place does
(consent/bounces/ids.py).
"""

import re
from collections.abc import Iterable
from typing import Final

BOUNCE_MAILBOXES: Final = re.compile(r"(?:[\w.-]{0,60}-)?(?:bounces?|return|returns|owner|verp|errors)", re.IGNORECASE)
"""Local parts to which bounces come: `bounces`, `garden-bounces`, `bounce`."""

VERP: Final = re.compile(r"([A-Za-z0-9_.!#$%&'*/?^`{|}~+-]{1,64})=([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")


def verp_addresses(recipients: Iterable[str]) -> tuple[str, ...]:
    """Find `user@example.org` in `bounces+user=example.org@ours` (also with `-` before the user), each once."""
    return tuple(dict.fromkeys(found for address in recipients if (found := _of(address[:400]))))


def _of(address: str) -> str:
    local = address.rpartition("@")[0]
    for sign in ("+", "-"):
        box, found, detail = local.partition(sign)
        if sign == "-":  # the mailbox's own name may hold it: `garden-bounces-user=example.org`
            box, found, detail = _after_mailbox(local)
        match = VERP.fullmatch(detail) if found and BOUNCE_MAILBOXES.fullmatch(box) else None
        if match:
            return f"{match[1]}@{match[2]}"
    return ""


def _after_mailbox(local: str) -> tuple[str, str, str]:
    place = re.match(r"(?:[\w.]{0,60}-){0,3}?(?:bounces?|returns?|verp|errors)-", local, re.IGNORECASE)
    return (local[: place.end() - 1], "-", local[place.end() :]) if place else (local, "", "")
