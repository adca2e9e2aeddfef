"""mbox: where a message begins and ends, in constant memory."""

import hashlib
import io
import mailbox
import tracemalloc
from email.message import EmailMessage
from pathlib import Path

from consent.ingest.files import Found, read_stream
from consent.ingest.stored import Stored
from tests.each import each

LIMIT = 10_000
SEPARATOR = b"From ann@example.com Tue Mar  3 10:00:00 2026\n"


def read(raw: bytes, limit: int = LIMIT) -> list[Stored]:
    found: list[Found] = list(read_stream(io.BytesIO(raw), "box", limit))
    assert all(isinstance(one, Stored) for one in found)
    return [one for one in found if isinstance(one, Stored)]


def message(number: int, text: str = "unsubscribe") -> bytes:
    return f"From: a{number}@example.com\nMessage-ID: <{number}@x>\n\n{text}\n".encode()


def test_a_file_without_a_from_line_is_one_message() -> None:
    raw = message(1, f"one\n\n{SEPARATOR.decode()}Subject: inside\n")
    assert [one.raw for one in read(raw)] == [raw]


def test_messages_are_cut_apart_and_their_digest_is_that_of_their_bytes() -> None:
    raw = b"".join(SEPARATOR + message(number) + b"\n" for number in range(3))
    found = read(raw)
    assert [one.raw for one in found] == [message(number) for number in range(3)]
    assert [one.digest for one in found] == [hashlib.sha256(message(number)).digest() for number in range(3)]
    assert [one.place for one in found] == [
        "box: message 1 at byte 0",
        f"box: message 2 at byte {len(raw) // 3}",
        f"box: message 3 at byte {2 * len(raw) // 3}",
    ]
    assert found[-1].end == len(raw)


def test_what_the_standard_library_writes(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        made = EmailMessage()
        made["From"] = f"a{number}@example.com"
        made.set_content("Hello\n\nFrom here on\nFrom me\n")
        box.add(made)
    box.close()
    found = read((tmp_path / "box").read_bytes())
    assert [b"\nFrom here on\nFrom me\n" in one.raw for one in found] == [True] * 3


def test_line_ends_of_another_system() -> None:
    raw = (SEPARATOR + message(1) + b"\n" + SEPARATOR + message(2)).replace(b"\n", b"\r\n")
    assert [one.raw for one in read(raw)] == [message(number).replace(b"\n", b"\r\n") for number in (1, 2)]


@each(
    "line",
    [
        "From Ann Lee",
        "From my house at 12 Oak Street",
        "From now on: nothing",
        "From: Ann",
        "From ann@example.com I hear that you moved",
        "From 1999 to 2026 I wrote at 10:30 or so",
    ],
)
def test_a_line_that_only_begins_with_the_word(line: str) -> None:
    raw = message(1, f"Hello\n\n{line}\nAddress: 12 Oak Street\n\nNO SNAIL MAIL")
    assert [one.raw for one in read(SEPARATOR + raw)] == [raw]


@each(
    "line",
    [
        b"From - Tue Mar  3 10:00:00 2026",
        b"From MAILER-DAEMON Tue Mar  3 10:00:00 2026",
        b"From ann@example.com Tue, 3 Mar 2026 10:00 +0100",
        b"From  Tue Mar  3 10:00:00 2026",
        b"From ann@example.com",
        b"From MAILER-DAEMON",
    ],
)
def test_a_line_that_programs_write(line: bytes) -> None:
    raw = line + b"\n" + message(1) + b"\n" + line + b"\n" + message(2)
    assert [one.raw for one in read(raw)] == [message(1), message(2)]


def test_a_message_that_broke_off_does_not_swallow_the_next() -> None:
    assert [one.raw for one in read(SEPARATOR + message(1) + SEPARATOR + message(2))] == [message(1), message(2)]


def test_quoted_lines_lose_one_mark() -> None:
    [found] = read(SEPARATOR + message(1, ">From me\n>>From you\n> From them"))
    assert found.raw == message(1, "From me\n>From you\n> From them")


def test_a_large_message_is_cut_and_its_neighbours_are_whole() -> None:
    large = message(2, "x" * 300_000 + "\n" + "y\n" * 50_000)
    found = read(SEPARATOR + message(1) + b"\n" + SEPARATOR + large + b"\n" + SEPARATOR + message(3))
    assert [(len(one.raw), one.cut) for one in found] == [
        (len(message(1)), False),
        (LIMIT, True),
        (len(message(3)), False),
    ]
    assert found[1].digest == hashlib.sha256(large).digest()


def test_a_line_without_an_end_that_goes_on_like_a_separator() -> None:
    raw = message(1, "x" * 65_536 * 2 + SEPARATOR.decode() + "Subject: x")
    assert len(read(SEPARATOR + raw)) == 1


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "box"
    with path.open("wb") as opened:
        for number in range(2_000):
            opened.write(SEPARATOR + message(number, "words " * 2_000) + b"\n")
    tracemalloc.start()
    with path.open("rb") as reading:
        count = sum(1 for _ in read_stream(reading, "box", LIMIT))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2_000
    assert path.stat().st_size > 20_000_000
    assert peak < 1_000_000


def test_an_empty_file_is_an_mbox_without_messages() -> None:
    assert read(b"") == []
