"""The rows of answers about many, written as JSON at once: most share one answer, and differ in their address."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from consent.configuration import Snapshot
from consent.quiet.hours import not_before_each
from consent.status import Verdict
from subscriptions.api.many import Answered

_BETWEEN = b'","'
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


class Tails(NamedTuple):
    """What follows the name of each: `plain` for all but those in `others`, by their places. No closing brace."""

    plain: bytes
    others: Mapping[int, bytes]


def answer(snapshot: Snapshot, verdict: Verdict) -> dict[str, Any]:
    """A verdict as the API gives it."""
    return {
        "allowed": verdict.allowed,
        "reason": verdict.reason,
        "scope": None if verdict.scope is None else snapshot.scope_name(verdict.scope, verdict.sender),
        "since": verdict.since,
        "evidence": verdict.evidence,
        "also": verdict.also,
    }


def tails_of(found: Answered, now: datetime, *, only_denied: bool = False) -> Tails:
    """The JSON of the answers; that of an allowed text tells until when it is quiet where its number is."""
    plain = _tail(found.snapshot, found.plain)
    others = _others(found)
    if found.numbers and not only_denied:
        for place, wait in _quiet(found, now):
            others[place] = others.get(place, plain) + wait
    return Tails(plain, others)


def _tail(snapshot: Snapshot, verdict: Verdict) -> bytes:
    return b"," + json_of(answer(snapshot, verdict))[1:-1]


def _others(found: Answered) -> dict[int, bytes]:
    """The tails of the others. Of those that share a verdict, all but since when and by which event is written once."""
    since = _texts_of([told.since for told in found.others.values()])
    whole: dict[int, bytes] = {}
    parts: dict[int, tuple[bytes, bytes]] = {}
    others = {}
    for (place, told), said in zip(found.others.items(), since, strict=True):
        verdict, number = told.verdict, id(told.verdict)
        if told.since is None:
            tail = whole.get(number) or whole.setdefault(number, _tail(found.snapshot, verdict))
        else:
            before, after = parts.get(number) or parts.setdefault(number, _parts(found.snapshot, verdict))
            evidence = b'"%b"' % told.evidence if told.evidence else b"null"
            tail = b'%b%b,"evidence":%b%b' % (before, said, evidence, after)
        others[place] = tail
    return others


def _parts(snapshot: Snapshot, verdict: Verdict) -> tuple[bytes, bytes]:
    """A tail up to since when, and from behind its evidence."""
    told = answer(snapshot, verdict)
    before = {name: told[name] for name in ("allowed", "reason", "scope")}
    return b"," + json_of(before)[1:-1] + b',"since":', b',"also":' + json_of(told["also"])


def _texts_of(moments: Sequence[datetime | None]) -> list[bytes]:
    """The JSON of each: those are plain texts without a comma."""
    return json_of(moments)[1:-1].split(b",") if moments else []


def _quiet(found: Answered, now: datetime) -> Iterable[tuple[int, bytes]]:
    """What allowed texts carry where it is quiet now, by their places."""
    allowed = {
        place: number
        for place, number in enumerate(found.numbers)
        if number and (found.others[place].verdict if place in found.others else found.plain).allowed
    }
    moments = zip(allowed, not_before_each(allowed.values(), now), strict=True)
    return ((place, b',"not_before":' + json_of(moment)) for place, moment in moments if moment is not None)


def write_rows(name: str, given: Sequence[Any], tails: Tails, wanted: Sequence[int] | None = None) -> bytes:
    """A JSON array of objects: what was asked under `name`, then its tail. `wanted`: the places of the rows, if few."""
    if wanted is not None:
        given = [given[place] for place in wanted]
        kept = {place: tails.others[at] for place, at in enumerate(wanted) if at in tails.others}
        tails = Tails(tails.plain, kept)
    if not given:
        return b"[]"
    texts, quote = _texts(given)
    head = b'{"%b":%b' % (name.encode(), quote)
    between = b"}," + head
    ends = [quote + tails.plain + between] * len(given)
    for place, tail in tails.others.items():
        ends[place] = quote + tail + between
    pieces = [b""] * (2 * len(given))
    pieces[0::2] = texts
    pieces[1::2] = ends
    return b"[" + head + b"".join(pieces)[: -len(between)] + b"}]"


def json_of(given: Any) -> bytes:
    """JSON; datetimes as RFC 3339 in UTC, UUIDs as text, and a number too large for orjson as well."""
    try:
        return orjson.dumps(given, option=_OPTIONS)
    except TypeError:
        return json.dumps(given, ensure_ascii=False).encode()


def _texts(given: Sequence[Any]) -> tuple[list[bytes], bytes]:
    """The JSON of each, and what is left out at both ends of each."""
    if set(map(type, given)) == {str}:
        whole = orjson.dumps(given)
        # Of texts without a quotation mark, these three characters stand between two of them, and nowhere else.
        if b'\\"' not in whole:
            return whole[2:-2].split(_BETWEEN), b'"'
    return [json_of(one) for one in given], b""
