"""Tombstones come back, and damaged ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.errors import DamagedPackError
from attar.pack.deleted import decode_deleted, encode_deleted

PATH = Path("deleted.1")


@given(st.sets(st.integers(0, 10_000), max_size=200))
def test_they_come_back(numbers: set[int]) -> None:
    decoded = decode_deleted(PATH, encode_deleted(numbers), 10_001)
    assert decoded.tolist() == sorted(numbers)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_every_flipped_bit_is_found(at: int, bit: int) -> None:
    data = bytearray(encode_deleted({1, 5, 900}))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(DamagedPackError, match=r"deleted\.1"):
        decode_deleted(PATH, bytes(data), 1000)


@pytest.mark.parametrize("data", [b"", b"ATTARDEL", encode_deleted({1000})])
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedPackError):
        decode_deleted(PATH, data, 1000)
