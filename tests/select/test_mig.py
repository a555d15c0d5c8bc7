from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from attar.select import coarse_to_fine, information_gain


def rows(n: int, seed: int) -> np.ndarray:
    x = np.abs(np.random.default_rng(seed).standard_normal((n, 5)))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def plain(relevance, features, weight):
    gains = []
    for i in range(len(relevance)):
        others = [float(features[i] @ features[j]) for j in range(len(relevance)) if j != i]
        gains.append(relevance[i] - weight * max([0.0, *others]))
    return gains


@pytest.mark.parametrize("n", [0, 1, 2, 7, 600])
def test_the_gain_is_the_formula_dense_and_sparse(n):
    features = rows(n, n) if n else np.zeros((0, 5))
    relevance = np.random.default_rng(1).standard_normal(n)
    found = information_gain(relevance, features, 0.7)
    np.testing.assert_allclose(found, plain(relevance, features, 0.7))
    np.testing.assert_allclose(
        information_gain(relevance, sparse.csr_array(features), 0.7), found, atol=1e-12
    )


def test_two_that_say_the_same_both_lose():
    features = np.array([[1.0, 0], [1.0, 0], [0, 1.0]])
    assert information_gain(np.zeros(3), features).tolist() == [-1, -1, 0]


@given(st.integers(0, 30), st.integers(1, 5), st.integers(0, 60), st.integers(0, 99))
def test_it_stays_within_the_budget_and_picks_nothing_twice(n, groups, budget, seed):
    rng = np.random.default_rng(seed)
    costs = rng.integers(1, 9, n)
    taken = np.flatnonzero(rng.random(n) < 0.2)
    picked = coarse_to_fine(
        rng.standard_normal(n), rows(n, seed) if n else np.zeros((0, 5)),
        np.sort(rng.integers(0, groups, n)), costs, budget, taken=taken,
    )  # fmt: skip
    assert costs[picked].sum() <= budget
    assert len(set(picked.tolist())) == len(picked)
    assert not set(picked.tolist()) & set(taken.tolist())


def test_a_group_gets_its_share_and_no_more():
    # Four units of ten tokens in two groups; the second group is e times as likely.
    relevance = np.array([0.0, -1.0, 1.0, -1.0])
    features = np.eye(4)
    groups = np.array([0, 0, 1, 1])
    picked = coarse_to_fine(relevance, features, groups, np.full(4, 10), 27)
    # Shares are 27 / (1 + e) = 7.3 and 19.7 tokens.
    assert picked.tolist() == [2]
    picked = coarse_to_fine(relevance, features, groups, np.full(4, 10), 40)
    assert picked.tolist() == [2, 0, 3]
    sparser = coarse_to_fine(relevance, sparse.csr_array(features), groups, np.full(4, 10), 40)
    assert sparser.tolist() == [2, 0, 3]


def test_minus_infinity_is_never_picked_when_it_is_taken():
    relevance = np.array([-np.inf, 0.0])
    picked = coarse_to_fine(
        relevance, np.eye(2), np.array([0, 1]), np.ones(2, int), 9, taken=np.array([0])
    )
    assert picked.tolist() == [1]
