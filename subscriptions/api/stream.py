"""`POST /v1/check/stream`: lines of JSON in, a line of JSON back for each, however many there are (docs/STREAM.md)."""

from collections.abc import Callable, Generator, Iterator, Sequence

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from consent import configuration, status
from subscriptions.api.auth import Caller
from subscriptions.api.check import still_valid, unknown
from subscriptions.api.hot import hot
from subscriptions.api.lasting import Place, Streaming
from subscriptions.api.many import ADDRESS, Question
from subscriptions.api.problems import Problem, problem_of
from subscriptions.api.query import CHANNELS, choice, require_known, text
from subscriptions.api.read_ahead import Idle, ReadAhead
from subscriptions.api.stream_lines import MAX_LINE_BYTES, Batch, Defaults, ended

AT_ONCE = 2_000  # lines
IDLE_SECONDS = 300
NDJSON = "application/x-ndjson"
_UTF8_MARK = b"\xef\xbb\xbf"
_TOO_LONG = b"x" * (MAX_LINE_BYTES + 1)  # in place of a line of which no more was kept


@hot("POST", "check")
def check_stream(request: HttpRequest, caller: Caller) -> StreamingHttpResponse:
    """Answer line by line. The first lines are answered as they come, more of them together."""
    require_known(request, "channel", "topic", "sender", "waits")
    defaults = Defaults(choice(request, "channel", CHANNELS), text(request, "topic"), text(request, "sender") or None)
    waits = choice(request, "waits", ("true", "false")) == "true"
    _require_known_topic(caller, defaults)
    return StreamingHttpResponse(
        Streaming(_Stream(request, caller, defaults, waits=waits).parts(), Place()),
        content_type=NDJSON,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _require_known_topic(caller: Caller, defaults: Defaults) -> None:
    """What every line would be refused for is refused at once."""
    channel, topic, sender = defaults
    try:
        if topic and channel:
            status.topic_rule(caller.snapshot, caller.controller_id, topic, channel)
            status.known_sender(caller.snapshot, caller.controller_id, channel, sender)
        elif topic and (caller.controller_id, topic) not in caller.snapshot.topics_by_slug:
            raise status.UnknownTopic(topic)
    except status.Unknown as error:
        raise unknown(error, Question(channel, topic, sender, ADDRESS)) from error


def _reader_of(request: HttpRequest) -> tuple[Callable[[int], bytes], bool]:
    """How the body is read, and whether its length was said. Django takes one without a length for an empty one."""
    if request.META.get("CONTENT_LENGTH"):
        return request.read, True
    read: Callable[[int], bytes] = request.META["wsgi.input"].read
    return read, False


class _Stream:
    """One stream: what was read of the line that is not yet whole, and how many lines were before it."""

    def __init__(self, request: HttpRequest, caller: Caller, defaults: Defaults, *, waits: bool) -> None:
        self._request = request
        self._caller = caller
        self._defaults = defaults
        self._waits = waits
        self._count = 0
        self._rest = b""
        self._is_too_long = False

    def parts(self) -> Generator[bytes, None, None]:
        """The answers, some at a time. What ends them before their time is told in a last line."""
        read, is_whole = _reader_of(self._request)
        ahead = ReadAhead(read, settings.SAYSO_STREAM_AHEAD_BYTES, is_whole=is_whole, waits=self._waits)
        try:
            yield from self._all(ahead)
        except Idle:
            yield ended(Problem(408, f"Nothing was sent for {IDLE_SECONDS} seconds."))
        except OSError:
            yield ended(Problem(507, "There is no room for what is sent ahead: read the answers while you send."))
        except Exception as error:
            yield ended(problem_of(error))
        finally:
            ahead.close()

    def _all(self, ahead: ReadAhead) -> Iterator[bytes]:
        while data := ahead.take(IDLE_SECONDS):
            for lines in self._lines(data):
                answers = self._answers(lines)
                ahead.answered(len(lines))
                yield answers
        if self._rest or self._is_too_long:
            yield self._answers([_TOO_LONG if self._is_too_long else self._rest])

    def _lines(self, data: bytes) -> Iterator[list[bytes]]:
        """Whole lines, some at a time."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if self._is_too_long and lines:
            self._is_too_long = False
            lines[0] = _TOO_LONG
        if len(self._rest) > MAX_LINE_BYTES:
            self._is_too_long, self._rest = True, b""
        for start in range(0, len(lines), AT_ONCE):
            yield lines[start : start + AT_ONCE]

    def _answers(self, lines: Sequence[bytes]) -> bytes:
        if self._count == 0:
            lines = [lines[0].removeprefix(_UTF8_MARK), *lines[1:]]
        batch = Batch(self._caller.controller_id, self._defaults, self._count + 1, timezone.now())
        self._count += len(lines)
        answers = batch.answers(lines)
        snapshot = batch.snapshot or configuration.recent()
        self._caller = still_valid(self._request, self._caller, snapshot)
        return answers
