from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.select import novelty


def random_units(seed, n, d=4):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((n, d))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return rng.uniform(0.1, 1, n), features


@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(0, 12), st.floats(0, 1))
def test_equals_the_formula(seed, n, k, weight):
    relevance, features = random_units(seed, n)
    picked = novelty(relevance, features, k, weight=weight).tolist()
    assert len(picked) == len(set(picked)) == min(n, k)
    for i, best in enumerate(picked):
        gains = {
            j: relevance[j]
            * math.prod(
                (1 - min(max(float(features[j] @ features[p]), 0), 1)) ** weight for p in picked[:i]
            )
            for j in range(n)
            if j not in picked[:i]
        }
        assert gains[best] == pytest.approx(max(gains.values()), rel=1e-9, abs=1e-12)


def test_without_weight_it_is_the_order_of_relevance():
    relevance, features = random_units(0, 30)
    picked = novelty(relevance, features, 30, weight=0)
    assert picked.tolist() == np.argsort(-relevance, kind="stable").tolist()


def test_a_copy_waits_until_everything_else_is_picked():
    features = np.eye(4)[[0, 0, 0, 1, 2, 3]]
    relevance = np.array([1, 0.9, 0.8, 0.3, 0.2, 0.1])
    for weight in (0.01, 0.5, 1):
        assert novelty(relevance, features, 6, weight=weight).tolist() == [0, 3, 4, 5, 1, 2]


def test_rounding_makes_no_copy_new():
    rng = np.random.default_rng(0)
    row = rng.standard_normal((1, 384)).astype(np.float32)
    rows = np.concatenate([row, row, rng.standard_normal((1, 384)).astype(np.float32)])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[1] *= np.float32(1 - 2**-22)
    assert novelty(np.array([1, 0.9, 1e-9]), rows, 3, weight=0.01).tolist() == [0, 2, 1]


def test_units_without_features_and_of_no_relevance():
    assert novelty(np.zeros(3), np.zeros((3, 2)), 2, weight=1).tolist() == [0, 1]
    assert novelty(np.zeros(0), np.zeros((0, 2)), 2, weight=1).tolist() == []


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_its_logarithm_is_submodular(seed, weight):
    """What a unit adds to a set it adds at least to every part of that set."""
    relevance, features = random_units(seed, 5)
    cosines = np.clip(features @ features.T, 0, 0.999)

    def value(chosen):
        pairs = itertools.combinations(chosen, 2)
        return sum(math.log(relevance[i]) for i in chosen) + sum(
            weight * math.log(1 - cosines[i, j]) for i, j in pairs
        )

    sets = [set(c) for n in range(5) for c in itertools.combinations(range(4), n)]
    for small, large in itertools.product(sets, sets):
        if small <= large:
            added = [value(s | {4}) - value(s) for s in (small, large)]
            assert added[0] >= added[1] - 1e-9
