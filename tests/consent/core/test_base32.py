"""Base32 of many at once is what Python's own says of them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import base32


@given(st.binary(max_size=400))
def test_it_is_the_standard_alphabet_in_lower_case(raw: bytes) -> None:
    whole = raw[: len(raw) // 5 * 5]
    assert base32.encode(whole) == base64.b32encode(whole).decode().lower()


@pytest.mark.parametrize("size", [1, 4, 36])
def test_what_would_need_padding_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="five"):
        base32.encode(bytes(size))
