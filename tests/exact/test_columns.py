"""Columns come back as they were, and forged ones are refused without large allocations."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.errors import DamagedPackError
from attar.exact.columns import decode_ints, decode_strings, encode_ints, encode_strings

INT64 = st.integers(-(2**63), 2**63 - 1)
NAMES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        st.integers(0, 10**6).map(lambda n: f"doc-{n}.txt"),
        st.integers(0, 10**6).map(lambda n: f"{n:05d}"),
    ),
    max_size=30,
)


@given(st.lists(INT64, max_size=50), st.integers(1, 60))
def test_numbers_come_back(values: list[int], repeat: int) -> None:
    encoded = encode_ints(values * repeat)
    decoded, end = decode_ints(b"before" + encoded + b"after", 6)
    assert decoded.tolist() == values * repeat
    assert end == 6 + len(encoded)


@given(NAMES, st.integers(1, 4))
def test_names_come_back(values: list[str], repeat: int) -> None:
    encoded = encode_strings(values * repeat)
    decoded, end = decode_strings(b"before" + encoded + b"after", 6)
    assert decoded == values * repeat
    assert end == 6 + len(encoded)


@pytest.mark.parametrize(
    "names",
    [
        ["007", "8"],
        ["a1b", "a2b", "a3"],
        ["1", "٢"],
        ["x1", "x"],
        ["aa1aa", "aa"],
        ["", "1"],
        ["1" * 30, "2" * 30],
    ],
)
def test_names_that_only_look_numbered_come_back(names: list[str]) -> None:
    assert decode_strings(encode_strings(names))[0] == names


def test_what_repeats_takes_next_to_nothing() -> None:
    assert len(encode_ints([7] * 4000)) < 40
    assert len(encode_ints(range(100_000))) < 1000
    assert len(encode_strings([f"doc-{i}" for i in range(4000)])) < 120
    assert len(encode_strings(["markdown"] * 4000)) < 120


def test_random_numbers_take_their_bits() -> None:
    values = np.random.default_rng(0).integers(0, 1 << 11, 10_000)
    assert len(encode_ints(values)) <= 10_000 * 11 // 8 + 40


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for decode in (decode_ints, decode_strings):
        with contextlib.suppress(DamagedPackError):
            decode(data)


@given(st.lists(INT64, min_size=1, max_size=40), st.data())
def test_a_changed_header_is_read_or_refused(values: list[int], data: st.DataObject) -> None:
    encoded = bytearray(encode_ints(values))
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(1, 255))
    try:
        decoded, _ = decode_ints(bytes(encoded))
    except DamagedPackError:
        return
    assert decoded.nbytes <= 8 * (8 * 16 * len(encoded) + 8 * 4096)
