"""The filter as a file: whole or refused, and never a wrong no."""

import os
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.filter.blocks import Blocks, contains, fill, halves_of, size_for
from consent.filter.file import NAME, Broken, Filter, read, write

KEYS = st.lists(st.binary(min_size=16, max_size=16), max_size=60)


def over(keys: list[bytes]) -> Blocks:
    return fill(size_for(len(keys)), [b"".join(keys)])


def made(keys: list[bytes]) -> Filter:
    return Filter(uuid4(), 77, over(keys), over(keys[:1]))


@given(KEYS)
def test_what_was_added_is_found(keys: list[bytes]) -> None:
    assert contains(over(keys), halves_of(b"".join(keys))).all()


def test_hardly_anything_else_is() -> None:
    count = 200_000
    blocks = over([os.urandom(16) for _ in range(count)])
    assert contains(blocks, halves_of(os.urandom(16 * count))).mean() < 0.001


def test_it_says_what_its_definition_says() -> None:
    """A key may be there if its block has the bit that each of eight multiples of its second word chooses."""
    blocks = over([os.urandom(16) for _ in range(3_000)])
    asked = halves_of(os.urandom(16 * 40_000))  # more than are looked at at once
    places = (asked[:, 0].astype(np.uint64) * np.uint64(len(blocks)) >> np.uint64(32)).tolist()
    salts = [0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31]
    said = [
        all(int(blocks[place, word]) >> (second * salt % 2**32 >> 27) & 1 for word, salt in enumerate(salts))
        for place, second in zip(places, asked[:, 1].tolist(), strict=True)
    ]
    assert contains(blocks, asked).tolist() == said


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    whole = made([os.urandom(16) for _ in range(1_000)])
    write(tmp_path / "new folder", whole)
    found = read(tmp_path / "new folder")
    assert (found.build, found.watermark) == (whole.build, 77)
    assert np.array_equal(found.denials, whole.denials)
    assert np.array_equal(found.grants, whole.grants)
    assert [path.name for path in (tmp_path / "new folder").iterdir()] == [NAME]


@pytest.mark.parametrize("size", [0, 10, 4096, 5000])
def test_a_cut_one_is_refused(tmp_path: Path, size: int) -> None:
    write(tmp_path, made([os.urandom(16) for _ in range(1_000)]))
    os.truncate(tmp_path / NAME, size)
    with pytest.raises((Broken, ValueError)):
        read(tmp_path)


@pytest.mark.parametrize("place", [0, 14, 20, 40, 56, 4096, -1])
def test_a_changed_one_is_refused(tmp_path: Path, place: int) -> None:
    write(tmp_path, made([os.urandom(16) for _ in range(1_000)]))
    content = bytearray((tmp_path / NAME).read_bytes())
    content[place] ^= 1
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(Broken):
        read(tmp_path)
