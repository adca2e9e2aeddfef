"""Reasons as one byte a row. New ones are added at the end: what is kept must stay what it says."""

from typing import NamedTuple

import numpy as np

from consent.packed import Answer
from consent.status import Verdict
from consent.tables.rendering import Codes

REASONS = (
    *("invalid_address", "opted_out", "held", "no_consent", "unconfirmed", "expired", "reconsent_needed"),
    *("hard_bounce", "complaint", "deceased", "minor", "listed", "paused", "granted", "opt_out_basis", "service"),
)
_ALLOWED = frozenset({"granted", "opt_out_basis", "service"})
ALLOWED = np.array([reason in _ALLOWED for reason in REASONS])
_CODES = {reason: code for code, reason in enumerate(REASONS)}
INVALID, HELD = _CODES["invalid_address"], _CODES["held"]
NEW = ("allowed", "reason", "checked_at")  # the columns of a result beside the file's own


class Said(NamedTuple):
    """What a byte says."""

    allowed: bool
    reason: str


def code_of(verdict: Verdict | Answer) -> int:
    """The byte of a verdict. Raise `ValueError` for one that would not be read back as what it is."""
    code = _CODES[verdict.reason]
    if verdict.allowed != bool(ALLOWED[code]):
        raise ValueError(f"{verdict.reason} is no reason to say {verdict.allowed}")
    return code


def said(code: int) -> Said:
    return Said(bool(ALLOWED[code]), REASONS[code])


def counts_of(codes: Codes) -> dict[str, int]:
    """How many rows there are of each reason."""
    counts = np.bincount(codes, minlength=len(REASONS)).tolist()
    return {reason: count for reason, count in zip(REASONS, counts, strict=True) if count}
