"""The fast model and the plain one write the same bytes; what was written is read back."""

from __future__ import annotations

import os
import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.exact import mixing
from attar.exact.alphabet import Alphabet
from attar.exact.mixing_aside import Aside
from attar.exact.mixing_model import INPUTS, LINE, Model, fresh
from attar.exact.mixing_tables import tables
from attar.exact.mixing_vectors import dot, fetch, move
from attar.kernel import kernel
from tests.exact import plain_mixing as plain

PROSE = (
    b"Every context keeps a short history of the bits that followed it. Every history stands for a"
    b" probability, and a small network mixes the probabilities. Every Context, 1234 and 5678!\n"
)
BYTES = st.one_of(
    st.binary(max_size=120),
    st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass")),
    st.tuples(st.binary(min_size=1, max_size=9), st.integers(1, 40)).map(lambda p: p[0] * p[1]),
    st.integers(0, len(PROSE)).map(lambda n: PROSE[n:] + PROSE[:n]),
)
STARTS = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)), max_size=6).map(sorted)


PLAIN = Alphabet.plain().sizes
WORDS = Alphabet.of([PROSE * 8 + "zwölf Boxkämpfer jagen Viktor ".encode() * 9])


def flat(starts: list[tuple[int, int]]) -> np.ndarray:
    return np.array([256 * at + mark for at, mark in starts], dtype=np.int64)


def fast(bits: int, parts: list[bytes], starts: list[tuple[int, int]]) -> list[bytes]:
    """Each part coded after those before it; and decoded again."""
    text = np.frombuffer(b"".join(parts), dtype=np.uint8).copy()
    writer, reader = fresh(bits), fresh(bits)
    again = np.zeros_like(text)
    coded, at = [], 0
    for part in parts:
        end, size = at + len(part), len(part)
        coded.append(mixing.encode(writer, text[:end], at, size, flat(starts), PLAIN))
        if coded[-1]:
            stop = mixing.decode(reader, again, at, size, flat(starts), PLAIN, coded[-1])
            assert stop == end
        else:  # as it is; it must be learned all the same
            mixing.encode(reader, text[:end], at, size, flat(starts), PLAIN)
            again[at:end] = text[at:end]
        assert again[:end].tobytes() == text[:end].tobytes()
        at = end
    for mine, its in zip(writer, reader, strict=True):
        np.testing.assert_array_equal(mine, its)
    return coded


def test_the_tables_are_those_of_the_specification() -> None:
    made = tables()
    assert made.squash.tolist() == plain.SQUASH
    assert made.stretch.tolist() == plain.STRETCH
    assert made.rate.tolist() == plain.RATE
    assert len(plain.STATES) <= 256
    for i, state in enumerate(plain.STATES):
        for bit in (0, 1):
            assert made.next_state[256 * bit + i] == plain.NUMBER[plain.follow(state, bit)]
    # As the specification gives them.
    assert [zlib.crc32(t.astype("<i4").tobytes()) for t in made] == CHECKSUMS


CHECKSUMS = [1981583311, 3305989170, 1686048304, 2855487745, 1734766870]


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(BYTES, min_size=1, max_size=2), starts=STARTS, bits=st.integers(2, 9))
def test_as_the_plain_model(parts: list[bytes], starts: list[tuple[int, int]], bits: int) -> None:
    coded = fast(bits, parts, starts)
    model = plain.PlainModel(bits)
    for mine, part in zip(coded, parts, strict=False):
        assert mine == plain.run(model, part, len(part), starts)


def test_the_plain_model_reads_what_the_fast_one_wrote() -> None:
    data = PROSE * 3
    (coded,) = fast(8, [data], [(0, 1), (40, 2)])
    model = plain.PlainModel(8)
    assert plain.run(model, None, len(data), [(0, 1), (40, 2)], coded) == data


