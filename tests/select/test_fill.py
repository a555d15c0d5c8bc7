from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attar.select import greedy_fill

costs = st.integers(0, 40).flatmap(lambda n: arrays(np.int64, n, elements=st.integers(0, 100)))


def plain(order, costs, budget):
    kept = []
    for unit in order:
        if sum(costs[i] for i in kept) + costs[unit] <= budget:
            kept.append(unit)
    return kept


@given(costs, st.integers(0, 500), st.randoms())
def test_equals_the_plain_rule(costs, budget, random):
    order = list(range(len(costs)))
    random.shuffle(order)
    assert greedy_fill(order, costs, budget).tolist() == plain(order, costs, budget)


def test_nothing_fits_and_nothing_is_there():
    assert greedy_fill([0, 1], [5, 6], 4).tolist() == []
    assert greedy_fill([], [], 4).tolist() == []
