"""However large a file is, its scrub holds a few blocks of it at a time."""

import tracemalloc

import pytest

from consent.scrubs import working
from consent.tables.cutting import MOST_LINE_BYTES, whole_blocks
from consent.tables.dialect import Dialect
from tests.consent.core.example import make_organisation
from tests.consent.scrubs.desk import hand_in

ROWS, ROW_BYTES = 8_000, 5_000
MOST_BYTES = 16_000_000
COMMAS = Dialect(",", "\n", "\n", 0, 0)


@pytest.mark.django_db
def test_the_memory_of_a_scrub_is_a_fraction_of_its_file() -> None:
    file = b"email,note\n" + f"jane@example.org,{'x' * ROW_BYTES}\n".encode() * ROWS
    assert len(file) > 2 * MOST_BYTES
    scrub = hand_in(make_organisation(), file)
    del file
    tracemalloc.start()
    try:
        working.drain()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    scrub.refresh_from_db()
    assert (scrub.state, scrub.counts["allowed"]) == ("ready", ROWS)
    assert peak < MOST_BYTES


def test_a_file_of_one_line_is_not_held_either() -> None:
    blocks = whole_blocks((b"x" * 1_000_000 for _ in range(40)), COMMAS, 1_000_000)
    sizes = [len(block) for block in blocks]
    assert sum(sizes) == 40_000_000
    assert max(sizes) <= MOST_LINE_BYTES
