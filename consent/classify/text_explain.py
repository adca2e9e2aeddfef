"""Why a text was decided so, for the command `explain_text`."""

from collections.abc import Mapping
from typing import Any

from consent.classify.text import classify_text


def explain_text(item: Mapping[str, Any]) -> dict[str, Any]:
    """Decide about {text, language?, reply_to_us?}. Raise `KeyError` without a text, `ValueError` for a wrong type."""
    text, language, reply = item["text"], item.get("language"), item.get("reply_to_us", False)
    if not isinstance(text, str):
        raise ValueError("text: not a string")
    if language is not None and not isinstance(language, str):
        raise ValueError("language: not a string")
    if not isinstance(reply, bool):
        raise ValueError("reply_to_us: not true or false")
    decision = classify_text(text, reply_to_us=reply, language=language)
    answer: dict[str, Any] = {
        "intent": decision.intent,
        "row": decision.row,
        "language": decision.language,
        "scope": decision.scope,
        "version": decision.version,
        "suggestion": decision.suggestion,
    }
    if decision.also:
        answer["also"] = [{"intent": part.intent, "row": part.row, "scope": part.scope} for part in decision.also]
    return answer
