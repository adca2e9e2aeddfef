"""A million lines through one stream, against the same addresses in bulk checks one after another."""

import http.client
import socket
import threading
import time
from collections.abc import Sequence

from bench import messages, suppressed
from bench.check_bulk import ADDRESSES
from bench.client import HOST, Connection, require_success
from bench.figures import Aim, BenchError, Figure, median
from bench.memory import most_megabytes
from bench.stack import FILTER, Stack
from consent.filter import building

LINES = 1_000_000
MOST_MEGABYTES = 100
FIRST_MILLISECONDS = 100.0
_FIRSTS = 15
_PATH = "/v1/check/stream?channel=email&topic=offers"


def measure(stack: Stack) -> Figure:
    """Lines per second, one in twenty suppressed."""
    suppressed.fill(stack)
    while building.keep_current(FILTER, building.place_of(FILTER)):
        pass
    batches = [suppressed.asked(ADDRESSES, start) for start in range(0, LINES, ADDRESSES)]
    first = median(_first_answer(stack) for _ in range(_FIRSTS))
    before = most_megabytes()
    lines = _stream(stack, [_chunk(batch) for batch in batches])
    grown = most_megabytes() - before
    bulk = _bulk(stack, batches)
    if grown > MOST_MEGABYTES or first > FIRST_MILLISECONDS:
        raise BenchError(f"{grown:.0f} MB more, the first answer after {first:.0f} ms")
    note = (
        f"{LINES:,} lines, 5 % suppressed, sent while the answers are read; against POST /v1/check/bulk of the same, "
        f"{ADDRESSES:,} at a time, on one connection. The first answer came after {first:.0f} ms (median of {_FIRSTS}, "
        f"limit {FIRST_MILLISECONDS:.0f}), while the body was open; the web's largest process grew by {grown:.0f} MB "
        f"(limit {MOST_MEGABYTES})."
    )
    return Figure("stream", lines, bulk, "lines/s", "higher", Aim("ratio", 0.5), note)


def _chunk(addresses: Sequence[str]) -> bytes:
    body = "".join(f'"{one}"\n' for one in addresses).encode()
    return b"%x\r\n%b\r\n" % (len(body), body)


def _head(stack: Stack) -> bytes:
    key = stack.values["SAYSO_API_KEY"]
    fields = f"Host: {HOST}\r\nAuthorization: Bearer {key}\r\nTransfer-Encoding: chunked"
    return f"POST {_PATH} HTTP/1.1\r\n{fields}\r\n\r\n".encode()


def _first_answer(stack: Stack) -> float:
    """Milliseconds from the first line to its answer, the body still open."""
    with socket.create_connection((HOST, stack.port), timeout=30) as wire:
        began = time.perf_counter()
        wire.sendall(_head(stack) + b'15\r\n"nobody@example.com"\n\r\n')
        received = b""
        while b'"allowed"' not in received:
            received += wire.recv(65_536)
        return (time.perf_counter() - began) * 1000


def _bulk(stack: Stack, batches: Sequence[Sequence[str]]) -> float:
    wanted = [messages.bulk(stack, list(batch)) for batch in batches]
    connection = Connection(stack.port)
    began = time.perf_counter()
    for one in wanted:
        require_success(connection.ask(one))
    seconds = time.perf_counter() - began
    connection.close()
    return LINES / seconds


def _stream(stack: Stack, chunks: Sequence[bytes]) -> float:
    with socket.create_connection((HOST, stack.port), timeout=60) as wire:
        began = time.perf_counter()
        wire.sendall(_head(stack))
        sender = threading.Thread(target=wire.sendall, args=(b"".join(chunks) + b"0\r\n\r\n",))
        sender.start()
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        count = allowed = 0
        while part := answer.read1(1 << 20):
            count += part.count(b"\n")
            allowed += part.count(b'"allowed":true')
        sender.join()
        seconds = time.perf_counter() - began
    # A part may end within the words, so that a few of them are not counted.
    if answer.status != 200 or count != LINES or not LINES * 0.94 < allowed <= LINES * 0.95:
        raise BenchError(f"answered {answer.status}: {count} lines, {allowed} allowed")
    return LINES / seconds
