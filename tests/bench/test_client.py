import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.client import Answer, Load, request, whole
from bench.figures import BenchError

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
NO = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nlate"


@pytest.mark.parametrize(
    ("received", "answer"),
    [(OK, Answer(200, b"ok")), (NO, Answer(503, b"late")), (OK[:-1], None), (OK[:20], None), (b"", None)],
)
def test_whole(received: bytes, answer: Answer | None) -> None:
    assert whole(received) == answer


def test_whole_refuses_an_answer_of_unknown_length() -> None:
    with pytest.raises(BenchError, match="Content-Length"):
        whole(b"HTTP/1.1 200 OK\r\n\r\nok")


def test_request() -> None:
    assert request("POST", "/a", b"body", Content_Type="text/plain") == (
        b"POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nContent-Type: text/plain\r\n\r\nbody"
    )


@contextmanager
def serving(*answers: bytes) -> Iterator[int]:
    """A server of one connection that gives these answers, each in two pieces."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    connection.recv(65_536)
                    connection.sendall(answer[:30])
                    connection.sendall(answer[30:])

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_load_sends_every_request_it_is_given() -> None:
    with serving(OK, OK, OK) as port, Load(port, connections=1) as load:
        assert load.rate(iter([request("GET", "/")] * 3), 10) > 0


def test_load_refuses_to_count_refusals() -> None:
    with serving(OK, NO) as port, Load(port, connections=1) as load, pytest.raises(BenchError, match="503: late"):
        load.rate(iter([request("GET", "/")] * 2), 10)
