import numba
import numpy as np
import pytest

from attar.vectors.passing import lowest, passing, plain_passing


@numba.njit
def masked(sums, step, low, beside, at, bar, how):
    return passing(sums, step, low, beside, at, bar, how)


@pytest.mark.parametrize("how", [0, 1, 2])
def test_the_same_rows_pass_as_in_the_plain_loop(how):
    draw = np.random.default_rng(how)
    beside = draw.normal(size=192).astype(np.float32)
    for bar in (-np.inf, 0, 200, 65_535, np.inf):
        sums = draw.integers(0, 65_536, 64).astype(np.uint16)
        sums[:2] = 0, 65_535
        given = (sums, np.float32(0.013), np.float32(-3), beside, 64, np.float32(bar), how)
        assert masked(*given) == plain_passing(*given)


def test_a_row_that_equals_the_bar_does_not_pass():
    sums = np.full(64, 7, np.uint16)
    assert masked(sums, np.float32(1), np.float32(0), np.zeros(64, np.float32), 0, 7.0, 0) == 0


def test_the_lowest_bit():
    number = numba.njit(lambda bits: lowest(bits))
    assert [number(np.uint64(1) << np.uint64(i)) for i in range(64)] == list(range(64))
    assert number(np.uint64(0b101000)) == 3
    assert number(np.uint64(0)) == 64
