from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from attar.select import mmr


def plain(scores, features, costs, budget, weight, taken):
    """The formula, one unit at a time."""
    picked, there = [], list(taken)
    while True:
        left = budget - sum(costs[i] for i in picked)
        best, best_value = None, -np.inf
        for i in range(len(scores)):
            if i in there or costs[i] > left:
                continue
            nearest = max([0.0, *(float(features[i] @ features[j]) for j in there)])
            value = scores[i] - weight * nearest
            if value > best_value:
                best, best_value = i, value
        if best is None:
            return picked
        picked.append(best)
        there.append(best)


@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.floats(0, 3), st.booleans())
def test_equals_the_formula(seed, n, weight, as_sparse):
    rng = np.random.default_rng(seed)
    # Quarters are exact in floating point: no tie is decided by rounding.
    features = rng.integers(0, 3, (n, 4)) / 4
    scores = rng.integers(-4, 5, n) / 4
    costs = rng.integers(0, 9, n)
    weight = round(weight * 4) / 4
    taken = np.flatnonzero(rng.random(n) < 0.2)
    given_features = sparse.csr_array(features) if as_sparse else features
    found = mmr(scores, given_features, costs, 20, weight=weight, taken=taken)
    assert found.tolist() == plain(scores, features, costs, 20, weight, taken.tolist())


@pytest.mark.parametrize("as_sparse", [False, True])
def test_a_repetition_waits_for_something_new(as_sparse):
    features = np.array([[1.0, 0], [1, 0], [0, 1]])
    rows = sparse.csr_array(features) if as_sparse else features
    picked = mmr(np.array([3.0, 2.9, 2.5]), rows, np.ones(3), 2, weight=1.0)
    assert picked.tolist() == [0, 2]
