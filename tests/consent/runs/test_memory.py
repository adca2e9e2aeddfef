"""However large a file is, its scrub holds a few parts of it at a time."""

import tracemalloc

import pytest

from consent.runs import scrub
from tests.consent.core.example import make_organisation
from tests.consent.runs.press import HEADER, make

ROWS, ROW_BYTES = 2_000, 10_000
MOST_BYTES = 12_000_000


@pytest.mark.django_db
def test_the_memory_of_a_scrub_is_a_fraction_of_its_file() -> None:
    # Rows without an address: what is measured is the way of the bytes.
    file = f"{HEADER}\n".encode() + f"Jane Roe,,,,,{'x' * ROW_BYTES}\n".encode() * ROWS
    assert len(file) > 1.5 * MOST_BYTES
    run = make(make_organisation(), file)
    del file
    tracemalloc.start()
    try:
        scrub.drain()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    run.refresh_from_db()
    assert (run.state, run.counts["denied"]) == ("ready", ROWS)
    assert peak < MOST_BYTES
