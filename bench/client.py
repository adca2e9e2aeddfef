"""HTTP clients that cost little: prepared bytes out, and of the answer no more than its length is read.

The load shares the machine with what it measures, so both sides get the same client and it must not be the slower part:
one thread, epoll, some 15 µs a request.
"""

import re
import select
import socket
import time
from collections.abc import Iterator
from typing import NamedTuple

from bench.figures import BenchError

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
CONNECTIONS = 16
_CHUNK = 262_144
_TIMEOUT_SECONDS = 30.0


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request; `_` in a header's name stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = {"Host": HOST, "Content-Length": str(len(body)), **named}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=_TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def send(self, wanted: bytes) -> None:
        self._socket.sendall(wanted)

    def receive(self) -> Answer | None:
        """Read what is there, and return the answer once it is whole. Raise `BenchError` where the server hung up."""
        chunk = self._socket.recv(_CHUNK)
        if not chunk:
            raise BenchError("the server closed the connection")
        self._received = self._received + chunk if self._received else chunk
        answer = whole(self._received)
        if answer is not None:
            self._received = b""
        return answer

    def ask(self, wanted: bytes) -> Answer:
        """Send a request and wait for its answer."""
        self.send(wanted)
        while (answer := self.receive()) is None:
            pass
        return answer


def whole(received: bytes) -> Answer | None:
    """The answer in the bytes, or None while some of it is missing."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    length = _LENGTH.search(received, 0, end)
    if length is None:
        raise BenchError("an answer without Content-Length")
    size = end + 4 + int(length[1])
    return Answer(int(received[9:12]), received[end + 4 : size]) if len(received) >= size else None


class Load:
    """Connections with one request under way each, until the time or the requests are over."""

    def __init__(self, port: int, connections: int = CONNECTIONS) -> None:
        self._connections = {
            connection.fileno(): connection for connection in (Connection(port) for _ in range(connections))
        }

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections.values():
            connection.close()

    def rate(self, requests: Iterator[bytes], seconds: float) -> float:
        """Answers per second. Raise `BenchError` for any answer but a 2xx."""
        began = time.perf_counter()
        done = self._exchange(requests, began + seconds)
        return done / (time.perf_counter() - began)

    def _exchange(self, requests: Iterator[bytes], deadline: float) -> int:
        done = 0
        with select.epoll() as epoll:
            busy = sum(self._begin(epoll, connection, requests) for connection in self._connections.values())
            while busy:
                ready = epoll.poll(_TIMEOUT_SECONDS)
                if not ready:
                    raise BenchError(f"no answer within {_TIMEOUT_SECONDS:.0f} s")
                more = time.perf_counter() < deadline
                for number, _ in ready:
                    connection = self._connections[number]
                    if _finished(connection):
                        done += 1
                        busy -= not (more and _send_next(connection, requests))
        return done

    @staticmethod
    def _begin(epoll: select.epoll, connection: Connection, requests: Iterator[bytes]) -> bool:
        epoll.register(connection.fileno(), select.EPOLLIN)
        return _send_next(connection, requests)


def _send_next(connection: Connection, requests: Iterator[bytes]) -> bool:
    wanted = next(requests, None)
    if wanted is not None:
        connection.send(wanted)
    return wanted is not None


def _finished(connection: Connection) -> bool:
    answer = connection.receive()
    if answer is not None:
        require_success(answer)
    return answer is not None


def require_success(answer: Answer) -> None:
    """Raise `BenchError` for any answer but a 2xx: a figure made of refusals would mean nothing."""
    if not 200 <= answer.status < 300:
        raise BenchError(f"answered {answer.status}: {answer.body[:300].decode(errors='replace')}")
