"""The receipt of a scrub: proof of what was checked, when, and against all that was known up to which line."""

import hashlib
from typing import Any

import orjson

from consent.models import Scrub


def receipt_of(scrub: Scrub) -> dict[str, Any] | None:
    """The receipt; None until the scrub is ready.

    `receipt` is the SHA-256 of the other members, as JSON with sorted names."""
    if scrub.finished_at is None:
        return None
    members = {
        "scrub": scrub.pk,
        "channel": scrub.channel,
        "file_sha256": bytes(scrub.file_digest).hex(),
        "file_bytes": scrub.file_bytes,
        "result_sha256": bytes(scrub.result_digest or b"").hex(),
        "result_bytes": scrub.result_bytes,
        "rows": scrub.done_rows,
        "counts": scrub.counts,
        "position": position_of(scrub),
        "finished_at": scrub.finished_at,
    }
    return signed(members)


def position_of(scrub: Scrub) -> dict[str, Any]:
    """Up to where everything that was known had counted."""
    return {
        "ledger_line": scrub.ledger_seq,
        "configuration_version": scrub.configuration_version,
        "checked_at": scrub.checked_at,
    }


def signed(members: dict[str, Any]) -> dict[str, Any]:
    """The members with the digest over them."""
    written = orjson.dumps(members, option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS)
    return {**members, "receipt": hashlib.sha256(written).hexdigest()}


def added(counts: dict[str, Any], reasons: dict[str, int], allowed: int) -> dict[str, Any]:
    """Counts with those of more rows."""
    by_reason = dict(counts.get("by_reason", {}))
    for reason, count in reasons.items():
        by_reason[reason] = by_reason.get(reason, 0) + count
    denied = sum(reasons.values()) - allowed
    return {
        "allowed": counts.get("allowed", 0) + allowed,
        "denied": counts.get("denied", 0) + denied,
        "by_reason": by_reason,
    }
