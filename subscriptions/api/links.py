"""`POST /v1/links`: the links and headers that outgoing mail must carry."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse

from consent import status
from consent.addresses import contact, keys_of_hash, keys_of_many
from consent.configuration import TopicRule
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.tokens import campaign_word
from subscriptions.api.auth import Caller
from subscriptions.api.hot import hot, json_response
from subscriptions.api.parsing import read_body
from subscriptions.api.problems import bad_field
from subscriptions.links import Links, mailboxes, make_links

MAX_LINKS = 10_000
_MAX_CAMPAIGN = 200  # characters
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_Row = dict[str, Any]
_NONE: _Row = {**dict.fromkeys(Links.__annotations__), "headers": {}}


class LinksRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Links for one address, or for up to 10,000, by address or by hex SHA-256 of the normal form.

    One of many that cannot be read is a row with an `error`; the others get theirs. `campaign` is your own word for
    the mailing: it comes back with what its links said, as `campaign` in the answer has it.
    """

    channel: Literal["email"]
    topic: str
    address: str | None = None
    addresses: list[Any] | None = None  # what is no address is a row with an error, whatever it is
    hashes: list[Any] | None = None
    campaign: str = ""


@hot("POST", "links")
def links(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Make links and headers."""
    asked = read_body(request, LinksRequest)
    name, given = _given(asked)
    topic, campaign = _topic(caller, asked.topic), _campaign(asked.campaign)
    keys = [keys_of_hash("email", one) for one in given] if name == "hash" else keys_of_many("email", given)
    if asked.address is not None and not keys[0]:
        raise bad_field("/address", _why(asked.address), "no links for what is no address")
    rows = _rows(caller, topic, name, given, keys, campaign)
    made = sum(1 for key in keys if key)
    counts = {"made": made, "invalid": len(keys) - made}
    single = rows[0] if asked.address is not None else {}
    return json_response({**single, "campaign": campaign_word(campaign), "counts": counts, "results": rows})


def _given(asked: LinksRequest) -> tuple[str, Sequence[Any]]:
    ways = {"/address": asked.address, "/addresses": asked.addresses, "/hashes": asked.hashes}
    given = [pointer for pointer, value in ways.items() if value is not None]
    if len(given) != 1:
        raise bad_field("/address", "required", "give either address, addresses or hashes")
    [pointer] = given
    values = [asked.address] if asked.address is not None else asked.addresses or asked.hashes or []
    if len(values) > MAX_LINKS:
        raise bad_field(pointer, "too_many", f"at most {MAX_LINKS} at once", status=413)
    return "hash" if pointer == "/hashes" else "address", values


def _topic(caller: Caller, slug: str) -> TopicRule:
    try:
        return status.topic_rule(caller.snapshot, caller.controller_id, slug, "email")
    except status.UnknownTopic as error:
        raise bad_field("/topic", "unknown_topic", f"this controller has no topic {slug!r}") from error
    except status.NotCarried as error:
        raise bad_field("/topic", "not_carried", f"{slug!r} is not carried by email") from error


def _campaign(written: str) -> str:
    if len(written) > _MAX_CAMPAIGN or _CONTROL.search(written):
        raise bad_field("/campaign", "not_a_name", f"at most {_MAX_CAMPAIGN} characters, and none that control")
    return written


def _rows(
    caller: Caller, topic: TopicRule, name: str, given: Sequence[Any], keys: Sequence[tuple[Key, ...]], campaign: str
) -> list[_Row]:
    boxes = mailboxes(caller.snapshot, caller.controller_id)
    made = iter(make_links(topic, [key[0] for key in keys if key], boxes, campaign))
    return [
        {name: written, **next(made)} if key else {name: written, **_NONE, "error": _error(name, written)}
        for written, key in zip(given, keys, strict=True)
    ]


def _error(name: str, written: Any) -> str:
    return "not_a_digest" if name == "hash" else _why(written)


def _why(written: Any) -> str:
    try:
        contact("email", written)
    except InvalidAddress as error:
        return error.code
    raise RuntimeError("an address that can be read after all")
