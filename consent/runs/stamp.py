"""The stamp of a scrubbed run: proof of what was checked, when, and against all that was known up to which line."""

import hashlib
from typing import Any

import orjson

from consent.models import MailRun


def stamp_of(run: MailRun) -> dict[str, Any] | None:
    """The stamp; None until the run is scrubbed.

    `receipt` is the SHA-256 of the other members, as JSON with sorted names."""
    if run.scrubbed_at is None:
        return None
    stamp = {
        "run": run.pk,
        "checked_at": run.checked_at,
        "scrubbed_at": run.scrubbed_at,
        "ledger_line": run.ledger_seq,
        "configuration_version": run.configuration_version,
        "file_sha256": bytes(run.file_digest).hex(),
        "result_sha256": bytes(run.result_digest or b"").hex(),
        "counts": run.counts,
    }
    written = orjson.dumps(stamp, option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS)
    return {**stamp, "receipt": hashlib.sha256(written).hexdigest()}
