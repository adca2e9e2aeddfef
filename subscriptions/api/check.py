"""`POST /v1/check` and `/v1/check/bulk`: may we send?"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import status
from consent.addresses import Contact, contact
from consent.configuration import Snapshot
from consent.near import NOBODY, near_of, wanted
from consent.normalise.errors import InvalidAddress
from consent.replica.reading import reading
from consent.status import INVALID_ADDRESS, Verdict
from subscriptions.api.auth import Caller, authenticate, authenticate_quickly
from subscriptions.api.hot import hot, json_response
from subscriptions.api.many import Answered, Question, ask_many
from subscriptions.api.parsing import read_body
from subscriptions.api.problems import Problem, bad_field
from subscriptions.api.quiet_hours import add_not_before
from subscriptions.api.rows import answer, tails_of, write_rows

Channel = Literal["email", "sms", "post"]
MAX_ADDRESSES = 10_000
_CLOCK_TOLERANCE = timedelta(minutes=5)


class CheckRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `at` asks as of a past moment.

    `sender` is the number or short code of ours that would send: a STOP that is confined to another one then does not
    count. Without it every STOP counts.
    """

    channel: Channel
    address: str | dict[str, str]
    topic: str
    at: datetime | None = None
    sender: str | None = None


class BulkRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question about many, by address or by hex SHA-256 of the normal form. `sender` as for one."""

    channel: Channel
    topic: str
    addresses: list[Any] | None = None  # what is no address is a denied row, whatever it is
    hashes: list[Any] | None = None
    only: Literal["allowed", "denied"] | None = None
    sender: str | None = None


@hot("POST", "check", authenticate_quickly)
def check(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Answer for one address. An allowed text carries `not_before` when it is quiet now where its number is."""
    asked, now = read_body(request, CheckRequest), timezone.now()
    at = _moment(asked.at, now)
    try:
        address = contact(asked.channel, asked.address)
    except InvalidAddress:
        current = authenticate(request, "check")  # nothing is looked up whose answer would tell a newer version
        _require_known(current, asked)
        return json_response({"address": asked.address, **answer(current.snapshot, INVALID_ADDRESS), "checked_at": now})
    snapshot, verdict = _ask(request, caller, asked, address, at, now)
    answered = answer(snapshot, verdict)
    if asked.channel == "sms":
        add_not_before(answered, address.normal, at or now)
    return json_response({"address": asked.address, **answered, "checked_at": now})


def _ask(
    request: HttpRequest, caller: Caller, asked: CheckRequest, about: Contact, at: datetime | None, now: datetime
) -> tuple[Snapshot, Verdict]:
    try:
        snapshot, verdict = _ask_now(caller, asked, about, now) if at is None else _ask_of(caller, asked, about, at)
    except status.Unknown as error:
        raise unknown(error, asked) from error
    still_valid(request, caller, snapshot)
    return snapshot, verdict


def _ask_now(caller: Caller, asked: CheckRequest, about: Contact, now: datetime) -> tuple[Snapshot, Verdict]:
    with reading():
        near = wanted(near_of([about])) if asked.channel == "post" else ()
        snapshot, [verdict] = status.check_many(
            caller.controller_id, asked.topic, asked.channel, [about.asked], now, asked.sender, near
        )
    return snapshot, verdict


def _ask_of(caller: Caller, asked: CheckRequest, about: Contact, at: datetime) -> tuple[Snapshot, Verdict]:
    [near] = near_of([about], ever=True) if asked.channel == "post" else [NOBODY]
    return status.check_at(caller.controller_id, asked.topic, asked.channel, about.asked, at, asked.sender, near)


def _moment(at: datetime | None, now: datetime) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise bad_field("/at", "no_time_zone", "a time needs its offset, such as 2026-01-31T12:00:00Z")
    if at > now + _CLOCK_TOLERANCE:
        raise bad_field("/at", "in_future", "what will be said by then is not known")
    return at


def still_valid(request: HttpRequest, caller: Caller, snapshot: Snapshot) -> Caller:
    """The key was looked up in the configuration we knew; the answer came with a newer one: look again."""
    return caller if snapshot.version == caller.snapshot.version else authenticate(request, "check", snapshot)


def _require_known(caller: Caller, asked: CheckRequest) -> None:
    try:
        status.topic_rule(caller.snapshot, caller.controller_id, asked.topic, asked.channel)
        status.known_sender(caller.snapshot, caller.controller_id, asked.channel, asked.sender)
    except status.Unknown as error:
        raise unknown(error, asked) from error


def unknown(error: status.Unknown, asked: CheckRequest | BulkRequest | Question) -> Problem:
    """The problem of a question about what the configuration does not have."""
    if isinstance(error, status.UnknownTopic):
        return bad_field("/topic", "unknown_topic", f"this controller has no topic {asked.topic!r}")
    if isinstance(error, status.UnknownSender):
        return bad_field("/sender", "unknown_sender", f"this controller does not send {asked.channel} from there")
    return bad_field("/topic", "not_carried", f"{asked.topic!r} is not carried by {asked.channel}")


@hot("POST", "check", authenticate_quickly)
def check_bulk(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Answer for up to 10,000 addresses, in their order. One that cannot be read is a denied row."""
    asked, now = read_body(request, BulkRequest), timezone.now()
    name, given = _given(asked)
    try:
        found = ask_many(caller.controller_id, Question(asked.channel, asked.topic, asked.sender, name), given, now)
    except status.Unknown as error:
        raise unknown(error, asked) from error
    still_valid(request, caller, found.snapshot)
    tails = tails_of(found, now, only_denied=asked.only == "denied")
    rows = write_rows(name, given, tails, _wanted(found, len(given), asked.only))
    counts = _counts(found, len(given))
    return json_response({"checked_at": now, "counts": counts, "results": orjson.Fragment(rows)})


def _given(asked: BulkRequest) -> tuple[str, Sequence[Any]]:
    given = asked.addresses if asked.addresses is not None else asked.hashes
    if given is None or (asked.addresses is not None and asked.hashes is not None):
        raise bad_field("/addresses", "missing", "give either addresses or hashes")
    if asked.hashes is not None and asked.channel == "post":
        # One digest names a person or a home, and a denial of either must be found.
        raise bad_field("/hashes", "not_for_post", "postal addresses are checked by address")
    name = "address" if asked.addresses is not None else "hash"
    if len(given) > MAX_ADDRESSES:
        raise bad_field(f"/{name}es", "too_many", f"at most {MAX_ADDRESSES} at once", status=413)
    return name, given


def _counts(found: Answered, asked: int) -> dict[str, Any]:
    verdicts = [told.verdict for told in found.others.values()]
    by_reason = Counter(verdict.reason for verdict in verdicts)
    plain = asked - len(verdicts)
    if plain:
        by_reason[found.plain.reason] += plain
    allowed = sum(verdict.allowed for verdict in verdicts) + plain * found.plain.allowed
    return {"allowed": allowed, "denied": asked - allowed, "by_reason": by_reason}


def _wanted(found: Answered, asked: int, only: str | None) -> Sequence[int] | None:
    """The places of the rows to give; None for all."""
    if only is None:
        return None
    allowed, others = only == "allowed", found.others
    return [
        place
        for place in range(asked)
        if (others[place].verdict if place in others else found.plain).allowed == allowed
    ]
