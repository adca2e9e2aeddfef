"""The keys that a process beside makes are those that are made here, and nothing is lost when it dies."""

from collections.abc import Iterator

import pytest

from consent.normalise.keys import KeyMaker
from consent.scrubs.keying import Beside, Here, Wanted
from consent.tables.cells import cells_of

SECRET = bytes(range(32))
BLOCKS = [
    Wanted("email", "", cells_of([b"jane@example.org", b"nobody", b"a,b\n@example.org", "é@exämple.de".encode()])),
    Wanted("sms", "US", cells_of([b"(212) 555-0100", b"+442071838750", b""])),
    Wanted("email", "", cells_of([])),
    Wanted("sms", "US 1", cells_of([b"(212) 555-0100"])),  # no country, whatever stands there
    Wanted("sms", "US 1\n", cells_of([b"(212) 555-0100"])),
    Wanted("email", "", cells_of([f"p{number}@example.org".encode() for number in range(100_000)])),
]


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside(SECRET, KeyMaker(SECRET))
    yield made
    made.close()


def test_they_are_the_same(beside: Beside) -> None:
    here = Here(KeyMaker(SECRET))
    for wanted in BLOCKS:
        beside.send(wanted)
        here.send(wanted)
        assert beside.take() == here.take()


def test_one_that_dies_is_done_without(beside: Beside) -> None:
    here = Here(KeyMaker(SECRET))
    beside._process.kill()
    for wanted in BLOCKS:
        beside.send(wanted)
        here.send(wanted)
        assert beside.take() == here.take()
