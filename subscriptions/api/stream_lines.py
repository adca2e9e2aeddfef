"""The lines of a stream: read one by one, asked about together, answered in their order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from consent import status
from consent.configuration import Snapshot
from subscriptions.api.check import unknown
from subscriptions.api.many import ADDRESS, HASH, Question, ask_many
from subscriptions.api.parsing import field_error, load_json
from subscriptions.api.problems import Problem, bad_field
from subscriptions.api.query import CHANNELS
from subscriptions.api.rows import json_of, tails_of

MAX_LINE_BYTES = 65_536


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line that is an object. `id` comes back with the answer; the others take the place of the query's."""

    address: Any = msgspec.UNSET
    hash: Any = msgspec.UNSET
    id: str | int | None = None
    channel: str = ""
    topic: str = ""
    sender: str | None = None


class Defaults(NamedTuple):
    """What the query says for every line."""

    channel: str
    topic: str
    sender: str | None


class _Item(NamedTuple):
    """A line that can be asked about. `head` is its answer up to the verdict."""

    place: int
    question: Question
    given: Any
    head: bytes


_text = msgspec.json.Decoder(str)


class Batch:
    """The answers to some lines, the first of which has the number `first`; empty ones have none."""

    def __init__(self, controller_id: int, defaults: Defaults, first: int, now: datetime) -> None:
        self._controller_id = controller_id
        self._defaults = defaults
        self._usual = Question(*defaults, ADDRESS)
        self._first = first
        self._now = now
        self._tail = b',"checked_at":' + json_of(now) + b"}\n"
        self.snapshot: Snapshot | None = None

    def answers(self, lines: Sequence[bytes]) -> bytes:
        """The answers in the order of the lines, each a line of JSON. Raises the database's errors."""
        answered = [b""] * len(lines)
        asked: dict[Question, list[_Item]] = {}
        for place, line in enumerate(map(bytes.strip, lines)):
            if line:
                try:
                    item = self._read(place, line)
                    asked.setdefault(item.question, []).append(item)
                except Problem as problem:
                    answered[place] = broken(self._first + place, problem)
        for question, items in asked.items():
            self._ask(question, items, answered)
        return b"".join(answered)

    def _read(self, place: int, line: bytes) -> _Item:
        if len(line) > MAX_LINE_BYTES:
            raise bad_field("", "too_long", f"a line has at most {MAX_LINE_BYTES} bytes")
        number = b'{"line":%d,' % (self._first + place)
        if line[:1] == b'"' and b"\\" not in line and self._usual.channel and self._usual.topic:
            # Most lines are a plain text, which is already the JSON that we answer with.
            try:
                return _Item(place, self._usual, _text.decode(line), number + b'"address":' + line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass
        told = _line_of(line)
        name = ADDRESS if told.hash is msgspec.UNSET else HASH
        given = told.address if name == ADDRESS else told.hash
        head = number + (b'"id":%b,' % json_of(told.id) if told.id is not None else b"")
        return _Item(place, self._question(told, name), given, head + b'"%b":%b' % (name.encode(), json_of(given)))

    def _question(self, told: Line, name: str) -> Question:
        channel, topic = told.channel or self._defaults.channel, told.topic or self._defaults.topic
        if not topic:
            raise bad_field("/topic", "missing", "neither the line nor the query names a topic")
        if channel not in CHANNELS:
            raise bad_field("/channel", "unknown_value", f"neither the line nor the query names one of {CHANNELS}")
        if name == HASH and channel == "post":
            raise bad_field("/hash", "not_for_post", "postal addresses are checked by address")
        return Question(channel, topic, told.sender or self._defaults.sender, name)

    def _ask(self, question: Question, items: Sequence[_Item], answered: list[bytes]) -> None:
        try:
            found = ask_many(self._controller_id, question, [item.given for item in items], self._now)
        except status.Unknown as error:
            problem = unknown(error, question)
            for item in items:
                answered[item.place] = broken(self._first + item.place, problem)
            return
        self.snapshot = found.snapshot
        plain, others = tails_of(found, self._now)
        for place, item in enumerate(items):
            answered[item.place] = item.head + others.get(place, plain) + self._tail


def _line_of(line: bytes) -> Line:
    value = load_json(line)
    if isinstance(value, str):
        return Line(address=value)
    try:
        told = msgspec.convert(value, Line)
    except msgspec.ValidationError as error:
        found = field_error(str(error))
        raise Problem(400, found["detail"], [found]) from error
    if (told.address is msgspec.UNSET) == (told.hash is msgspec.UNSET):
        raise bad_field("", "missing", "a line gives either an address or a hash")
    return told


def broken(number: int, problem: Problem) -> bytes:
    """The answer to a line that cannot be asked about."""
    return json_of({"line": number, "error": problem.errors[0]}) + b"\n"


def ended(problem: Problem) -> bytes:
    """The last line of a stream that ends before its time: what follows was not checked."""
    return json_of({"error": problem.body()}) + b"\n"
