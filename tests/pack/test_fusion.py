"""Fusion against its formulas, and the top k against a full sort."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from attar.errors import UsageError
from attar.pack import fusion
from attar.pack.fusion import convex, min_max, reciprocal_rank, top

FLOATS = st.floats(-(2.0**100), 2.0**100, width=32)
SCORES = npst.arrays(np.float32, st.integers(0, 40), elements=FLOATS)


@given(SCORES)
def test_min_max_spans_zero_to_one(scores: np.ndarray) -> None:
    stretched = min_max(scores)
    assert stretched.dtype == np.float32
    assert stretched.shape == scores.shape
    if len(scores) and scores.min() < scores.max():
        assert stretched.min() == 0
        assert stretched.max() == 1
        assert (np.diff(stretched[np.argsort(scores)]) >= 0).all()
    else:
        assert not stretched.any()


def test_min_max_of_the_largest_floats() -> None:
    most = np.finfo(np.float32).max
    assert min_max(np.array([-most, 0, most], np.float32)).tolist() == [0, 0.5, 1]


def test_convex_is_the_weighted_sum() -> None:
    dense = np.array([1, 3, 2], np.float32)
    sparse = np.array([0, 0, 8], np.float32)
    assert convex(dense, sparse, 0.25).tolist() == [0, 0.25, 0.875]
    assert convex(dense, sparse, 1).tolist() == [0, 1, 0.5]


@given(SCORES, st.floats(0, 1), st.randoms(use_true_random=False))
def test_convex_is_its_formula_exactly(
    dense: np.ndarray, weight: float, chance: random.Random
) -> None:
    sparse = dense.copy()
    chance.shuffle(sparse)
    share = np.float32(weight)
    expected = share * min_max(dense) + (np.float32(1) - share) * min_max(sparse)
    np.testing.assert_array_equal(convex(dense, sparse, weight), expected)  # -0 equals 0


def test_convex_refuses_what_does_not_fit() -> None:
    one, two = np.zeros(1, np.float32), np.zeros(2, np.float32)
    with pytest.raises(UsageError, match="weight"):
        convex(one, one, 1.5)
    with pytest.raises(UsageError, match="pair"):
        convex(one, two)


def test_reciprocal_rank_is_the_sum_over_rankings() -> None:
    fused = reciprocal_rank([np.array([3, 2, 1], np.float32), np.array([1, 1, 2], np.float32)], 60)
    expected = [1 / 61 + 1 / 62, 1 / 62 + 1 / 63, 1 / 63 + 1 / 61]
    assert fused == pytest.approx(expected)


@given(npst.arrays(np.float32, st.integers(0, 40), elements=st.sampled_from([-np.inf, 0, 1, 2.5])))
def test_top_is_the_head_of_a_stable_sort(scores: np.ndarray) -> None:
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    order = [i for i in order if scores[i] > -np.inf]
    for k in (0, 1, 3, 100):
        assert top(scores, k).tolist() == order[:k]


@pytest.mark.parametrize("way", ["minmax", "zscore", "rrf"])
def test_every_fusion_lies_between_its_two_rankings(way: str) -> None:
    chance = np.random.default_rng(0)
    a, b = chance.standard_normal((2, 50)).astype(np.float32)
    for scores, weight in ((a, 1.0), (b, 0.0)):
        fused = fusion.fuse(a, b, way, weight)  # type: ignore[arg-type]
        assert np.array_equal(np.argsort(-fused, kind="stable"), np.argsort(-scores, kind="stable"))
    for wrong in (1.5, -0.1, float("nan")):
        with pytest.raises(UsageError, match="weight"):
            fusion.fuse(a, b, way, wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="pair up"):
        fusion.fuse(a, b[:3], way, 0.5)  # type: ignore[arg-type]


def test_z_scores_have_mean_0_and_deviation_1() -> None:
    scores = fusion.z_score(np.array([1, 2, 3, 1e30], np.float32))
    assert float(scores.mean()) == pytest.approx(0, abs=1e-6)
    assert float(scores.std()) == pytest.approx(1, abs=1e-6)
    assert not fusion.z_score(np.full(4, 7, np.float32)).any()
    assert fusion.z_score(np.zeros(0, np.float32)).shape == (0,)
    with pytest.raises(UsageError, match="no fusion 'best'"):
        fusion.fuse(scores, scores, "best", 0.5)  # type: ignore[arg-type]