def test_words_as_in_the_plain_model() -> None:
    data = (PROSE + "zwölf Viktor boxt, Viktor jagt\n".encode()) * 2
    starts = [(0, 1), (96, 1), (len(data.decode()) - 31, 2)]
    cuts = [0, 96, len(data) - 32]
    spelled = WORDS.spell(data, cuts)
    assert len(spelled) < 0.6 * len(data)
    text = np.frombuffer(spelled, dtype=np.uint8).copy()
    coded = mixing.encode(fresh(8), text, 0, len(data), flat(starts), WORDS.sizes)
    alone, pairs = WORDS.free[: len(WORDS.free) // 5], WORDS.free[len(WORDS.free) // 5 :]
    codes = [bytes([a]) for a in alone] + [bytes([a, b]) for a in pairs for b in range(256)]
    words = dict(zip(codes, WORDS.words, strict=False))
    know = {"words": words, "alone": alone, "pairs": pairs}
    assert plain.run(plain.PlainModel(8), spelled, len(data), starts, **know) == coded
    again = plain.run(plain.PlainModel(8), None, len(data), starts, coded, **know)
    assert WORDS.read(again) == data


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(BYTES, max_size=5), starts=STARTS)
def test_what_was_coded_is_decoded(parts: list[bytes], starts: list[tuple[int, int]]) -> None:
    fast(10, parts, starts)


def test_noise_is_left_alone_and_repetition_vanishes() -> None:
    assert fast(10, [os.urandom(5000)], []) == [b""]
    assert fast(10, [b""], []) == [b""]
    assert 0 < len(fast(10, [b"ab" * 5000], [])[0]) < 50
    assert fast(10, [b"a"], []) == [b""]


@settings(max_examples=25, deadline=None)
@given(first=BYTES, blocks=st.lists(BYTES, max_size=3), bits=st.integers(2, 9))
def test_what_was_read_aside_is_forgotten(first: bytes, blocks: list[bytes], bits: int) -> None:
    before = np.frombuffer(first, dtype=np.uint8).copy()
    none = flat([])
    model, begin = fresh(bits), len(before)
    mixing.encode(model, before, 0, begin, none, PLAIN)
    kept = Model(*(array.copy() for array in model))
    aside = Aside(model)
    for block in [*blocks, *blocks]:
        text = np.concatenate([before, np.frombuffer(block, dtype=np.uint8)])
        with aside.reading(len(block)) as (one, journal):
            coded = mixing.encode(one, text, begin, len(block), none, PLAIN, journal)
        copy = Model(*(array.copy() for array in kept))
        assert coded == mixing.encode(copy, text, begin, len(block), none, PLAIN)
    for mine, was in zip(model, kept, strict=True):
        np.testing.assert_array_equal(mine, was)


@kernel()
def _mix(x: np.ndarray, weights: np.ndarray, row: int, error: int, most: int) -> int:
    fetch(weights.reshape(-1), row)
    total = dot(x, weights, row)
    move(x, weights, row, error, most)
    return total


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    row=st.integers(0, 2),
    error=st.integers(-(1 << 19), 1 << 19),
    most=st.integers(1, 1 << 18),
)
def test_mixers_as_vectors(seed: int, row: int, error: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-2047, 2048, INPUTS, dtype=np.int32)
    weights = rng.integers(-(1 << 18), 1 << 18, (3, INPUTS), dtype=np.int32)
    wide = weights.astype(np.int64)
    total = int((x * wide[row] >> 8).sum())
    wide[row] = np.clip(wide[row] + ((x.astype(np.int64) * error + (1 << 17)) >> 18), -most, most)
    assert _mix(x, weights, row, error, most) == total
    np.testing.assert_array_equal(weights, wide)


def test_buckets_lie_in_lines() -> None:
    model = fresh(4)
    assert model.slots.ctypes.data % LINE == model.curves.ctypes.data % LINE == 0


@settings(max_examples=60, deadline=None)
@given(coded=st.binary(max_size=60), size=st.integers(0, 2000), starts=STARTS)
def test_any_bytes_decode_to_something(
    coded: bytes, size: int, starts: list[tuple[int, int]]
) -> None:
    text = np.zeros(size + 8, dtype=np.uint8)
    for known in (PLAIN, WORDS.sizes):
        text[:] = 0
        assert mixing.decode(fresh(6), text[:-8], 0, size, flat(starts), known, coded) <= size
        assert not text[size:].any()
