"""Why is this an address, and are these two the same? The answers of `manage.py explain_address`."""

from collections.abc import Mapping
from typing import Any

from consent.normalise.errors import InvalidAddress
from consent.normalise.form import Channel, normal_form
from consent.normalise.phone import normalise_phone
from consent.normalise.post import Address, compare
from consent.normalise.post_model import Verdict

CHANNELS: Mapping[str, Channel] = {"email": "email", "sms": "sms", "post": "post"}


def explain_address(item: Mapping[str, Any]) -> dict[str, Any]:
    """Answer {channel, address, region?} with {valid, normal, code}, and {channel, a, b, region?} with {same, a, b}.

    `allow_short` in an item lets a short code pass as an SMS number. Raise `KeyError` for a missing field and
    `ValueError` for one that cannot be read.
    """
    if item["channel"] not in CHANNELS:
        raise ValueError(f"channel: must be one of {', '.join(CHANNELS)}")
    if "a" in item or "b" in item:
        return _explain_pair(item)
    normal, code = _normal(item, item["address"])
    return {"valid": normal is not None, "normal": normal, "code": code}


def _explain_pair(item: Mapping[str, Any]) -> dict[str, Any]:
    first, second = _normal(item, item["a"])[0], _normal(item, item["b"])[0]
    if item["channel"] == "post":
        same: Verdict = compare(item["a"], item["b"], item.get("region") or "US")
    else:
        same = first == second if first is not None and second is not None else "review"
    return {"same": same, "a": first, "b": second}


def _normal(item: Mapping[str, Any], address: Address) -> tuple[str | None, str | None]:
    if not isinstance(address, str | Mapping):
        raise ValueError("address: must be text, or an object for post")
    channel, region = CHANNELS[item["channel"]], item.get("region") or None
    try:
        if channel == "sms" and isinstance(address, str) and item.get("allow_short"):
            return normalise_phone(address, region, allow_short=True), None
        return normal_form(channel, address, region), None
    except InvalidAddress as error:
        return None, error.code
