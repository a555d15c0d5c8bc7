"""Every way of sharing a budget, against trying out all there is."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.allocate import greedy, knapsack, uniform, water_filling
from attar.allocate.knapsack import lagrangian
from attar.errors import BudgetError, UsageError

WAYS = [uniform, greedy, knapsack, lagrangian]


@st.composite
def problems(draw):
    parts, levels = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    sizes = np.cumsum(rng.integers(0, 6, (parts, levels)), axis=1)
    losses = rng.standard_normal((parts, levels)).round(draw(st.integers(0, 6)))
    least = int(sizes[:, 0].sum())
    return sizes, losses, draw(st.integers(least, int(sizes[:, -1].sum()) + 2))


def sums(sizes, losses, levels):
    each = np.arange(len(sizes))
    return int(sizes[each, levels].sum()), float(losses[each, levels].sum())


def brute_force(sizes, losses, budget):
    every = itertools.product(range(sizes.shape[1]), repeat=len(sizes))
    totals = (sums(sizes, losses, list(levels)) for levels in every)
    return min(loss for size, loss in totals if size <= budget)


@given(problems())
def test_the_budget_is_met_and_the_knapsack_is_exact(problem):
    sizes, losses, budget = problem
    for way in WAYS:
        assert sums(sizes, losses, way(sizes, losses, budget))[0] <= budget
    found = sums(sizes, losses, knapsack(sizes, losses, budget))[1]
    assert found == pytest.approx(brute_force(sizes, losses, budget), abs=1e-9)


@given(st.integers(1, 5), st.integers(0, 99), st.integers(0, 20))
def test_greedy_is_exact_where_steps_are_even_and_gain_less_and_less(parts, seed, budget):
    rng = np.random.default_rng(seed)
    sizes = np.tile(np.arange(4), (parts, 1))
    losses = np.sort(rng.random((parts, 3)), axis=1)[:, ::-1]
    losses = -np.cumsum(np.concatenate([np.zeros((parts, 1)), losses], axis=1), axis=1)
    found = sums(sizes, losses, greedy(sizes, losses, budget))[1]
    assert found == pytest.approx(brute_force(sizes, losses, budget))


def test_a_large_budget_comes_near_the_exact_answer():
    rng = np.random.default_rng(0)
    sizes = np.cumsum(rng.integers(1, 4000, (60, 5)), axis=1)
    losses = -np.cumsum(rng.random((60, 5)), axis=1)
    budget = 300_000
    exact = sums(sizes, losses, knapsack(sizes, losses, budget))[1]
    near = lagrangian(sizes, losses, budget)
    assert sums(sizes, losses, near)[0] <= budget
    assert sums(sizes, losses, near)[1] <= exact + 0.3
    assert sums(sizes, losses, greedy(sizes, losses, budget))[1] <= exact + 0.3


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.floats(0.01, 60))
def test_water_filling_is_level(values, total):
    value = np.array(values)
    rates = water_filling(value, total)
    assert (rates >= 0).all()
    if (value > 1e-300).any():
        assert rates.sum() == pytest.approx(total)
        error = value * 4.0**-rates
        filled = error[rates > 0]
        np.testing.assert_allclose(filled, filled[0], rtol=1e-6)
        assert (value[rates == 0] <= filled[0] * (1 + 1e-6)).all()
    else:
        assert not rates.any()


@pytest.mark.parametrize("way", [uniform, greedy, knapsack])
def test_what_cannot_be(way):
    with pytest.raises(BudgetError) as caught:
        way([[3, 4], [2, 9]], [[1, 0], [1, 0]], 4)
    assert (caught.value.needed, caught.value.allowed) == (5, 4)
    for sizes, losses in [([1, 2], [1, 2]), ([[2, 1]], [[0, 0]]), ([[1.5]], [[0]])]:
        with pytest.raises(UsageError):
            way(sizes, losses, 9)
    with pytest.raises(UsageError, match="finite"):
        way([[1, 2]], [[0, np.nan]], 9)
    assert len(way(np.zeros((0, 3)), np.zeros((0, 3)), 0)) == 0
