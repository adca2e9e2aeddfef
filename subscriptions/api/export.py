"""`GET /v1/suppressions` and `/v1/suppressions/export`: what is refused now, in pages or all at once (docs/FEED.md)."""

import csv
import io
import re
from collections.abc import Generator
from contextlib import ExitStack, closing
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from consent import exporting, vault
from consent.configuration import EVERYTHING, Scope, TopicRule
from consent.exporting import Export, Wanted
from consent.pseudonyms import normals_of, sha256_of
from consent.resolve import VALUE_PURPOSE
from consent.rules import CAUSES
from subscriptions.api import denials
from subscriptions.api.auth import Caller
from subscriptions.api.hot import hot, json_response
from subscriptions.api.lasting import Place, Streaming
from subscriptions.api.problems import bad_field, problem_of
from subscriptions.api.query import CHANNELS, choice, number, require_known, text

FORMATS = ("csv", "ndjson", "sha256")
PAGE, MOST = 1_000, 10_000
_COLUMNS = ("id", "channel", "address", "sha256", "scope", "reason", "cause", "sender", "since", "until")
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"\+[0-9]+")
_LINES = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


@hot("GET", "suppressions:read")
def listed(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Denials in pages. One that is replaced while you read may come again; none is left out."""
    require_known(request, "channel", "scope", "cursor", "limit", "with")
    wanted = Wanted(caller.controller_id, choice(request, "channel", CHANNELS))
    limit = number(request, "limit", PAGE, 1, MOST)
    rows = exporting.listed(wanted, number(request, "cursor", 0, 0, 2**62), limit + 1, _scope(request, caller))
    page = rows[:limit]
    results = list(_writer(request, caller).of(page))
    return json_response({"results": results, "next": str(page[-1][0]) if len(rows) > limit else None})


def _writer(request: HttpRequest, caller: Caller) -> denials.Writer:
    hashes = choice(request, "with", ("sha256",)) == "sha256"
    return denials.Writer(caller.controller_id, caller.snapshot, hashes=hashes)


def _scope(request: HttpRequest, caller: Caller) -> Scope | None:
    written = text(request, "scope")
    if not written:
        return None
    kind, _, slug = written.partition(":")
    if written == "everything":
        return EVERYTHING
    if kind == "controller" and slug in ("", caller.snapshot.controllers[caller.controller_id]):
        return Scope(caller.controller_id, None)
    topic = caller.snapshot.topics_by_slug.get((caller.controller_id, slug)) if kind == "topic" else None
    if topic is None:
        raise bad_field("/scope", "unknown_value", "everything, controller, or topic: and the slug of one of yours")
    return Scope(caller.controller_id, topic.id)


@hot("GET", "suppressions:read")
def export(request: HttpRequest, caller: Caller) -> StreamingHttpResponse:
    """Everything as of one position, from which the feed goes on."""
    require_known(request, "channel", "format", "topic", "with")
    written = choice(request, "format", FORMATS, "csv")
    channel = choice(request, "channel", CHANNELS)
    if written == "sha256" and channel not in ("email", "sms"):
        raise bad_field("/channel", "not_for_post", "a list of hashes is of one channel: email or sms")
    if written == "ndjson" and text(request, "topic"):
        raise bad_field("/topic", "unknown_member", "a copy is of all topics")
    topic = _topic(request, caller)
    causes = tuple(cause for cause, rule in CAUSES.items() if topic and topic.topic_class in rule.silences)
    wanted = Wanted(caller.controller_id, channel, topic.id if topic else 0, causes)
    with ExitStack() as undone:
        place = undone.enter_context(closing(Place()))
        taken = undone.enter_context(closing(Export(wanted)))
        parts, headers = _written(written, taken, _writer(request, caller), caller)
        undone.pop_all()  # from here on it is the answer that closes them
    return StreamingHttpResponse(Streaming(parts, taken, place), headers=headers)


def _topic(request: HttpRequest, caller: Caller) -> TopicRule | None:
    slug = text(request, "topic")
    topic = caller.snapshot.topics_by_slug.get((caller.controller_id, slug))
    if slug and topic is None:
        raise bad_field("/topic", "unknown_topic", f"this controller has no topic {slug!r}")
    return topic


Parts = Generator[bytes, None, None]


def _written(written: str, taken: Export, writer: denials.Writer, caller: Caller) -> tuple[Parts, dict[str, str]]:
    """The parts, and the headers that come before them."""
    kind, ending = _KINDS[written]
    headers = {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="suppressions.{ending}"',
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
        "X-Sayso-Position": taken.position,
    }
    if written == "ndjson":
        return _ndjson(taken, writer, caller), headers
    if written == "csv":
        return _csv(taken, writer, caller), headers | {"X-Sayso-Rows": str(taken.count())}
    named = taken.count_of_named()
    unnamed = str(taken.count_of_keys() - named)
    # By its length a client knows that something is missing: the server would end a broken answer like a whole one.
    return _hashes(taken), headers | {"Content-Length": str(named * _HASH_BYTES), "X-Sayso-Unnamed": unnamed}


_HASH_BYTES = 65  # a line
_KINDS = {
    "ndjson": ("application/x-ndjson", "ndjson"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "sha256": ("text/plain; charset=utf-8", "txt"),
}


def _ndjson(taken: Export, writer: denials.Writer, caller: Caller) -> Parts:
    """A head, the rows, and a last line without which it is not whole."""
    head: dict[str, Any] = {
        "position": taken.position,
        "as_of": timezone.now(),
        "held": denials.held(taken.held(caller.controller_id), caller.controller_id),
        "rules": denials.rules(caller.snapshot, caller.controller_id),
    }
    yield orjson.dumps(head, option=_LINES)
    count = 0
    try:
        for page in taken.everything():
            count += len(page)
            yield b"\n".join([*writer.written(page, taken.fetch), b""])
        yield orjson.dumps({"end": True, "rows": count}, option=_LINES)
    except Exception as error:
        yield orjson.dumps({"error": problem_of(error).body()}, option=_LINES)


def _csv(taken: Export, writer: denials.Writer, caller: Caller) -> Parts:
    yield _table([_COLUMNS])
    for page in taken.denials():
        normals = normals_of([bytes(row[2]) for row in page], taken.fetch)
        told = zip(page, writer.of(page, taken.fetch), strict=True)
        yield _table(_cells(one, normals.get(bytes(row[2])), caller) for row, one in told)


def _cells(told: dict[str, Any], normal: str | None, caller: Caller) -> list[str]:
    """A row's cells. The address itself is for those who may read people's."""
    address = normal if normal and "people:read" in caller.scopes else ""
    cells = {**told, "address": address, "sha256": sha256_of(normal) if normal else ""}
    return [_inert(cells[name]) for name in _COLUMNS]


def _inert(value: Any) -> str:
    """As a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    written = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_UTC_Z).decode().strip('"')
    return f"'{written}" if _FORMULA.match(written) and not _NUMBER.fullmatch(written) else written


def _table(rows: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _hashes(taken: Export) -> Parts:
    for page in taken.sealed_values():
        normals = (vault.unseal(VALUE_PURPOSE, sealed).decode() for [sealed] in page)
        yield "".join(f"{sha256_of(normal)}\n" for normal in normals).encode()
