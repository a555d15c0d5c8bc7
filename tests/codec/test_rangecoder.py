"""The range coder against the same intervals in whole numbers without end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.codec import rangecoder


def tables(draw, count, alphabet):
    rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    weights = rng.random((count, alphabet)) ** draw(st.sampled_from([0, 1, 8, 40]))
    shares = 1 + np.floor(weights / weights.sum(1, keepdims=True) * (65_536 - alphabet))
    shares[:, draw(st.integers(0, alphabet - 1))] += 65_536 - shares.sum(1)
    return shares.astype(np.uint16)


@st.composite
def rows(draw):
    alphabet = draw(st.sampled_from([2, 4, 16, 256]))
    n, d = draw(st.integers(0, 4)), draw(st.integers(1, 40))
    frequencies = tables(draw, draw(st.sampled_from([1, d])), alphabet)
    rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    symbols = rng.integers(0, alphabet, (n, d)).astype(np.uint8)
    if draw(st.booleans()):  # mostly likely ones
        symbols[:] = np.where(rng.random((n, d)) < 0.9, frequencies.argmax(1), symbols)
    return symbols, frequencies


def encode(symbols, frequencies):
    n, d = symbols.shape
    out, lengths = np.zeros(n * rangecoder.most_bytes(d), np.uint8), np.zeros(n, np.int64)
    end = rangecoder.encode_rows(symbols, rangecoder.cumulative(frequencies), out, lengths)
    return out[:end], lengths


def decode(data, lengths, frequencies, d):
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    out = np.zeros((len(lengths), d), np.uint8)
    shares = rangecoder.cumulative(frequencies)
    return rangecoder.decode_rows(data, starts, shares, out), out


def encode_reference(row, frequencies):
    """The interval [low, low + size) over 2^bits, none of it ever cut off."""
    low, size, bits = 0, 1 << 56, 56
    for i, symbol in enumerate(row.tolist()):
        table = frequencies[i % len(frequencies)].astype(int)
        size >>= 16
        low += size * int(table[:symbol].sum())
        size *= int(table[symbol])
        while size < 1 << 48:
            low, size, bits = low << 8, size << 8, bits + 8
    for count in range(bits // 8 + 1):
        step = 1 << (bits - 8 * count)
        end = -(-low // step)
        if end * step < low + size:
            return end.to_bytes(count, "big").rstrip(b"\0")
    raise AssertionError


@given(rows())
def test_rows_are_those_of_the_reference_and_read_back(given):
    symbols, frequencies = given
    data, lengths = encode(symbols, frequencies)
    want = [encode_reference(row, frequencies) for row in symbols]
    assert lengths.tolist() == [len(w) for w in want]
    assert data.tobytes() == b"".join(want)
    damaged, back = decode(data, lengths, frequencies, symbols.shape[1])
    assert damaged == -1
    np.testing.assert_array_equal(back, symbols)


@given(rows())
def test_a_row_takes_its_information_and_at_most_a_byte_and_a_bit(given):
    symbols, frequencies = given
    _, lengths = encode(symbols, frequencies)
    which = np.arange(symbols.shape[1]) % len(frequencies)
    information = -np.log2(frequencies[which, symbols] / 65_536).sum(axis=1)
    assert (8 * lengths <= information + 9.01).all()
    assert (lengths <= rangecoder.most_bytes(symbols.shape[1])).all()


@given(rows(), st.binary(max_size=30))
def test_any_bytes_read_as_symbols_or_as_damage(given, data):
    _, frequencies = given
    lengths = np.array([len(data)])
    damaged, back = decode(np.frombuffer(data, np.uint8), lengths, frequencies, len(frequencies))
    assert damaged in (0, -1)
    assert back.max(initial=0) < frequencies.shape[1]


def test_carries_run_through_many_bytes():
    # The most likely symbol last: the interval hugs its upper end, and carries are long.
    frequencies = np.array([[1, 65_535]], np.uint16)
    for zeros in range(0, 300, 7):
        row = np.ones((1, 300), np.uint8)
        row[0, zeros] = 0
        data, lengths = encode(row, frequencies)
        assert data.tobytes() == encode_reference(row[0], frequencies)
        np.testing.assert_array_equal(decode(data, lengths, frequencies, 300)[1], row)


@pytest.mark.parametrize("bad", [[[0, 0]], [[1, 1]], [[65_535, 0]]])
def test_tables_that_cannot_be(bad):
    with pytest.raises(ValueError, match="frequencies"):
        rangecoder.cumulative(np.array(bad, np.uint16))
