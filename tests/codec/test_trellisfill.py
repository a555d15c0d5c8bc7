"""Bits along closed paths: sizes, the path read back, and the distance from the bound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from attar.codec import PCA, Fitted, TrellisFill, Waterfill
from attar.codec.trellisfill import MOST, share
from attar.errors import DamagedPackError, UsageError


def rows(n: int = 300, d: int = 24, seed: int = 0, decay: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((n, d)) * np.exp(-decay * np.arange(d)) + 0.3).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70), st.floats(0.1, 8), st.integers(0, 3))
def test_a_row_takes_the_bytes_it_says_and_scores_are_those_of_what_it_decodes(d, bits, seed):
    x = rows(20, d, seed)
    recipe = TrellisFill(bits=bits, states=8)
    fitted = recipe.fit(x)
    codes = fitted.encode(x)
    assert codes.nbytes == len(x) * recipe.row_bytes(d)
    back = fitted.decode(codes)
    queries = rows(3, d, seed + 9)
    assert_allclose(fitted.score(queries, codes), queries @ back.T, atol=1e-4)
    assert_allclose(fitted.score(queries[:1], codes), queries[:1] @ back.T, atol=1e-4)
    assert_allclose(fitted.square_norms(codes), (back**2).sum(axis=1), rtol=1e-4, atol=1e-4)


@settings(max_examples=50)
@given(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-9, 1e3)), min_size=1, max_size=40),
    st.integers(8, 600),
)
def test_all_bits_are_shared_up_to_the_most_a_dimension_takes(value, total):
    value = np.array(value)
    rates = share(value, total)
    assert_allclose(rates.sum(), min(total, MOST * (value > 0).sum()))
    assert (rates[value == 0] == 0).all()
    order = np.argsort(value)
    assert (np.diff(rates[order]) >= -1e-9).all()


def test_a_gaussian_source_is_coded_close_to_its_bound():
    x = rows(600, 64, decay=0.03) - 0.3
    variance = np.exp(-0.06 * np.arange(64))
    rates = share(variance, 128)
    bound = (variance * 4.0**-rates).sum()
    fitted = TrellisFill(bits=2, states=10, tilt=0).fit(x)
    error = ((x - fitted.decode(fitted.encode(x))) ** 2).sum(axis=1).mean()
    scalar = Waterfill(bits=2, tilt=0).fit(x)
    error_of_scalar = ((x - scalar.decode(scalar.encode(x))) ** 2).sum(axis=1).mean()
    assert error < 1.35 * bound
    assert error < 0.85 * error_of_scalar


def test_the_path_found_is_the_best_of_all_rings():
    """Every ring of 8 bits tried: tail biting may miss the very best, but not by much."""
    x = rows(40, 4, decay=0.3)
    fitted = TrellisFill(bits=2, states=8, tilt=0).fit(x)
    one = fitted.encode(x[:1])
    everything = fitted.encoded({"codes": np.arange(256, dtype=np.uint8)[:, None]})
    values = fitted.decode(everything)
    best = ((x[:, None] - values[None]) ** 2).sum(axis=2).min(axis=1)
    got = ((x - fitted.decode(fitted.encode(x))) ** 2).sum(axis=1)
    assert len(one) == 1
    assert got.mean() < 1.25 * best.mean()


@pytest.mark.parametrize("x", [np.ones((5, 12)), np.zeros((1, 3)), np.full((2, 8), 1e15)])
def test_rows_that_do_not_vary_read_back_as_they_are(x):
    fitted = TrellisFill(bits=1, states=8).fit(x.astype(np.float32))
    codes = fitted.encode(x.astype(np.float32))
    assert_allclose(fitted.decode(codes), x, rtol=1e-6)
    assert fitted.score(x[0], codes).shape == (1, len(x))


def test_the_same_rows_give_the_same_bytes_whatever_their_neighbours(tmp_path):
    x = rows(300)
    fitted = (PCA(bits=8) >> TrellisFill(bits=1.5, states=9)).fit(x)
    whole = fitted.encode(x).arrays()
    alone = fitted.encode(x[7:8]).arrays()
    fitted.save(tmp_path / "codec")
    again = Fitted.load(tmp_path / "codec").encode(x).arrays()
    for name, array in whole.items():
        assert (array[7:8] == alone[name]).all()
        assert (array == again[name]).all()


def test_no_rows():
    fitted = TrellisFill(bits=1, states=8).fit(rows())
    codes = fitted.encode(np.zeros((0, 24), np.float32))
    assert fitted.decode(codes).shape == (0, 24)
    assert fitted.score(np.zeros(24), codes).shape == (1, 0)


def test_bits_that_no_row_has_room_for_are_damage():
    fitted = TrellisFill(bits=1, states=8).fit(rows())
    arrays = {k: v.copy() for k, v in fitted.state.arrays.items()}
    arrays["bits"][0] += 8
    broken = Fitted.from_parts(fitted.header(), arrays)
    with pytest.raises(DamagedPackError):
        broken.encode(rows(2))


@pytest.mark.parametrize(
    "wrong", [{"bits": 0}, {"bits": 9}, {"states": 7}, {"states": 17}, {"tilt": 9}]
)
def test_wrong_arguments(wrong):
    with pytest.raises(UsageError):
        TrellisFill(**wrong)


def test_axes_of_eight_bits_turn_as_those_of_sixteen():
    x = rows(500, 48)
    fine, coarse = PCA().fit(x), PCA(bits=8).fit(x)
    assert coarse.nbytes < 0.6 * fine.nbytes
    back = coarse.decode(coarse.encode(x))
    assert ((x - back) ** 2).sum() < 1e-3 * ((x - x.mean(axis=0)) ** 2).sum()
    lengths = coarse.square_norms(coarse.encode(x))
    assert_allclose(lengths, (back**2).sum(axis=1), rtol=2e-2)
    queries = rows(3, 48, seed=4)
    assert_allclose(coarse.score(queries, coarse.encode(x)), queries @ back.T, atol=1e-3)
    with pytest.raises(UsageError):
        PCA(bits=4)
