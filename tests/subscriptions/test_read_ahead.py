"""What is read ahead comes out as it went in, needs little memory, and asks for no more than a client will send."""

import io
import queue
import secrets
import time
from collections.abc import Callable

import pytest

from subscriptions.api import read_ahead
from subscriptions.api.read_ahead import Idle, ReadAhead

MOST = 10_000_000


class Client:
    """A body as the server gives it: `read(n)` returns when n bytes are there, or the body ended."""

    def __init__(self) -> None:
        self._sent: queue.Queue[bytes] = queue.Queue()
        self._here = b""
        self._is_over = False

    def sends(self, data: bytes) -> None:
        self._sent.put(data)

    def ends(self) -> None:
        self._sent.put(b"")

    def read(self, size: int) -> bytes:
        while len(self._here) < size and not self._is_over:
            came = self._sent.get(timeout=30)
            self._is_over = not came
            self._here += came
        data, self._here = self._here[:size], self._here[size:]
        return data


def everything(ahead: ReadAhead) -> bytes:
    whole = b""
    while data := ahead.take(30):
        whole += data
    ahead.close()
    return whole


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_lies_in_memory_and_what_was_spilt_come_out_in_order(
    is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_ahead, "IN_MEMORY", 50_000)
    body = b"".join(b'"%d-%s"\n' % (number, secrets.token_bytes(9).hex().encode()) for number in range(30_000))
    ahead = ReadAhead(io.BytesIO(body).read, MOST, is_whole=is_whole)
    first = ahead.take(30)
    wait_until(lambda: ahead._store.size > 300_000)
    assert ahead._store._in_memory <= 50_000
    assert first + everything(ahead) == body


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_spilt_address_cannot_be_read_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "IN_MEMORY", 0)
    ahead = ReadAhead(io.BytesIO(b'"ann.lee@example.com"\n' * 1_000).read, MOST, is_whole=True)
    wait_until(lambda: ahead._is_over)
    ahead._store._file.seek(0)
    assert b"ann" not in ahead._store._file.read()
    assert everything(ahead).count(b"ann.lee@example.com") == 1_000


def test_who_waits_for_each_answer_is_never_asked_for_more_than_a_line() -> None:
    client = Client()
    ahead = ReadAhead(client.read, MOST)
    for number in range(50):
        client.sends(b'"person%d@example.com"\n' % number)
        assert ahead.take(30) == b'"person%d@example.com"\n' % number
        ahead.answered(1)
    client.ends()
    assert everything(ahead) == b""


def test_who_sends_a_few_ahead_and_waits_for_the_first_of_them_gets_it() -> None:
    client = Client()
    ahead = ReadAhead(client.read, MOST)
    answered = 0
    for number in range(400):
        client.sends(b'"p%d@example.com"\n' % number)
        while number - answered >= 9:
            lines = ahead.take(30).count(b"\n")
            ahead.answered(lines)
            answered += lines
    client.ends()
    assert everything(ahead).count(b"\n") == 400 - answered


def test_who_says_that_it_waits_may_wait_after_any_number_of_lines() -> None:
    client = Client()
    ahead = ReadAhead(client.read, MOST, waits=True)
    for count in (1, 300, 1, 40, 7):
        client.sends(b'"p@example.com"\n' * count)
        got = 0
        while got < count:
            lines = ahead.take(30).count(b"\n")
            ahead.answered(lines)
            got += lines
    client.ends()
    assert everything(ahead) == b""


def test_who_sends_on_without_waiting_is_soon_read_in_large_pieces() -> None:
    sizes: list[int] = []
    body = io.BytesIO(b'"p@example.com"\n' * 50_000)

    def read(size: int) -> bytes:
        sizes.append(size)
        return body.read(size)

    assert everything(ReadAhead(read, MOST)).count(b"\n") == 50_000
    assert max(sizes) > 1_000
    assert len(sizes) < 50_000


def test_beyond_the_limit_nothing_is_read_until_something_was_taken() -> None:
    read = 0

    def endless(size: int) -> bytes:
        nonlocal read
        read += size
        return b"\n" * size

    ahead = ReadAhead(endless, 300_000, is_whole=True)
    wait_until(lambda: read > 300_000)
    before = read
    assert before < 300_000 + 3 * read_ahead.MOST_AT_ONCE
    ahead.take(30)
    wait_until(lambda: read > before)
    ahead.close()


def test_who_sends_nothing_is_noticed() -> None:
    ahead = ReadAhead(Client().read, MOST)
    with pytest.raises(Idle):
        ahead.take(0.01)
    ahead.close()
