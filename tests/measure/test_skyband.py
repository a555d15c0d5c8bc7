"""The skyband against trying weights on everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.measure.skyband import skyband

SCORE = st.sampled_from([0.0, 0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 2.0])
UNITS = st.lists(st.tuples(SCORE, SCORE, st.integers(0, 7)), max_size=40)


def best(units: np.ndarray, scores: np.ndarray, owners: np.ndarray, k: int) -> list[int]:
    """The k best documents by their best unit among some, ties in order of units."""
    order = units[np.argsort(-scores[units], kind="stable")]
    return list(dict.fromkeys(owners[order].tolist()))[:k]


@given(UNITS, st.integers(1, 4))
def test_no_weight_finds_anything_else(units: list[tuple[float, float, int]], k: int) -> None:
    first = np.array([u[0] for u in units], np.float32)
    second = np.array([u[1] for u in units], np.float32)
    owners = np.array([u[2] for u in units], np.int64)
    order = np.argsort(-first, kind="stable")
    kept = skyband(first, order, second, owners, k)
    assert (np.diff(kept) > 0).all()
    everything = np.arange(len(units))
    for weight in (0.0, 0.125, 0.5, 0.75, 1.0):
        scores = np.float32(weight) * first + np.float32(1 - weight) * second
        assert best(kept, scores, owners, k) == best(everything, scores, owners, k)


@pytest.mark.parametrize("units_a_document", [1, 5])
def test_of_many_it_leaves_few(units_a_document: int) -> None:
    n = 20_000
    first, second = np.random.default_rng(0).standard_normal((2, n)).astype(np.float32)
    owners = np.arange(n) // units_a_document
    order = np.argsort(-first, kind="stable")
    assert 10 <= len(skyband(first, order, second, owners, 10)) < 300
