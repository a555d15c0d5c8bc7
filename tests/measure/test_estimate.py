from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from attar.measure.estimate import Estimate


def test_the_interval_is_students():
    values = np.random.default_rng(0).normal(3, 2, 17)
    low, high = stats.t.interval(0.95, 16, values.mean(), stats.sem(values))
    found = Estimate.of(values)
    assert (found.mean, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert found.half == pytest.approx((high - low) / 2)


def test_pairs_are_surer_than_their_parts():
    rng = np.random.default_rng(1)
    hard = rng.normal(0, 5, 50)
    one, other = hard + rng.normal(0.5, 0.1, 50), hard + rng.normal(0, 0.1, 50)
    difference = Estimate.of_difference(one, other)
    assert 0.4 < difference.low < difference.high < 0.6
    assert Estimate.of(one).half > 10 * difference.half


def test_one_value_has_no_width():
    assert Estimate.of([2.0]) == Estimate(2.0, 2.0, 2.0)
    assert Estimate.of([2.0, 2.0]) == Estimate(2.0, 2.0, 2.0)
