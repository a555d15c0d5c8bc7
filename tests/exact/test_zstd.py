"""Frames are opened only at the size that was promised."""

from __future__ import annotations

import contextlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from attar.errors import DamagedPackError
from attar.exact import zstd


@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_frames_come_back_with_and_without_a_primer(data: bytes, known: bytes) -> None:
    assert zstd.decompress(zstd.compress(data), len(data)) == data
    primer = zstd.primer(known + data)
    if known + data:
        frame = zstd.compress(data, primer=primer)
        assert zstd.decompress(frame, len(data), zstd.primer(known + data)) == data


def test_a_frame_that_claims_more_is_refused_before_it_is_opened() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(200_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(DamagedPackError, match="wrong size"):
        zstd.decompress(bomb, 1000)


def test_a_frame_that_holds_more_than_it_claims_is_refused() -> None:
    bomb = zstd.compress(bytes(50_000_000))
    with pytest.raises(DamagedPackError):
        zstd.decompress(bomb, 1000)


@given(st.binary(max_size=200))
def test_any_bytes_are_opened_or_refused(data: bytes) -> None:
    with contextlib.suppress(DamagedPackError):
        zstd.decompress(data, 100)
