"""Why was this message decided so? For `manage.py explain_mail`, with the very code of the pipeline."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec

from consent.classify.mail import classify_mail
from consent.classify.mail_decision import MailDecision
from consent.intake.mail import TooComplex, parse_mail


def explain_mail(item: Mapping[str, Any]) -> dict[str, Any]:
    """Decide about `{id, raw_b64}`. Raise `ValueError` where `raw_b64` is no base64, `KeyError` where it is missing.

    The answer: {id, email, post, addresses: [{text, name, household}], names, bounces: [{recipient, hard, status}],
    complaints: [recipient], automatic, token, row, version, language, suggestion}.
    """
    try:
        raw = base64.b64decode(item["raw_b64"], validate=True)
    except (binascii.Error, TypeError) as error:
        raise ValueError("raw_b64: not base64") from error
    return {"id": item.get("id"), **explain_raw(raw)}


def explain_raw(raw: bytes) -> dict[str, Any]:
    """Decide about the bytes of a message. What is too complex to read goes to a person."""
    try:
        decision = classify_mail(parse_mail(raw))
    except TooComplex as error:
        decision = MailDecision(
            row=f"too_complex.{error.limit.replace(' ', '_')}", version="", email="review", post="review"
        )
    plain = msgspec.json.decode(msgspec.json.encode(decision))  # lists, as JSON knows no tuples
    plain["addresses"] = [{part: found[part] for part in ("text", "name", "household")} for found in plain["addresses"]]
    return {**plain, "names": list(decision.names)}
