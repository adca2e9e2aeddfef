"""The stream over a real server: answers come while the body is open, memory stays, and who hangs up frees it all."""

import json
from collections.abc import Iterator

from tests.instance import Instance, new_address, until
from tests.journeys.wire import OFFERS, Wire, most_memory

LINES = 100_000
MOST_BYTES = 60_000_000  # more than before, of a worker of the web


def parts(count: int, at_once: int = 500) -> Iterator[bytes]:
    for start in range(0, count, at_once):
        yield b"".join(b'"person%d@example.com"\n' % number for number in range(start, start + at_once))


def test_each_line_is_answered_while_the_next_is_not_yet_sent(running: Instance) -> None:
    refused = new_address()
    running.tell("email", refused, "opt_out", "*")
    wire = Wire(running)
    lines = wire.lines()
    for number in range(1, 21):
        wire.send(f'"{refused}"\n'.encode() if number % 2 else b"{broken\n")
        answer = next(lines)
        assert answer["line"] == number
        assert answer.get("allowed") is (False if number % 2 else None)
    wire.end()
    assert list(lines) == []
    wire.hang_up()


def test_who_waits_for_the_answers_of_some_lines_before_sending_more_says_so(running: Instance) -> None:
    wire = Wire(running, f"{OFFERS}&waits=true")
    lines = wire.lines()
    for count in (300, 1, 40):
        wire.send(b'"ann@example.com"\n' * count)
        assert all(next(lines)["allowed"] for _ in range(count))
    wire.end()
    assert list(lines) == []
    wire.hang_up()


def test_a_line_that_comes_in_pieces_is_one_line(running: Instance) -> None:
    wire = Wire(running)
    for byte in b'"ann@example.com"\n"bo@exam':
        wire.send(bytes([byte]))
    wire.send(b'ple.com"')
    wire.end()
    assert [line["address"] for line in wire.lines()] == ["ann@example.com", "bo@example.com"]
    wire.hang_up()


def test_many_lines_are_answered_in_their_order_and_need_no_memory(running: Instance) -> None:
    before = most_memory(running)
    wire = Wire(running)
    sender = wire.send_all(parts(LINES))
    count = 0
    for count, line in enumerate(wire.lines(), start=1):
        assert line["line"] == count
        assert line["allowed"] is True
    sender.join()
    assert count == LINES
    assert most_memory(running) - before < MOST_BYTES
    wire.hang_up()


def test_who_sends_everything_before_reading_gets_all_answers(running: Instance) -> None:
    answer = running.api.post(OFFERS, content=parts(50_000))
    assert answer.status_code == 200
    lines = answer.text.splitlines()
    assert len(lines) == 50_000
    assert json.loads(lines[-1])["line"] == 50_000
    assert running.api.post(OFFERS, content=b"").text == ""


def test_a_client_that_hangs_up_gives_its_place_back(running: Instance) -> None:
    wires: list[Wire] = []
    while not wires or wires[-1].status() == 200:
        assert len(wires) < 20
        wires.append(Wire(running))
        wires[-1].send(b'"ann@example.com"\n')
    assert wires[-1].status() == 429
    assert running.check("email", new_address(), "offers")["allowed"] is True, "a check finds a thread"
    for wire in wires:
        wire.hang_up()
    until(lambda: running.api.post(OFFERS, content=b'"ann@example.com"\n').status_code == 200)
